"""The page that asks what the columns of a table are: from an unknown CSV to evidence, and back."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from reviews.models import Engagement
from telemetry import reading, services
from telemetry.models import ColumnMapping, Upload
from telemetry.parsers.base import Parser
from telemetry.tables.mapping import parse_mappings
from tests.cast import Cast, make_mapping, make_table

URL = "/engagements/HB-1/evidence/"
HTMX = {"HX-Request": "true"}
Sent = list[tuple[str, Any]]
BILL = b"Service;Cost;Customer\nRDS;1.234,56;Acme\nS3;12,5;Beta\nTotal;1.247,06;\n"
CHOICES = {"target": "invoice", "shown": "invoice", "c0": "service", "c1": "amount", "currency": "EUR"}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def send(browser: Browser, content: bytes = BILL, name: str = "bill.csv") -> Upload:
    """A file, sent and read."""
    browser.post(f"{URL}add/", {"files": [SimpleUploadedFile(name, content)]})
    upload = Upload.objects.order_by("-pk")[0]
    services.parse_upload(upload.pk)
    upload.refresh_from_db()
    return upload


def save(browser: Browser, upload: Upload, **changes: str) -> Any:
    return browser.post(f"{URL}{upload.pk}/mapping/save/", CHOICES | changes)


def test_an_unknown_table_asks_and_the_judging_does_not_wait(browser: Browser, sent: Sent, cast: Cast) -> None:
    upload = send(browser)
    assert (upload.state, upload.format) == ("asks", "")
    assert upload.finished_at
    page = browser.get(URL).content.decode()
    assert "A table with 3 columns that nothing recognises" in page
    assert f"{URL}{upload.pk}/mapping/" in page
    assert "1 needs an answer" in page


def test_the_page_suggests_and_shows_the_first_rows_redacted(browser: Browser, sent: Sent) -> None:
    page = browser.get(f"{URL}{send(browser).pk}/mapping/").content.decode()
    assert '<option value="invoice" selected>' in page
    assert '<option value="service" selected>' in page
    assert "1.234,56" in page
    assert "Acme" not in page
    assert "Of the first 3 rows, 2 would be read and 1 not" in page
    assert "sums up other rows" in page


def test_confirming_reads_this_file_and_every_other_that_waited_for_it(
    browser: Browser, sent: Sent, cast: Cast
) -> None:
    first, second = send(browser), send(browser, BILL + b"EC2;5,5;Gamma\n", "other.csv")
    other = send(browser, b"foo,bar\nx,y\nz,w\n", "foo.csv")
    sent.clear()
    assert save(browser, first).status_code == 302
    assert sorted(sent) == [("read_upload", first.pk), ("read_upload", second.pk)]
    services.parse_upload(first.pk)
    first.refresh_from_db()
    assert (first.state, first.format, first.coverage["totals"]["billed"]) == ("done", "billing", 1_247.06)
    assert first.evidence.filter(kind="ops.cost", subject="RDS", line=2, attrs={"currency": "EUR"}).exists()
    assert "Acme" not in repr(list(first.evidence.values()))
    page = browser.get(URL).content.decode()
    assert "Read with the mapping of" in page
    assert "by ann" in page
    other.refresh_from_db()
    assert other.state == "asks"


def test_the_next_file_with_these_columns_is_read_by_itself_also_in_another_engagement(
    browser: Browser, sent: Sent, cast: Cast
) -> None:
    save(browser, send(browser))
    later = send(browser, b"SERVICE,cost,Customer\nEC2,5.5,Gamma\n", "later.csv")
    assert (later.state, later.format) == ("done", "billing")
    assert later.coverage["notes"][0].startswith("Read with the mapping of ")
    theirs = make_table(Engagement.objects.get(code="OT-1"), BILL.decode(), state=Upload.State.RECEIVED)
    services.parse_upload(theirs.pk)
    theirs.refresh_from_db()
    assert theirs.state == "asks"  # another client's


def test_what_is_wrong_stands_next_to_its_field_and_nothing_is_kept(browser: Browser, sent: Sent) -> None:
    upload = send(browser)
    sent.clear()
    answer = save(browser, upload, c1="", currency="euro")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "No column is given for: amount." in page
    assert "at most 3 characters" in page
    answer = save(browser, upload, c2="service")
    assert "Another column is this already" in answer.content.decode()
    assert save(browser, upload, c0="nonsense").status_code == 422
    assert save(browser, upload, target="nonsense").status_code == 422
    assert (ColumnMapping.objects.count(), sent) == (0, [])


def test_a_preview_follows_the_choices_and_keeps_nothing(browser: Browser, sent: Sent) -> None:
    upload = send(browser)
    url = f"{URL}{upload.pk}/mapping/preview/"
    fragment = browser.post(url, CHOICES, headers=HTMX).content.decode()
    assert fragment.lstrip().startswith('<div id="mapping">')
    assert "<strong>RDS</strong>" in fragment
    turned = browser.post(url, CHOICES | {"target": "tenants"}, headers=HTMX).content.decode()
    assert 'value="tenants" selected' in turned
    assert 'value="tenant" selected' in turned  # the column Customer, suggested anew for what was chosen
    page = browser.post(url, CHOICES)
    assert "What are these columns?" in page.content.decode()
    assert ColumnMapping.objects.count() == 0


def test_days_that_may_be_months_are_asked(browser: Browser, sent: Sent) -> None:
    upload = send(browser, b"Start,End,Service\n03/04/2026,04/04/2026,checkout\n05/06/2026,05/06/2026,search\n")
    page = browser.get(f"{URL}{upload.pk}/mapping/").content.decode()
    assert "Does 03/04/2026 begin with the day or with the month?" in page
    answer = save(browser, upload, target="incidents", shown="incidents", c0="started", c1="", c2="component")
    assert answer.status_code == 422
    ColumnMapping.objects.all().delete()
    save(browser, upload, target="incidents", shown="incidents", c0="started:dmy", c1="resolved:dmy", c2="component")
    services.parse_upload(upload.pk)
    assert upload.evidence.get(subject="line 2").metrics["duration_s"] == 86_400


def test_a_mapping_can_be_changed_downloaded_and_forgotten(browser: Browser, sent: Sent, cast: Cast) -> None:
    upload = send(browser)
    save(browser, upload)
    services.parse_upload(upload.pk)
    page = browser.get(f"{URL}{upload.pk}/mapping/").content.decode()
    assert "This table is read with the mapping of" in page
    toml = browser.get(f"{URL}{upload.pk}/mapping.toml").content.decode()
    (mapping,) = parse_mappings(toml)
    assert mapping.columns == {"Service": "service", "Cost": "amount"}
    save(browser, upload, currency="USD")
    assert ColumnMapping.objects.get().currency == "USD"
    services.parse_upload(upload.pk)
    browser.post(f"{URL}{upload.pk}/mapping/forget/")
    services.parse_upload(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, ColumnMapping.objects.count(), upload.evidence.count()) == ("asks", 0, 0)
    assert browser.get(f"{URL}{upload.pk}/mapping.toml").status_code == 404


def test_a_file_whose_bytes_are_gone_says_so(browser: Browser, sent: Sent, cast: Cast) -> None:
    upload = make_table(cast.engagement)
    make_mapping(cast.engagement, upload, cast.ann)
    Path(upload.content.path).unlink()
    for answer in (
        browser.get(f"{URL}{upload.pk}/mapping/", follow=True),
        browser.post(f"{URL}{upload.pk}/mapping/save/", CHOICES, follow=True),
    ):
        assert "no longer there" in answer.content.decode()


def test_a_file_that_asks_nothing_has_no_such_page(browser: Browser, sent: Sent) -> None:
    upload = send(browser, b"# Server\r\nredis_version:7.2.4\r\nuptime_in_seconds:5\r\nused_memory:100\r\n", "info.txt")
    assert browser.get(f"{URL}{upload.pk}/mapping/").status_code == 404


def test_several_parsers_are_shown_to_choose_from(
    browser: Browser, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (parser for parser in reading.PARSERS if parser.id in ("redis-info", "redis-config"))
    monkeypatch.setattr(reading, "the_parser", claimed_by(one, two))
    upload = send(browser, b"# Server\r\nredis_version:7.2.4\r\nuptime_in_seconds:5\r\nused_memory:100\r\n", "info.txt")
    assert upload.state == "asks"
    page = browser.get(URL).content.decode()
    assert one.title in page
    assert two.title in page
    assert browser.post(f"{URL}{upload.pk}/format/", {"format": "postgres-log"}, follow=True).status_code == 200
    upload.refresh_from_db()
    assert (upload.state, upload.chosen_format) == ("asks", "")
    browser.post(f"{URL}{upload.pk}/format/", {"format": "redis-info"})
    services.parse_upload(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.format) == ("done", "redis-info")


def claimed_by(*parsers: Parser) -> Any:
    """`the_parser` of a file that all of these claim."""
    real, forced = reading.the_parser, [*parsers]

    def the_parser(head: Any, _: Any, chosen: str = "") -> Parser:
        every = [Parser(**{**vars(parser), "sniff": lambda _: True}) for parser in forced]
        return real(head, every, chosen)

    return the_parser


def test_ten_thousand_columns_and_a_heading_of_code(browser: Browser, sent: Sent) -> None:
    wide = send(browser, (",".join(f"c{at}" for at in range(10_000)) + "\n").encode() * 3, "wide.csv")
    assert wide.state == "failed"
    evil = send(browser, b'<script>x</script>,{{ 7|add:7 }},,"=1+1"\n' + b"a,5,b,c\n" * 3, "evil.csv")
    page = browser.get(f"{URL}{evil.pk}/mapping/").content.decode()
    assert "<script>x" not in page
    assert "{{ 7|add:7 }}" in page
    assert "column 3" in page


def test_the_portal_and_a_published_document_see_none_of_it(browser: Browser, sent: Sent, cast: Cast) -> None:
    from reviews.report.context import build

    send(browser)
    (row,) = build(cast.engagement, published_only=True)["coverage"]
    assert "Customer" not in repr(row)
    assert row["error"] == "What this file holds is not settled yet."
    client = Browser()
    client.force_login(cast.cleo)
    assert "bill.csv" not in client.get("/portal/HB-1/").content.decode()


def test_the_currency_that_a_heading_names_is_offered_and_small_letters_are_taken(browser: Browser, cast: Cast) -> None:
    upload = make_table(cast.engagement, "Dienst,kosten_eur\nRDS,5\n")
    sent = {"target": "invoice", "shown": "invoice", "c0": "service", "c1": "amount", "currency": ""}
    url = f"/engagements/HB-1/evidence/{upload.pk}/mapping"
    assert "The column says EUR." in browser.post(f"{url}/preview/", sent).content.decode()
    browser.post(f"{url}/save/", sent | {"currency": "eur"})
    assert ColumnMapping.objects.get().currency == "EUR"
