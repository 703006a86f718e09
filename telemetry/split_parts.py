"""The parts of a big file, each read by a process, become one result: this process reads the first of them."""

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

from telemetry.evidence import ParseResult
from telemetry.source import Progress, Source
from telemetry.split_child import Child
from telemetry.splitting import Part, Split, Undividable

_WINDOW_BYTES = 1024 * 1024
_WINDOWS = 11  # a record is at most 10 MB, so one begins in as many of them


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
                window += stream.read(_WINDOW_BYTES)
                cut = split.cut(context, window)
                if cut > 0:
                    bounds.append(at + cut)
                    break
    return sorted({*bounds, size})


def _joined(split: Split, parts: Sequence[Part], progress: Progress, deadline: float | None) -> Any:
    with ExitStack() as stack:
        children: list[Child] = []
        for part in parts[1:]:
            try:
                children.append(Child(part))
            except OSError as problem:  # no memory or no process left
                raise Undividable("not started") from problem
            stack.callback(children[-1].end)
        for child in children:  # only now, for they listen in threads, and a process with threads is not copied
            child.listen()
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
