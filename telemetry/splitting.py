"""A big file read by several processes at once, with exactly the result that one process has.

A format takes part by giving its parser a `Split`; `telemetry.split_parts` reads with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telemetry.evidence import ParseResult
from telemetry.source import BLOCK_BYTES, Progress, Source
from telemetry.streams import stream_of

SPLIT_BYTES = 32 * 1024 * 1024  # below this the second process is hardly up before the first is done


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
