"""Receiving files, one refusal a file; and the evidence page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from reviews.file_list import ROWS, in_order
from reviews.templatetags.reviews import period
from reviews.views.uploads import PATIENCE, is_judging
from telemetry.models import Upload
from tests.cast import Cast, make_upload

URL = "/engagements/HB-1/evidence/"
MOST = 22
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


def test_files_of_a_folder_are_told_apart_by_their_places(browser: Browser, sent: Sent) -> None:
    paths = ["primary/info.txt", "../../etc/./info.txt"]
    files = [file("info.txt", b"a"), file("info.txt", b"b")]
    browser.post(f"{URL}add/", {"files": files, "paths": paths})
    assert set(Upload.objects.values_list("file_name", flat=True)) == {"primary/info.txt", "etc/info.txt"}


def test_places_that_do_not_fit_the_files_are_ignored(browser: Browser, sent: Sent) -> None:
    browser.post(f"{URL}add/", {"files": [file("a.log", b"a"), file("b.log", b"b")], "paths": ["c.log"]})
    assert set(Upload.objects.values_list("file_name", flat=True)) == {"a.log", "b.log"}


def test_what_the_page_left_out_is_refused_in_the_same_words(browser: Browser, sent: Sent, settings: Any) -> None:
    settings.LOADLINE_MAX_UPLOAD_MB = 2048
    page = browser.post(f"{URL}add/", {"too_large": ["deep/<b>.log"]}, headers=HTMX).content.decode()
    assert "deep/&lt;b&gt;.log is larger than 2,048 MB. Send a shorter period" in page
    assert "No file was sent" not in page


def test_a_name_is_data(browser: Browser, sent: Sent) -> None:
    page = browser.post(f"{URL}add/", {"files": [file("<script>{{ x }}.log")]}, headers=HTMX).content.decode()
    assert "<script>" not in page
    assert "{{ x }}.log" in page


def test_what_needs_a_look_stands_first(cast: Cast) -> None:
    for number, state in enumerate(("done", "failed", "received", "reading")):
        make_upload(cast.engagement, file_name=state, sha256=str(number) * 64, state=state, error="It is empty.")
    assert [row.file_name for row in in_order(cast.engagement)] == ["failed", "reading", "received", "done"]


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
    assert "<dd>2,175</dd>" in first
    assert "<dd>981</dd>" not in first
    assert "<dd>981</dd>" in folded


def test_queries_do_not_grow_with_the_files(cast: Cast, browser: Browser, price: Callable[[Browser, str], int]) -> None:
    make_upload(cast.engagement)
    before = price(browser, URL)
    for number in range(10):
        make_upload(cast.engagement, file_name=f"{number}.log", sha256=str(number) * 64)
    assert price(browser, URL) == before <= MOST


def test_a_file_that_is_here_already_says_so(browser: Browser, sent: Sent) -> None:
    browser.post(f"{URL}add/", {"files": [file("a.log")]})
    Upload.objects.update(state="done", finished_at=timezone.now())
    page = browser.post(f"{URL}add/", {"files": [file("a.log")]}, headers=HTMX).content.decode()
    assert "a.log was here already. It counts once" in page


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_file_that_was_not_read_is_read_when_it_is_sent_again(state: str, browser: Browser, sent: Sent) -> None:
    browser.post(f"{URL}add/", {"files": [file("a.log")]})
    Upload.objects.update(state=state, error="It is empty.", finished_at=timezone.now())
    browser.post(f"{URL}add/", {"files": [file("a.log")]})
    upload = Upload.objects.get()
    assert (upload.state, sent) == ("received", [("read_upload", upload.pk)] * 2)


def test_filters_and_a_bound_for_long_lists(browser: Browser, cast: Cast) -> None:
    for number in range(ROWS + 5):
        make_upload(cast.engagement, file_name=f"{number}.log", sha256=f"{number:064}")
    make_upload(cast.engagement, file_name="bad.log", sha256="b" * 64, state="failed", error="It is empty.")
    page = browser.get(URL).content.decode()
    assert page.count('<li id="upload-') == ROWS
    assert "Show 6 more files" in page
    assert page.index("bad.log") < page.index("0.log")
    assert browser.get(f"{URL}?all=1").content.decode().count('<li id="upload-') == ROWS + 6
    only = browser.get(f"{URL}?show=look").content.decode()
    assert only.count('<li id="upload-') == 1
    assert 'aria-current="true">Need a look <span>1</span>' in only
    assert browser.get(f"{URL}?show=nonsense").content.decode().count('<li id="upload-') == ROWS


def test_a_short_list_has_no_filters(browser: Browser, cast: Cast) -> None:
    make_upload(cast.engagement)
    assert "?show=" not in browser.get(URL).content.decode()


def test_figures_have_units_and_what_was_blanked_is_counted(browser: Browser, cast: Cast) -> None:
    row = {"format": "redis-info", "records": 269, "rejected": 0, "redacted": 3, "totals": {"used_memory": 8_363_224}}
    make_upload(cast.engagement, format="redis-info", coverage=row)
    page = browser.get(URL).content.decode()
    assert '<dt>used memory</dt><dd>8,363,224 <span class="ll-unit">bytes</span></dd>' in page
    assert "<dt>secret or personal values blanked</dt><dd>3</dd>" in page


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("2025-01-05T09:00", "2025-01-05T10:30", "5 Jan 2025 09:00 to 10:30 UTC"),
        ("2025-01-05T09:00", "2025-02-05T10:30", "5 Jan 2025 09:00 to 5 Feb 10:30 UTC"),
        ("2025-12-31T09:00", "2026-01-05T10:30", "31 Dec 2025 09:00 to 5 Jan 2026 10:30 UTC"),
    ],
)
def test_a_period_is_written_so_that_it_cannot_be_misread(first: str, last: str, shown: str) -> None:
    assert period({"from": f"{first}:00+00:00", "to": f"{last}:00+00:00"}) == shown


@pytest.mark.parametrize(
    "copy", ["info (1).txt", "info - Copy.txt", "info copy 2.txt", "Copy of info.txt", "a/info.txt"]
)
def test_a_copy_says_that_it_counts_once(copy: str, browser: Browser, cast: Cast) -> None:
    make_upload(cast.engagement, file_name="info.txt")
    make_upload(cast.engagement, file_name=copy)
    assert "The same file as info.txt; it counts once." in browser.get(URL).content.decode()


@pytest.mark.parametrize("other", ["stats.txt", "info (one).txt", "copyinfo.txt", "info 1.txt"])
def test_the_same_content_of_another_name_counts(other: str, browser: Browser, cast: Cast) -> None:
    """Two empty queues are two queues."""
    make_upload(cast.engagement, file_name="info.txt")
    make_upload(cast.engagement, file_name=other)
    assert "it counts once" not in browser.get(URL).content.decode()
