"""A big file read by several processes at once, with exactly the result that one process has.

A format takes part by giving its parser a `Split`. Processes are started with `python -m telemetry.split_worker`, not
with multiprocessing, which the workers of a queue may not use and which would import the whole application again.
"""

import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, cast

from telemetry.evidence import ParseError, ParseResult
from telemetry.source import BLOCK_BYTES, Progress, Source
from telemetry.streams import stream_of

SPLIT_BYTES = 32 * 1024 * 1024  # below this the second process is hardly up before the first is done
_WINDOWS = 11  # a record is at most 10 MB, so one begins in as many windows of 1 MiB
_ROOT = Path(__file__).resolve().parents[1]
_WAIT_S = 0.2
_GRACE_S = 5.0  # a part stops at the time limit by itself, if it is well
_LATE = "Reading took longer than the time limit; send a shorter period."


class Undividable(Exception):
    """This file has to be read by one process after all; `read` and `join` may raise it whenever they are in doubt."""


@dataclass(frozen=True)
class Split:
    """How a format is read in parts. All five are functions of a module, so that another process can import them.

    `start(source)` looks at the beginning with `source.peek()` and gives what every part must know (picklable), or None
    when this file cannot be divided. `cut(context, window)` gives the offset behind a line end in some MiB from the
    middle of the file at which a record is certain to begin, -1 when none does. `read(context, source)` gives the state
    of a part (picklable); the first line of the part has the number `source.lines_before + 1`, and
    `source.is_part` is true. `join(earlier, later)`
    gives the state of both. `finish(state)` makes the result.

    One process reads a file with `parse`, so there is one way of reading and not two.
    """

    start: Callable[[Source], Any]
    cut: Callable[[Any, bytes], int]
    read: Callable[[Any, Source], Any]
    join: Callable[[Any, Any], Any]
    finish: Callable[[Any], ParseResult]

    def parse(self, source: Source) -> ParseResult:
        """Read the whole file as one part."""
        return self.finish(self.read(self.start(source), source))


def next_line(_context: Any, window: bytes) -> int:
    """The `cut` of formats with one record a line."""
    return window.find(b"\n") + 1 or -1


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `start` to `end` of a plain UTF-8 file, and how to read them."""

    path: Path
    name: str
    start: int
    end: int
    read: Callable[[Any, Source], Any]
    context: Any
    deadline: float | None

    def state(self, progress: Progress) -> Any:
        """Read the part; ParseError as for a whole file."""
        with self.path.open("rb") as raw:
            before = 0
            while rest := self.start - raw.tell():
                before += raw.read(min(BLOCK_BYTES, rest)).count(b"\n")

            def pull(size: int) -> bytes:
                return raw.read(max(0, min(size, self.end - raw.tell())))

            source = Source(self.name, stream_of(pull, raw.close), progress, self.deadline, before)
            source.is_part = True
            return self.read(self.context, source)


class _Child:
    """A process that reads a part. It says how far it is as it goes on, so it ends when nobody listens any more."""

    def __init__(self, part: Part) -> None:
        self.bytes_read = self.records = 0
        self.answer: tuple[str, Any] | None = None
        command = [sys.executable, "-m", "telemetry.split_worker"]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._ear = threading.Thread(target=self._listen, args=(pickle.dumps(part),), daemon=True)
        self._ear.start()

    def _listen(self, task: bytes) -> None:
        process = self._process
        try:
            cast(BinaryIO, process.stdin).write(task)
            cast(BinaryIO, process.stdin).close()
            while self.answer is None:
                what, said = pickle.load(cast(BinaryIO, process.stdout))  # noqa: S301 - our own words
                if what == "progress":
                    self.bytes_read, self.records = said
                else:
                    self.answer = what, said
        except (OSError, EOFError, pickle.UnpicklingError):
            return  # it ended without an answer

    def wait(self, tell: Callable[[], None], deadline: float | None) -> Any:
        """The state of its part; ParseError is its own, Undividable when it has none to give."""
        while self._ear.is_alive():
            self._ear.join(_WAIT_S)
            tell()
            if deadline is not None and time.monotonic() > deadline + _GRACE_S:
                raise ParseError(_LATE)
        answer: tuple[str, Any] = self.answer or ("ended", None)
        what, said = answer
        if what == "wrong":
            raise ParseError(*said)
        if what != "state":
            raise Undividable(what)
        return said

    def end(self) -> None:
        """Leave nothing running."""
        self._process.kill()
        self._process.wait()
        self._ear.join()
        cast(BinaryIO, self._process.stdout).close()


def read_parts(
    split: Split, path: Path, name: str, readers: int, progress: Progress, deadline: float | None
) -> ParseResult | None:
    """The result of a plain UTF-8 file read by that many processes, this one among them; None when one has to do it.

    `progress` counts all parts together.
    """
    with path.open("rb") as stream:
        context = split.start(Source(name, stream))
    if context is None:
        return None
    bounds = _bounds(split, context, path, readers)
    parts = [Part(path, name, start, end, split.read, context, deadline) for start, end in pairwise(bounds)]
    if len(parts) < 2:
        return None
    try:
        return split.finish(_joined(split, parts, progress, deadline))
    except Undividable:
        return None


def _bounds(split: Split, context: Any, path: Path, readers: int) -> list[int]:
    """Offsets at which parts begin, and the end of the file."""
    size = path.stat().st_size
    bounds = [0]
    with path.open("rb") as stream:
        for number in range(1, readers):
            window, at = b"", size * number // readers
            for _ in range(_WINDOWS):
                stream.seek(at + len(window))
                window += stream.read(BLOCK_BYTES)
                cut = split.cut(context, window)
                if cut > 0:
                    bounds.append(at + cut)
                    break
    return sorted({*bounds, size})


def _joined(split: Split, parts: Sequence[Part], progress: Progress, deadline: float | None) -> Any:
    with ExitStack() as stack:
        children: list[_Child] = []
        for part in parts[1:]:
            try:
                children.append(_Child(part))
            except OSError as problem:  # no memory or no process left
                raise Undividable("not started") from problem
            stack.callback(children[-1].end)
        own = [0, 0]

        def tell(*count: int) -> None:
            if any(child.answer and child.answer[0] == "undividable" for child in children):
                raise Undividable("undividable")  # the sooner the better: all is read once more
            own[:] = count or own
            progress(
                own[0] + sum(child.bytes_read for child in children), own[1] + sum(child.records for child in children)
            )

        state = parts[0].state(tell)
        for child in children:
            state = split.join(state, child.wait(tell, deadline))
        return state
