"""Reading everything a command was given, two files at a time, within a time budget."""

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from telemetry.answers import NO_ANSWERS, Answers
from telemetry.evidence import ParseError, ParseResult
from telemetry.opened import Opened
from telemetry.opening import open_path
from telemetry.reading import Reading, read_opened
from telemetry.source import Progress

WORKERS = 2
# Starting two processes takes about a second; below this size one process is done by then.
WORTH_A_POOL_BYTES = 16 * 1024 * 1024
# The rest of a time budget is for rules, scoring and writing.
READING_SHARE = 0.85
PROGRESS_EVERY_S = 2.0
TOO_LATE = "Not read: the time limit was reached before its turn. Allow more seconds, or send fewer files at once."
DIED = "The reader was ended by the system while it read this file, most likely for want of memory. Send a part of it."

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to read, as it can be handed to another process: the path that was given and the place inside it."""

    path: Path
    place: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class How:
    """How a file is read: by how many processes, and with which answers."""

    readers: int = 1
    answers: Answers = NO_ANSWERS


def read_exports(
    paths: Sequence[Path],
    tell: Tell,
    max_seconds: float | None = None,
    readers: int = 1,
    answers: Answers = NO_ANSWERS,
) -> list[Reading]:
    """Read files, folders and archives; one reading for each file, in the order given.

    `tell` gets a line for each finished file. Files whose turn comes after the time budget are not read and say so.
    `readers` is how many processes may read one big file together, `answers` what was said about tables.
    """
    opened_in.cache_clear()
    deadline = None if max_seconds is None else time.monotonic() + max_seconds * READING_SHARE
    readings: list[Reading] = []
    for reading in _in_order([found for path in paths for found in _entries(path)], deadline, How(readers, answers)):
        tell(line_of(reading))
        readings.append(reading)
    return readings


def line_of(reading: Reading) -> str:
    """What a person wants to know about a finished file: format, size, records, seconds, and what went wrong."""
    records = reading.result.records if reading.result else 0
    parts = [reading.format or "not read", f"{reading.size / 1e6:.1f} MB", f"{records:,} records"]
    if reading.result and reading.result.rejected:
        parts.append(f"{reading.result.rejected:,} lines rejected")
    parts.append(f"{reading.seconds:.1f} s")
    where = f" (line {reading.error_line})" if reading.error_line else ""
    return f"{reading.file}: {', '.join(parts)}" + (f": {reading.error}{where}" if reading.error else "")


@lru_cache(maxsize=4)
def opened_in(path: Path) -> tuple[Opened, ...]:
    """The files in a path, kept for the readings that follow: telling a repository's files apart looks at all."""
    return tuple(open_path(path))


def _entries(path: Path) -> list[Entry | Reading]:
    """The files in a path, or why it cannot be opened."""
    try:
        return [Entry(path, place, opened.name, opened.size) for place, opened in enumerate(opened_in(path))]
    except ParseError as problem:
        return [_failed(path.name, path.stat().st_size, problem.message, problem.line)]


def _in_order(found: Sequence[Entry | Reading], deadline: float | None, how: How) -> Iterator[Reading]:
    entries = [entry for entry in found if isinstance(entry, Entry)]
    together = len(entries) > 1 and sum(entry.size for entry in entries) >= WORTH_A_POOL_BYTES
    alone = (read_entry(entry, deadline, how) for entry in entries)
    read = _by_two(entries, deadline, how) if together else alone
    for entry in found:
        yield entry if isinstance(entry, Reading) else next(read)


def _by_two(entries: Sequence[Entry], deadline: float | None, how: How) -> Iterator[Reading]:
    with _pool(WORKERS) as pool:
        futures = [pool.submit(read_entry, entry, deadline, how) for entry in entries]
        for entry, future in zip(entries, futures, strict=True):
            yield _answer(entry, future) or _alone(entry, deadline, how)


def _alone(entry: Entry, deadline: float | None, how: How) -> Reading:
    """A file whose pool broke gets a process of its own: it may be innocent, and if not, only it is lost."""
    with _pool(1) as pool:
        return _answer(entry, pool.submit(read_entry, entry, deadline, how)) or _failed(entry.name, entry.size, DIED)


def _answer(entry: Entry, future: "Future[Reading]") -> Reading | None:
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _pool(workers: int) -> ProcessPoolExecutor:
    # A fresh interpreter for each worker: a fork would copy the parent's threads and connections.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def read_entry(entry: Entry, deadline: float | None, how: How) -> Reading:
    """Read one file; runs in a worker process. The deadline is on the monotonic clock that all processes share."""
    if deadline is not None and time.monotonic() >= deadline:
        return _failed(entry.name, entry.size, TOO_LATE)
    try:
        opened = opened_in(entry.path)[entry.place]
    except ParseError as problem:
        return _failed(entry.name, entry.size, problem.message, problem.line)
    return read_opened(opened, _progress(entry), deadline, readers=how.readers, answers=how.answers)


def _progress(entry: Entry) -> Progress:
    last = time.monotonic()

    def progress(bytes_read: int, records: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_EVERY_S:
            last = time.monotonic()
            sys.stderr.write(f"  {entry.name}: {bytes_read / 1e6:,.0f} MB, {records:,} records\n")
            sys.stderr.flush()

    return progress


def _failed(name: str, size: int, message: str, line: int | None = None) -> Reading:
    return Reading(name, size, None, ParseResult(notes=[message]), message, line, 0.0)
