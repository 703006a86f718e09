"""Cancelled, killed in the middle of unpacking or storing, or with two workers: each file ends right, once."""

import os
import signal
import zipfile
from pathlib import Path

import pytest

from reviews.models import Engagement
from reviews.serve.home import Home
from reviews.tasks import read_upload
from telemetry.models import Upload
from telemetry.orphans import find_orphans
from telemetry.services import cancel_upload, reset_upload
from tests.reviews.harbor import EXPORTS
from tests.services import wait_until
from tests.worker import HELD
from tests.worker.test_worker import (
    clean_rows,
    engagement,
    engagement_is_due,
    held,
    held_log,
    resumed_until,
    rows,
    run_out,
    sent,
    state,
    worker,
)

__all__ = ["engagement", "held", "held_log"]  # fixtures
pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


def test_a_cancelled_reading_lets_its_worker_go(
    services: Home, engagement: Engagement, held_log: Path, held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker reads one file at a time, and this one would be read for ever."""
    monkeypatch.setenv("LOADLINE_WORKERS", "1")
    with worker(services):
        large = sent(engagement, held_log)
        small = sent(engagement, EXPORTS / "redis-info.txt")
        wait_until(held.exists, "reading")
        assert cancel_upload(upload=large, by="ann")
        wait_until(lambda: state(small) == "done", "the next file")
        wait_until(lambda: not engagement_is_due(engagement), "judged")
    assert (state(large), rows(large)) == ("cancelled", [])


def test_a_worker_killed_while_its_file_is_cancelled_and_the_file_read_again(
    services: Home, engagement: Engagement, held_log: Path, held: Path
) -> None:
    with worker(services) as first:
        upload = sent(engagement, held_log)
        wait_until(held.exists, "reading")
        cancel_upload(upload=upload, by="ann")
        os.killpg(first.pid, signal.SIGKILL)
    resumed_until(upload, "cancelled")
    with worker(services):
        assert reset_upload(upload=upload)
        read_upload.delay(upload.pk)
        wait_until(lambda: state(upload) == "done", "read again")
    assert rows(upload) == clean_rows(held_log)


def test_a_worker_killed_while_it_unpacks_leaves_every_member_once(
    services: Home, engagement: Engagement, held: Path, tmp_path: Path
) -> None:
    path = tmp_path / f"{HELD}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(EXPORTS / "redis-info.txt", "redis-info.txt")
        for number in range(3):
            archive.write(EXPORTS / "postgresql.log", f"ignored/{number}")
    with worker(services) as first:
        upload = sent(engagement, path)
        wait_until(held.exists, "unpacking")
        unpacked = Path(f"{upload.content.path}.d")
        assert len(list(unpacked.iterdir())) > 1
        os.killpg(first.pid, signal.SIGKILL)
    assert (state(upload), Upload.objects.count()) == ("reading", 1)
    run_out(upload)
    with worker(services):
        resumed_until(upload, "done", "failed")
        members = Upload.objects.filter(parent=upload)
        assert members.count() == 4
        wait_until(lambda: not members.filter(state__in=Upload.PENDING).exists(), "the members")
        wait_until(lambda: not engagement_is_due(engagement), "judged")
    assert {path.name for path in unpacked.iterdir()} == {Path(row.content.name).name for row in members}
    assert rows(members.get(file_name=f"{HELD}.zip/redis-info.txt")) == clean_rows(EXPORTS / "redis-info.txt")
    assert find_orphans().missing == []


def test_two_workers_read_each_file_once(services: Home, engagement: Engagement, tmp_path: Path) -> None:
    with worker(services), worker(services):
        uploads = []
        for number in range(6):
            path = tmp_path / f"info-{number}.txt"
            path.write_bytes((EXPORTS / "redis-info.txt").read_bytes() + b"\n" * number)
            uploads.append(sent(engagement, path))
            for _ in range(2):
                read_upload.delay(uploads[-1].pk)
        wait_until(lambda: not Upload.objects.filter(state__in=Upload.PENDING).exists(), "all")
        wait_until(lambda: not engagement_is_due(engagement), "judged")
    assert set(Upload.objects.values_list("state", "attempts")) == {("done", 1)}
    once = len(clean_rows(EXPORTS / "redis-info.txt"))
    assert [upload.evidence.count() for upload in uploads] == [once] * 6


def test_a_worker_killed_in_the_middle_of_a_file_leaves_it_right_once(
    services: Home, engagement: Engagement, held_log: Path, held: Path
) -> None:
    with worker(services) as first:
        upload = sent(engagement, held_log)
        wait_until(held.exists, "reading")
        os.killpg(first.pid, signal.SIGKILL)
    assert (state(upload), rows(upload), engagement.findings.count()) == ("reading", [], 0)
    run_out(upload)
    with worker(services):
        resumed_until(upload, "done", "failed")
        wait_until(engagement.findings.exists, "judged")
    upload.refresh_from_db()
    assert (upload.state, upload.attempts, upload.claim) == ("done", 2, "")
    assert rows(upload) == clean_rows(held_log)
