"""Raw bytes go at once or when their time is over; what was read from them stays, and who deleted them is known."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from reviews.models import Engagement
from telemetry import retention, services
from telemetry.models import Upload, UploadEvent
from telemetry.pulse import ClaimLost, Pulse
from tests.cast import make_engagement
from tests.telemetry.test_services import REDIS_INFO, engagement, media, packed, read, received, rows, stored

__all__ = ["engagement", "media"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def commits(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for the commit happens at once: these tests never commit."""
    monkeypatch.setattr(transaction, "on_commit", lambda act, **_: act())


def archive_read(engagement: Engagement) -> Upload:
    upload = received(engagement, packed(a=REDIS_INFO, b=REDIS_INFO + b"\n"), "exports.zip")
    for member in services.parse_upload(upload.pk) or []:
        services.parse_upload(member)
    upload.refresh_from_db()
    return upload


def events() -> list[tuple[str, str, str]]:
    return list(UploadEvent.objects.order_by("pk").values_list("file_name", "action", "by"))


def test_the_bytes_go_and_the_evidence_stays(engagement: Engagement, media: Path) -> None:
    upload = read(engagement, REDIS_INFO)
    kept, evidence, coverage = rows(upload), services.evidence_for(engagement.pk), services.coverage_for(engagement.pk)
    assert retention.delete_raw(upload=upload, by="ann")
    upload.refresh_from_db()
    assert (stored(media), upload.state, rows(upload)) == ([], "done", kept)
    assert services.evidence_for(engagement.pk) == evidence
    assert services.coverage_for(engagement.pk) == coverage
    assert events() == [("info.txt", "raw-deleted", "ann")]
    assert not retention.delete_raw(upload=upload, by="ben")
    assert len(events()) == 1


def test_a_file_without_bytes_is_not_queued_not_even_by_mistake(engagement: Engagement) -> None:
    upload = read(engagement, REDIS_INFO)
    retention.delete_raw(upload=upload, by="ann")
    assert not services.reset_upload(upload=upload)
    with pytest.raises(IntegrityError, match="deleted_upload_is_not_read"), transaction.atomic():
        Upload.objects.update(state="received")


@pytest.mark.parametrize("of_member", [False, True])
def test_an_archive_goes_with_its_members(of_member: bool, engagement: Engagement, media: Path) -> None:
    archive = archive_read(engagement)
    assert len(stored(media)) == 3
    upload = archive.members.first() if of_member else archive
    assert upload is not None
    assert retention.delete_raw(upload=upload, by="ann")
    assert stored(media) == []
    assert not Upload.objects.filter(raw_deleted_at=None).exists()
    assert events() == [("exports.zip", "raw-deleted", "ann")]
    assert services.evidence_for(engagement.pk)


def test_deleting_at_once_stops_the_reading_first(engagement: Engagement, media: Path) -> None:
    upload = received(engagement, REDIS_INFO)
    claimed = services.claim_upload(upload.pk)
    assert claimed is not None
    assert retention.delete_raw(upload=upload, by="ann")
    with pytest.raises(ClaimLost):
        Pulse(claimed, Upload.Step.READING)
    upload.refresh_from_db()
    assert (upload.state, stored(media)) == ("cancelled", [])
    assert [event[1] for event in events()] == ["cancelled", "raw-deleted"]


def test_all_files_of_an_engagement_and_only_those(engagement: Engagement, media: Path) -> None:
    archive_read(engagement)
    read(engagement, REDIS_INFO)
    other = received(make_engagement("T-2"), REDIS_INFO)
    assert retention.delete_raw_of(engagement_id=engagement.pk, by="ann") == 2
    assert [path.name for path in stored(media)] == [Path(other.content.name).name]
    assert retention.delete_raw_of(engagement_id=engagement.pk, by="ann") == 0


def test_time_deletes_what_lies_here_longer(engagement: Engagement, media: Path) -> None:
    now = timezone.now()
    for name, days in (("old.txt", 91), ("young.txt", 89)):
        upload = read(engagement, REDIS_INFO + name.encode(), name)
        Upload.objects.filter(pk=upload.pk).update(stored_at=now - timedelta(days=days))
    waiting = received(engagement, REDIS_INFO, "waiting.txt")
    Upload.objects.filter(pk=waiting.pk).update(stored_at=now - timedelta(days=100))
    assert retention.expire_raw(engagement_ids=[engagement.pk], days=90) == 1
    assert retention.expire_raw(engagement_ids=[engagement.pk], days=90) == 0
    assert retention.expire_raw(engagement_ids=[0], days=1) == 0
    assert list(Upload.objects.exclude(raw_deleted_at=None).values_list("file_name", flat=True)) == ["old.txt"]
    assert events() == [("old.txt", "raw-expired", "")]
    assert len(stored(media)) == 2


def test_an_archive_whose_members_wait_does_not_expire(engagement: Engagement, media: Path) -> None:
    archive = received(engagement, packed(a=REDIS_INFO), "exports.zip")
    services.parse_upload(archive.pk)
    Upload.objects.update(stored_at=timezone.now() - timedelta(days=100))
    assert retention.expire_raw(engagement_ids=[engagement.pk], days=90) == 0
    assert len(stored(media)) == 2


def test_the_same_file_again_brings_the_bytes_back_and_doubles_nothing(engagement: Engagement, media: Path) -> None:
    archive = archive_read(engagement)
    before = len(services.evidence_for(engagement.pk))
    content = Path(archive.content.path).read_bytes()
    Upload.objects.update(stored_at=timezone.now() - timedelta(days=100))
    retention.delete_raw(upload=archive, by="ann")
    again, new = services.receive_upload(
        engagement_id=engagement.pk, file=SimpleUploadedFile("exports.zip", content), user_id=None
    )
    again.refresh_from_db()
    assert (again.pk, new, again.raw_deleted_at, len(stored(media))) == (archive.pk, False, None, 1)
    assert timezone.now() - again.stored_at < timedelta(minutes=1)
    assert len(services.evidence_for(engagement.pk)) == before
    assert events()[-1] == ("exports.zip", "raw-restored", "")
    assert services.reset_upload(upload=again)
    for member in services.parse_upload(again.pk) or []:
        services.parse_upload(member)
    assert len(services.evidence_for(engagement.pk)) == before
    assert len(stored(media)) == 3


def test_a_file_that_was_lost_from_the_disk_comes_back_when_it_is_sent_again(
    engagement: Engagement, media: Path
) -> None:
    upload = received(engagement, REDIS_INFO)
    stored(media)[0].unlink()
    services.parse_upload(upload.pk)
    assert received(engagement, REDIS_INFO).pk == upload.pk
    assert services.reset_upload(upload=upload)
    services.parse_upload(upload.pk)
    assert Upload.objects.get().state == "done"


def test_what_was_done_outlives_the_row(engagement: Engagement) -> None:
    upload = read(engagement, REDIS_INFO)
    retention.delete_raw(upload=upload, by="ann")
    services.delete_upload(upload=upload, by="ben")
    assert events() == [("info.txt", "raw-deleted", "ann"), ("info.txt", "removed", "ben")]
    assert UploadEvent.objects.filter(upload=None).count() == 2
