"""A task loads by id and calls a service; what was lost is sent again; a queue that is down loses nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone
from kombu.exceptions import OperationalError

from reviews import tasks
from reviews.models import Deliverable, Finding
from telemetry.models import Upload
from tests.cast import Cast, make_cast, make_finding, make_upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(settings: Any, tmp_path: Any) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return make_cast()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What goes to the queue, in order."""
    messages: list[tuple[str, int]] = []
    for name in ("read_upload", "judge", "render_report"):
        task = getattr(tasks, name)
        monkeypatch.setattr(task, "delay", lambda row_id, name=name: messages.append((name, row_id)))
    return messages


def post(cast: Cast, path: str, **data: Any) -> int:
    browser = Browser()
    browser.force_login(cast.ann)
    return browser.post(f"/engagements/HB-1/{path}", data).status_code


def file(name: str = "a.txt", content: bytes = b"redis_version:7") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_each_new_file_is_sent_once_after_the_commit(
    cast: Cast, sent: list[tuple[str, int]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert post(cast, "evidence/add/", files=[file("a.txt"), file("b.txt"), file("a.txt")]) == 302
        assert sent == []
    ids = list(Upload.objects.order_by("pk").values_list("pk", flat=True))
    assert sent == [("read_upload", pk) for pk in ids]
    assert len(ids) == 2


def test_a_queue_that_is_down_keeps_the_file_for_later(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any, sent: list[tuple[str, int]]
) -> None:
    def down(row_id: int) -> None:
        raise OperationalError("Connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(tasks.read_upload, "delay", down)
        with django_capture_on_commit_callbacks(execute=True):
            assert post(cast, "evidence/add/", files=[file()]) == 302
    upload = Upload.objects.get()
    assert upload.state == "received"
    Upload.objects.update(queued_at=timezone.now() - timedelta(minutes=1))
    tasks.resume_stuck_uploads()
    assert sent == [("read_upload", upload.pk)]


def test_what_was_left_behind_is_sent_again(cast: Cast, sent: list[tuple[str, int]]) -> None:
    ago = timezone.now() - timedelta(hours=1)
    waiting = make_upload(cast.engagement, state="reading", claimed_until=ago, finished_at=None)
    tasks.resume_stuck_uploads()
    assert sent == [("read_upload", waiting.pk)]
    Upload.objects.update(state="done", finished_at=ago)
    report = Deliverable.objects.create(engagement=cast.engagement, number=1, context={}, brand={}, issued_at=ago)
    sent.clear()
    tasks.resume_stuck_uploads()
    assert sent == [("judge", cast.engagement.pk), ("render_report", report.pk)]


def test_an_archives_members_are_sent_one_by_one(
    cast: Cast, sent: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "read_and_analyse", lambda upload_id: [upload_id + 1, upload_id + 2])
    tasks.read_upload(7)
    assert sent == [("read_upload", 8), ("read_upload", 9)]


def test_a_queue_that_goes_down_between_an_archive_and_its_members_loses_none(
    cast: Cast, sent: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = timezone.now() - timedelta(minutes=1)
    members = [
        make_upload(cast.engagement, sha256=str(number) * 64, state="received", finished_at=None, queued_at=long_ago).pk
        for number in range(2)
    ]

    def down(row_id: int) -> None:
        raise OperationalError("Connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "read_and_analyse", lambda _: members)
        patch.setattr(tasks.read_upload, "delay", down)
        with pytest.raises(OperationalError):
            tasks.read_upload(7)
    tasks.resume_stuck_uploads()
    assert sent == [("read_upload", pk) for pk in members]


@pytest.mark.parametrize(
    ("before", "after", "judged"),
    [("draft", "dismissed", True), ("dismissed", "draft", True), ("draft", "confirmed", False)],
)
def test_dismissing_is_judged_anew(
    before: str,
    after: str,
    judged: bool,
    cast: Cast,
    sent: list[tuple[str, int]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_finding(cast.engagement, "f1", status=before)
    with django_capture_on_commit_callbacks(execute=True):
        assert post(cast, "findings/f1/status/", version=0, status=after) == 302
    assert Finding.objects.get().status == after
    assert sent == ([("judge", cast.engagement.pk)] if judged else [])


def test_judging_and_rendering_load_by_id(cast: Cast) -> None:
    tasks.judge(cast.engagement.pk)
    cast.engagement.refresh_from_db()
    assert cast.engagement.analysed_at is not None
    with pytest.raises(Deliverable.DoesNotExist):
        tasks.render_report(10**9)
