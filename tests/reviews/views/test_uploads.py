"""Receiving files, one refusal a file; and the evidence page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from reviews.views.uploads import PATIENCE, in_order, is_judging
from telemetry.models import Upload
from tests.cast import Cast, make_upload

URL = "/engagements/HB-1/evidence/"
MOST = 18
HTMX = {"HX-Request": "true"}
Sent = list[tuple[str, Any]]


def file(name: str, content: bytes = b"words") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_several_files_at_once_are_taken_and_sent_to_the_worker(browser: Browser, sent: Sent) -> None:
    answer = browser.post(f"{URL}add/", {"files": [file("a.log", b"a"), file("b.log", b"b")]}, headers=HTMX)
    assert answer.content.decode().count("Waiting for its turn") == 2
    assert answer["HX-Trigger"] == '{"evidence-changed": {}}'
    assert sorted(sent) == sorted(("read_upload", pk) for pk in Upload.objects.values_list("pk", flat=True))


def test_the_same_file_twice_is_one_upload(browser: Browser, sent: Sent) -> None:
    for _ in range(2):
        browser.post(f"{URL}add/", {"files": [file("a.log")]})
    assert (Upload.objects.count(), len(sent)) == (1, 1)


def test_an_empty_post_says_what_to_do(browser: Browser, sent: Sent) -> None:
    answer = browser.post(f"{URL}add/", {}, headers=HTMX)
    assert "No file was sent. Choose one or more files first." in answer.content.decode()
    page = browser.post(f"{URL}add/", {}, follow=True).content.decode()
    assert "No file was sent." in page


def test_too_large_says_the_limit_and_keeps_the_others(browser: Browser, sent: Sent, settings: Any) -> None:
    settings.LOADLINE_MAX_UPLOAD_MB = 1
    large = file("large.log", b"x" * (1024 * 1024 + 1))
    page = browser.post(f"{URL}add/", {"files": [large, file("small.log")]}, headers=HTMX).content.decode()
    assert 'role="alert"' in page
    assert "large.log" in page
    assert list(Upload.objects.values_list("file_name", flat=True)) == ["small.log"]


def test_a_name_is_data(browser: Browser, sent: Sent) -> None:
    page = browser.post(f"{URL}add/", {"files": [file("<script>{{ x }}.log")]}, headers=HTMX).content.decode()
    assert "<script>" not in page
    assert "{{ x }}.log" in page


def test_a_row_asks_again_only_while_it_is_read(browser: Browser, cast: Cast) -> None:
    upload = make_upload(cast.engagement, state="reading", finished_at=None)
    url = f"{URL}{upload.pk}/row/"
    assert 'hx-trigger="every 1s"' in browser.get(url).content.decode()
    Upload.objects.update(state="done")
    assert "hx-trigger" not in browser.get(url).content.decode()


def test_an_opened_archive_makes_its_members_appear(browser: Browser, cast: Cast) -> None:
    upload = make_upload(cast.engagement, format="archive", coverage={"members": 2})
    assert browser.get(f"{URL}{upload.pk}/row/")["HX-Trigger"] == '{"archive-opened": {}}'


def test_what_needs_a_look_stands_first(cast: Cast) -> None:
    for number, state in enumerate(("done", "failed", "received", "reading")):
        make_upload(cast.engagement, file_name=state, sha256=str(number) * 64, state=state, error="It is empty.")
    assert [row.file_name for row in in_order(cast.engagement)] == ["reading", "received", "failed", "done"]


@pytest.mark.parametrize(
    ("finished", "analysed", "judging"),
    [
        (timedelta(seconds=5), None, True),
        (timedelta(seconds=5), timedelta(seconds=9), True),
        (timedelta(seconds=5), timedelta(seconds=2), False),
        (PATIENCE + timedelta(seconds=1), None, False),
    ],
)
def test_the_page_waits_for_the_judging_but_not_for_ever(
    finished: timedelta, analysed: timedelta | None, judging: bool, cast: Cast
) -> None:
    now = timezone.now()
    cast.engagement.analysed_at = None if analysed is None else now - analysed
    upload = make_upload(cast.engagement, finished_at=now - finished)
    assert is_judging(cast.engagement, [upload]) is judging


def test_totals_fold_behind_the_first(browser: Browser, cast: Cast) -> None:
    totals = {"queries": 2175, "query_ms": 339583.2, "errors": 2, "plans": 647, "binds": 981}
    make_upload(cast.engagement, coverage={"format": "postgres-log", "records": 4429, "rejected": 0, "totals": totals})
    page = browser.get(URL).content.decode()
    first, folded = page.split('<details class="ll-more ll-more--small">')[:2]
    assert "2,175" in first
    assert "981" not in first
    assert "981" in folded


def test_queries_do_not_grow_with_the_files(cast: Cast, browser: Browser, price: Callable[[Browser, str], int]) -> None:
    make_upload(cast.engagement)
    before = price(browser, URL)
    for number in range(10):
        make_upload(cast.engagement, file_name=f"{number}.log", sha256=str(number) * 64)
    assert price(browser, URL) == before <= MOST
