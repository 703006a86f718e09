"""A reading is stopped at its next block, once, and leaves nothing; whoever locks the row first has won."""

import gzip
import io
import signal
import tarfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from reviews.models import Engagement
from telemetry import opening, pulse, reading, services
from telemetry.evidence import ParseResult
from telemetry.models import EvidenceRow, Upload, UploadEvent
from telemetry.opening import Opened, open_file
from telemetry.reading import Reading, read_opened
from telemetry.services import claims, unpacking
from tests.reviews.harbor import EXPORTS
from tests.services import PATIENCE_S
from tests.telemetry.noise import noise
from tests.telemetry.test_services import REDIS_INFO, engagement, media, packed, read, received, rows, stored
from tests.telemetry.test_splitting import PARSER, parts_read, write

__all__ = ["engagement", "media"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def beats_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block is a second, so that a test need not wait for one."""
    monkeypatch.setattr(pulse, "RENEW_S", 0.0)


def cancelled_in(monkeypatch: pytest.MonkeyPatch, upload: Upload, at: int = 1, **changes: Any) -> list[int]:
    """Cancel a file at the given block of its reading; the list holds how many blocks were read in all."""
    blocks = [0]

    def read_and_cancel(opened: Opened, progress: Any, *args: Any, **more: Any) -> Reading:
        def counted(bytes_read: int, records: int) -> None:
            blocks[0] += 1
            if blocks[0] == at:
                assert services.cancel_upload(upload=upload, by="ann")
            progress(bytes_read, records)

        return read_opened(opened, counted, *args, **more, **changes)

    monkeypatch.setattr("telemetry.services.reading.read_opened", read_and_cancel)
    return blocks


def large_log() -> bytes:
    block = (EXPORTS / "postgresql.log").read_bytes()
    return block * (8 * 1024 * 1024 // len(block) + 1)


def test_a_waiting_file_is_cancelled_and_never_begins(engagement: Engagement) -> None:
    upload = received(engagement, REDIS_INFO)
    assert services.cancel_upload(upload=upload, by="ann")
    assert services.parse_upload(upload.pk) is None
    assert services.stuck_uploads() == []
    upload.refresh_from_db()
    assert (upload.state, upload.attempts, upload.error) == ("cancelled", 0, services.CANCELLED.format(by="ann"))


def test_a_reading_stops_at_the_next_block_and_stores_nothing(
    engagement: Engagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = received(engagement, large_log(), "postgresql.log")
    blocks = cancelled_in(monkeypatch, upload, at=2)
    assert services.parse_upload(upload.pk) is None
    upload.refresh_from_db()
    assert (blocks, upload.state, upload.claim, upload.step) == ([2], "cancelled", "", "")
    assert not EvidenceRow.objects.exists()


@pytest.mark.parametrize("pack", [gzip.compress, lambda text: text.decode().encode("utf-16")])
def test_a_packed_file_counts_its_packed_bytes_and_stops_too(pack: Any, engagement: Engagement) -> None:
    upload = received(engagement, pack(large_log()), "postgresql.log")
    taken: list[int] = []
    beat = pulse.Pulse._beat

    def noted(beating: pulse.Pulse) -> None:
        taken.append(beating._position)
        if len(taken) == 6:
            services.cancel_upload(upload=upload, by="ann")
        beat(beating)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulse.Pulse, "_beat", noted)
        assert services.parse_upload(upload.pk) is None
    assert len(taken) == 6
    assert 0 < taken[-1] < upload.size
    assert taken == sorted(taken)


def tarred(**members: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize("pack", [packed, tarred])
def test_an_archive_cancelled_while_it_is_unpacked_leaves_no_member(
    pack: Any, engagement: Engagement, media: Path, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    members = {f"info{number}": noise(200_000, number) for number in range(5)}
    upload = received(engagement, pack(**members), "exports")
    written = unpacking._written_member

    def cancelling(parent: Upload, opened: Opened, files: list[Any]) -> Upload:
        if len(files) == 2:
            services.cancel_upload(upload=upload, by="ann")
        return written(parent, opened, files)

    monkeypatch.setattr("telemetry.services.unpacking._written_member", cancelling)
    with django_capture_on_commit_callbacks(execute=True):
        assert services.parse_upload(upload.pk) is None
    upload.refresh_from_db()
    assert (upload.state, Upload.objects.count(), len(stored(media))) == ("cancelled", 1, 1)


def test_an_archives_waiting_members_are_cancelled_with_it_and_read_ones_stay(engagement: Engagement) -> None:
    archive = received(engagement, packed(a=REDIS_INFO, b=REDIS_INFO + b"\n", c=REDIS_INFO + b"\n\n"), "exports.zip")
    first, *_ = services.parse_upload(archive.pk) or []
    services.parse_upload(first)
    assert services.cancel_upload(upload=archive, by="ann")
    states = dict(Upload.objects.values_list("file_name", "state"))
    assert states == {
        "exports.zip": "done", "exports.zip/a": "done", "exports.zip/b": "cancelled", "exports.zip/c": "cancelled",
    }  # fmt: skip


def test_cancelling_twice_and_what_is_read_changes_nothing(engagement: Engagement) -> None:
    upload = read(engagement, REDIS_INFO)
    before = rows(upload)
    assert not services.cancel_upload(upload=upload, by="ann")
    assert (rows(upload), Upload.objects.get().state) == (before, "done")
    waiting = received(engagement, REDIS_INFO, "other.txt")
    assert services.cancel_upload(upload=waiting, by="ann")
    assert not services.cancel_upload(upload=waiting, by="ben")
    assert list(UploadEvent.objects.values_list("file_name", "action", "by")) == [("other.txt", "cancelled", "ann")]


def test_a_cancelled_file_can_be_read_again_and_the_old_reading_stays_out(engagement: Engagement) -> None:
    upload = received(engagement, REDIS_INFO)
    old = services.claim_upload(upload.pk)
    assert old is not None
    services.cancel_upload(upload=upload, by="ann")
    assert services.reset_upload(upload=upload)
    assert services.parse_upload(upload.pk) == []
    kept = rows(upload)
    with pytest.raises(pulse.ClaimLost):
        pulse.Pulse(old, Upload.Step.STORING)
    services.store_reading(old, Reading("info.txt", 1, "redis-info", ParseResult(), None, None, 0.0))
    assert (rows(upload), Upload.objects.get().state) == (kept, "done")
    assert kept


def test_cancelling_a_second_reading_leaves_nothing_of_the_first(engagement: Engagement) -> None:
    upload = read(engagement, REDIS_INFO)
    assert services.reset_upload(upload=upload)
    assert services.cancel_upload(upload=upload, by="ann")
    assert services.evidence_for(engagement.pk) == []
    (row,) = services.coverage_for(engagement.pk)
    assert (row["records"], row["notes"]) == (0, [services.CANCELLED.format(by="ann")])


def test_all_readings_of_an_engagement_are_cancelled(engagement: Engagement) -> None:
    for number in range(3):
        received(engagement, REDIS_INFO + b"\n" * number, f"{number}.txt")
    done = read(engagement, REDIS_INFO, "done.txt")
    assert services.cancel_uploads_of(engagement_id=engagement.pk, by="ann") == 3
    assert services.cancel_uploads_of(engagement_id=engagement.pk, by="ann") == 0
    done.refresh_from_db()
    assert done.state == "done"


def test_a_removed_file_stops_its_reading(engagement: Engagement, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = received(engagement, large_log(), "postgresql.log")
    real = services.cancel_upload
    monkeypatch.setattr(services, "cancel_upload", lambda upload, by: services.delete_upload(upload=upload, by=by) or 1)
    cancelled_in(monkeypatch, Upload.objects.get())
    assert services.parse_upload(upload.pk) is None
    assert not Upload.objects.exists()
    assert real is not services.cancel_upload


def test_a_reader_that_wakes_up_late_does_not_empty_an_archive(engagement: Engagement) -> None:
    """It was paused between taking the file and unpacking it; meanwhile another one has read it."""
    upload = received(engagement, packed(info=REDIS_INFO), "exports.zip")
    slow = services.claim_upload(upload.pk)
    assert slow is not None
    Upload.objects.update(claimed_until=slow.uploaded_at)
    (member,) = services.parse_upload(upload.pk) or []
    services.parse_upload(member)
    with pytest.raises(pulse.ClaimLost):
        unpacking._start_over(slow)
    assert services.evidence_for(engagement.pk)
    assert Path(Upload.objects.get(pk=member).content.path).is_file()


def test_the_time_limit_holds_for_unpacking(engagement: Engagement, settings: LazySettings, media: Path) -> None:
    settings.LOADLINE_PARSE_SECONDS = -1
    upload = read(engagement, packed(info=REDIS_INFO), "exports.zip")
    assert (upload.state, upload.error) == ("failed", pulse.TOO_LONG)


def test_a_reading_by_several_processes_stops_them_all(
    engagement: Engagement, monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path
) -> None:
    """The second process sleeps for an hour; the first is told at its next sign of life."""
    settings.LOADLINE_READERS = 2
    for module in (opening, reading):
        monkeypatch.setattr(module, "SPLIT_BYTES", 1024)
    upload = received(engagement, write(tmp_path, "sleep").read_bytes(), "numbers.txt")
    made = parts_read(monkeypatch)
    cancelled_in(monkeypatch, upload, at=4, parsers=[PARSER])
    assert services.parse_upload(upload.pk) is None
    assert [child.process.returncode for child in made] == [-signal.SIGKILL]
    assert Upload.objects.get().state == "cancelled"


@pytest.fixture
def both_ends(transactional_db: None, engagement: Engagement) -> Upload:
    """A file whose reading is about to be stored."""
    return received(engagement, REDIS_INFO)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["store", "cancel"])
def test_cancelling_and_finishing_at_the_same_moment_is_one_of_the_two(first: str, both_ends: Upload) -> None:
    owned = services.claim_upload(both_ends.pk)
    assert owned is not None
    result = read_opened(open_file(Path(both_ends.content.path), "info.txt"))
    locked, go_on = threading.Event(), threading.Event()
    end = claims.end_reading

    def slow(row: Upload, state: Upload.State) -> None:
        if not locked.is_set():
            locked.set()
            assert go_on.wait(PATIENCE_S)
        end(row, state)

    def run(act: str) -> None:
        if act == "store":
            services.store_reading(owned, result)
        else:
            services.cancel_upload(upload=both_ends, by="ann")
        connection.close()

    with pytest.MonkeyPatch.context() as patch:
        for one in ("reading", "cancelling"):
            patch.setattr(f"telemetry.services.{one}.end_reading", slow)
        winner = threading.Thread(target=run, args=(first,))
        winner.start()
        assert locked.wait(PATIENCE_S)
        loser = threading.Thread(target=run, args=("cancel" if first == "store" else "store",))
        loser.start()
        time.sleep(0.2)
        go_on.set()
        winner.join(PATIENCE_S)
        loser.join(PATIENCE_S)
    both_ends.refresh_from_db()
    assert both_ends.state == ("done" if first == "store" else "cancelled")
    assert both_ends.evidence.exists() is (first == "store")
