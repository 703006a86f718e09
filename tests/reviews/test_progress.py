"""Which files are one batch, how far it is, and in what words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reviews.progress import Batch, batch_of, time_left
from telemetry.models import Upload

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def file(state: str, *, sent: float, ended: float | None = None, size: int = 100, **more: Any) -> Upload:
    """`sent` and `ended` are seconds before now."""
    finished_at = None if ended is None else ago(ended)
    return Upload(state=state, queued_at=ago(sent), finished_at=finished_at, size=size, **more)


def test_nothing_pending_is_no_batch() -> None:
    assert batch_of([], NOW) is None
    assert batch_of([file("done", sent=9, ended=1)], NOW) is None


def test_files_sent_together_are_one_batch() -> None:
    batch = batch_of(
        [
            file("done", sent=10, ended=8),
            file("failed", sent=10, ended=5),
            file("reading", sent=10, bytes_read=50, bytes_per_second=10),
            file("received", sent=10),
        ],
        NOW,
    )
    # Two files of four and hardly a byte in 10 s: the rest takes as long.
    assert batch is not None
    assert batch.seconds_left == pytest.approx(10.0, rel=1e-3)
    assert replace(batch, seconds_left=None) == Batch(4, 2, 1, bytes_total=400, bytes_read=250, seconds_left=None)
    assert (batch.percent, batch.quarter) == (62, 2)


def test_small_files_do_not_make_a_large_one_look_slow() -> None:
    small = [file("done", sent=8, ended=1, size=1_000) for _ in range(20)]
    batch = batch_of([*small, file("received", sent=8, size=120_000_000)], NOW)
    assert batch is not None
    # By bytes alone it would be 13 hours.
    assert batch.seconds_left == pytest.approx(8 * 122 / 40, rel=0.01)


def test_what_was_read_before_the_readers_were_idle_is_not_counted() -> None:
    batch = batch_of([file("done", sent=900, ended=800), file("received", sent=10)], NOW)
    assert batch is not None
    assert (batch.files, batch.finished, batch.seconds_left) == (1, 0, None)


def test_what_was_sent_while_another_was_read_joins_it() -> None:
    batch = batch_of(
        [
            file("done", sent=60, ended=35),  # its end is behind the sending of the next
            file("done", sent=40, ended=15),
            file("received", sent=20),
        ],
        NOW,
    )
    assert batch is not None
    assert (batch.files, batch.finished) == (3, 2)


def test_an_opened_archive_is_work_done_but_no_file() -> None:
    batch = batch_of(
        [
            file("done", sent=30, ended=20, format="archive", size=1000),
            file("reading", sent=20, bytes_read=0),
            file("received", sent=20),
        ],
        NOW,
    )
    assert batch is not None
    assert (batch.files, batch.finished, batch.bytes_read) == (2, 0, 1000)


def test_the_slowest_file_holds_the_batch() -> None:
    batch = batch_of(
        [file("done", sent=10, ended=1, size=10_000), file("reading", sent=10, bytes_read=10, bytes_per_second=1)], NOW
    )
    assert batch is not None
    assert batch.seconds_left == 90.0


def test_no_time_is_guessed_before_there_is_a_rate() -> None:
    for seconds, read in ((1.0, 50), (10.0, 0)):
        batch = batch_of([file("reading", sent=seconds, bytes_read=read)], NOW)
        assert batch is not None
        assert batch.seconds_left is None


def test_empty_files_divide_nothing() -> None:
    batch = batch_of([file("received", sent=10, size=0)], NOW)
    assert batch is not None
    assert (batch.percent, batch.seconds_left) == (0, None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""), (0, "a few seconds left"), (4.9, "a few seconds left"), (5, "about 5 s left"),
        (36, "about 40 s left"), (89, "about 90 s left"), (90, "about 2 min left"), (130, "about 2 min left"),
        (5399, "about 90 min left"), (7300, "about 2 h left"),
    ],
)  # fmt: skip
def test_words_are_no_finer_than_anybody_knows(seconds: float | None, words: str) -> None:
    assert time_left(seconds) == words
