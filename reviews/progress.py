"""How far the reading of an engagement's files is, all of them together, and the words for what is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from telemetry.models import Upload

TRUSTED_S = 2.0  # before that a rate says more about the start than about the rest
# Opening, recognising and storing a file takes as long as so many bytes; else small files make a large one look slow.
FILE_BYTES = 2_000_000
_QUARTERS = 4


@dataclass(frozen=True)
class Batch:
    """The files that wait or are read now, with those that were finished since the first of them was sent."""

    files: int
    finished: int
    failed: int
    bytes_total: int
    bytes_read: int
    seconds_left: float | None

    @property
    def percent(self) -> int:
        """0 to 99, by bytes."""
        return min(99, 100 * self.bytes_read // self.bytes_total) if self.bytes_total else 0

    @property
    def quarter(self) -> int:
        """Which quarter of the files is finished: worth saying aloud, where each file would be too much."""
        return _QUARTERS * self.finished // self.files if self.files else 0


def batch_of(uploads: Sequence[Upload], now: datetime) -> Batch | None:
    """The batch that is being read, None when nothing is.

    What was finished belongs to it while the readers have not been idle in between.
    """
    pending = [upload for upload in uploads if upload.pending]
    if not pending:
        return None
    finished, since = _finished_since(uploads, min(upload.queued_at for upload in pending))
    batch = [*pending, *finished]
    done = sum(upload.size for upload in finished) + sum(min(upload.bytes_read, upload.size) for upload in pending)
    total = sum(upload.size for upload in batch)
    files = [upload for upload in batch if upload.pending or upload.format != "archive"]
    return Batch(
        files=len(files),
        finished=sum(not upload.pending for upload in files),
        failed=sum(upload.state == Upload.State.FAILED for upload in files),
        bytes_total=total,
        bytes_read=done,
        seconds_left=_seconds_left(pending, total, done, len(finished), (now - since).total_seconds()),
    )


def _finished_since(uploads: Sequence[Upload], since: datetime) -> tuple[list[Upload], datetime]:
    """What was finished since then; that was sent earlier, so what was finished since that, too; and so on."""
    found: list[Upload] = []
    ended = [(upload.finished_at, upload) for upload in uploads if upload.finished_at and not upload.pending]
    for finished_at, upload in sorted(ended, key=lambda row: row[0], reverse=True):
        if finished_at < since:
            break
        found.append(upload)
        since = min(since, upload.queued_at)
    return found, since


def _seconds_left(pending: Sequence[Upload], total: int, done: int, finished: int, seconds: float) -> float | None:
    """The rest at the batch's own rate, but no less than the slowest file that is being read needs for itself."""
    work = done + finished * FILE_BYTES
    if seconds < TRUSTED_S or not work:
        return None
    rest = total - done + len(pending) * FILE_BYTES
    running = [upload.seconds_left for upload in pending if upload.seconds_left is not None]
    return max([rest * seconds / work, *running])


def time_left(seconds: float | None) -> str:
    """About 40 s left; empty when nobody can say. No finer than anybody could know."""
    if seconds is None:
        return ""
    if seconds < 5:
        return "a few seconds left"
    if seconds < 90:
        return f"about {5 * ceil(seconds / 5)} s left"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} min left"
    return f"about {round(seconds / 3600)} h left"
