"""Cancelling from the page, and deleting raw files from it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client as Browser

from telemetry.models import Upload
from tests.cast import Cast, make_deliverable, make_upload

URL = "/engagements/HB-1/evidence/"
HTMX = {"HX-Request": "true"}
Sent = list[tuple[str, Any]]


def pending(cast: Cast, number: int = 0, state: str = "received", **changes: Any) -> Upload:
    return make_upload(cast.engagement, sha256=f"{number:064}", state=state, finished_at=None, **changes)


def on_disk(cast: Cast, settings: Any, tmp_path: Path, **changes: Any) -> Upload:
    settings.MEDIA_ROOT = tmp_path
    upload = make_upload(cast.engagement, **changes)
    upload.content.save("", ContentFile(b"raw"))
    return upload


def test_a_cancelled_row_says_by_whom_and_what_next(browser: Browser, cast: Cast, sent: Sent) -> None:
    upload = pending(cast, state="reading")
    answer = browser.post(f"{URL}{upload.pk}/cancel/", headers=HTMX).content.decode()
    assert answer.strip().startswith(f'<li id="upload-{upload.pk}"')
    assert "Cancelled by ann. Nothing of this file counts; read it again or remove it." in answer
    assert "Read again" in answer
    assert sent == [("judge", cast.engagement.pk)]
    assert browser.post(f"{URL}{upload.pk}/cancel/").url == URL


def test_the_others_are_judged_by_the_last_of_them(browser: Browser, cast: Cast, sent: Sent) -> None:
    first = pending(cast)
    pending(cast, 1)
    browser.post(f"{URL}{first.pk}/cancel/", headers=HTMX)
    assert sent == []


def test_all_are_cancelled_at_once(browser: Browser, cast: Cast, sent: Sent) -> None:
    for number, state in enumerate(("received", "reading", "received")):
        pending(cast, number, state)
    page = browser.get(URL).content.decode()
    assert "Cancel all reading" in page
    browser.post(f"{URL}cancel/")
    assert set(Upload.objects.values_list("state", flat=True)) == {"cancelled"}
    assert sent == [("judge", cast.engagement.pk)]
    assert "Cancel all reading" not in browser.get(URL).content.decode()


def test_a_cancelled_file_is_read_again(browser: Browser, cast: Cast, sent: Sent) -> None:
    upload = pending(cast)
    browser.post(f"{URL}{upload.pk}/cancel/")
    sent.clear()
    browser.post(f"{URL}{upload.pk}/again/")
    upload.refresh_from_db()
    assert (upload.state, sent) == ("received", [("read_upload", upload.pk)])


def test_a_deleted_raw_file_says_since_when_and_is_not_read_again(
    browser: Browser, cast: Cast, sent: Sent, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    upload = on_disk(cast, settings, tmp_path)
    report = make_deliverable(cast.engagement)
    with django_capture_on_commit_callbacks(execute=True):
        page = browser.post(f"{URL}{upload.pk}/delete-raw/", follow=True).content.decode()
    assert "Raw file deleted on" in page
    assert "evidence kept" in page
    assert "raw file deleted by ann" in page
    assert f"{upload.pk}/again/" not in page
    assert not list(tmp_path.rglob("*raw*"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    refused = browser.post(f"{URL}{upload.pk}/again/", follow=True).content.decode()
    assert "Send it again to read it again." in refused
    assert sent == []
    report.refresh_from_db()
    assert bytes(report.pdf) == b"%PDF"


def test_all_raw_files_need_a_tick(
    browser: Browser, cast: Cast, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    for number in range(2):
        on_disk(cast, settings, tmp_path, sha256=f"{number:064}")
    with django_capture_on_commit_callbacks(execute=True):
        assert "Tick the box" in browser.post(f"{URL}delete-raw/", follow=True).content.decode()
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2
    with django_capture_on_commit_callbacks(execute=True):
        page = browser.post(f"{URL}delete-raw/", {"sure": "1"}, follow=True).content.decode()
    assert "Raw files deleted: 2." in page
    assert "Raw files: none kept" in page
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_member_offers_to_delete_its_archive(browser: Browser, cast: Cast) -> None:
    archive = make_upload(cast.engagement, file_name="exports.zip", format="archive", coverage={"members": 1})
    make_upload(cast.engagement, file_name="exports.zip/a", sha256="1" * 64, parent=archive)
    page = browser.get(URL).content.decode()
    assert page.count("Delete raw archive") == 1
    assert page.count("Delete the raw file of exports.zip now, with every file in it?") == 2


@pytest.mark.parametrize(("own", "words"), [(None, "kept for 90 days"), (7, "kept for 7 days"), (0, "kept until")])
def test_the_page_says_how_long_raw_files_stay(own: int | None, words: str, browser: Browser, cast: Cast) -> None:
    cast.engagement.raw_days = own
    cast.engagement.save()
    make_upload(cast.engagement)
    assert words in browser.get(URL).content.decode()
