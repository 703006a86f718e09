"""The disk holds what the rows say: leftovers are found and removed, what is being received is left alone."""

import os
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from reviews.models import Engagement
from telemetry import retention, services
from telemetry.models import Upload
from telemetry.orphans import GRACE, find_orphans, remove_orphans
from tests.telemetry.test_services import REDIS_INFO, engagement, media, packed, read, received, stored

__all__ = ["engagement", "media"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def incoming(settings: Any, tmp_path: Path) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    (tmp_path / "incoming").mkdir()
    return tmp_path / "incoming"


def aged(path: Path) -> Path:
    """The file as if nobody had touched it for longer than a reception takes."""
    past = time.time() - GRACE.total_seconds() - 60
    os.utime(path, (past, past))
    return path


def test_nothing_is_left_over_after_an_undisturbed_life(engagement: Engagement, media: Path) -> None:
    archive = received(engagement, packed(a=REDIS_INFO), "exports.zip")
    services.parse_upload(archive.pk)
    read(engagement, REDIS_INFO)
    for path in stored(media):
        aged(path)
    found = find_orphans()
    assert (found.leftover, found.missing) == ([], [])


def test_a_crash_between_file_and_row_leaves_a_file_that_goes_after_a_day(
    engagement: Engagement, media: Path, incoming: Path
) -> None:
    kept = received(engagement, REDIS_INFO)
    (media / "uploads" / "lost").write_bytes(b"never got its row")
    (media / "uploads" / "x.d").mkdir()
    (media / "uploads" / "x.d" / "lost").write_bytes(b"a member of an archive whose reader was killed")
    (incoming / "half.upload").write_bytes(b"the browser went away and the server was killed")
    assert find_orphans().leftover == []
    for path in (*stored(media), incoming / "half.upload"):
        aged(path)
    assert len(find_orphans().leftover) == 3
    assert remove_orphans() == 3
    assert [path.name for path in media.rglob("*")] == ["uploads", Path(kept.content.name).name]
    assert list(incoming.iterdir()) == []


def test_a_crash_between_row_and_file_leaves_bytes_that_go_at_once(engagement: Engagement, media: Path) -> None:
    """The row says deleted, the process died before it removed the bytes: the test's commit never comes."""
    archive = received(engagement, packed(a=REDIS_INFO), "exports.zip")
    for member in services.parse_upload(archive.pk) or []:
        services.parse_upload(member)
    retention.delete_raw(upload=archive, by="ann")
    assert len(stored(media)) == 2
    assert remove_orphans() == 2
    assert stored(media) == []


def test_a_row_without_its_file_is_named(engagement: Engagement, media: Path) -> None:
    upload = received(engagement, REDIS_INFO)
    stored(media)[0].unlink()
    assert find_orphans().missing == [upload]


def test_the_command_says_what_it_found_and_deletes_only_when_told(engagement: Engagement, media: Path) -> None:
    upload = received(engagement, REDIS_INFO)
    aged(stored(media)[0])
    Upload.objects.all().delete()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_files", stdout=out)
    assert upload.content.name in out.getvalue()
    assert len(stored(media)) == 1
    call_command("check_files", "--delete", stdout=out)
    assert stored(media) == []
    call_command("check_files", stdout=out)
    assert out.getvalue().endswith("The disk holds what the database says.\n")


def test_a_grace_can_be_given() -> None:
    assert find_orphans(timedelta(0)).leftover == []
