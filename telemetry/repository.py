"""What of an archive or folder is read file by file, and what becomes one stream of source code."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from io import BytesIO
from typing import BinaryIO

from telemetry.archives import ZIP_MAGICS
from telemetry.evidence import ParseError
from telemetry.opened import Opened
from telemetry.parsers import PARSERS
from telemetry.source import HEAD_BYTES
from telemetry.source_code import bundle
from telemetry.source_code.selection import Chosen, choose
from telemetry.streams import decoded, read_up_to, stream_of

# Asking the parsers takes about a millisecond a file; an application has a few hundred files that might be theirs.
MAX_CANDIDATES = 3_000
# Each becomes a file of its own; a repository may hold thousands of migrations, and is not refused for them.
MAX_ARTEFACTS = 500
UNKNOWN = "in no format of an export"
MORE = f"beyond the first {MAX_ARTEFACTS} schemas, settings and migrations"

# (place, first bytes as they lie there) of the files at these places, in any order.
Contents = Callable[[Collection[int], int], Iterator[tuple[int, bytes]]]


def selected(
    prefix: str, found: Sequence[Opened], contents: Contents | None = None, archives: bool = False
) -> list[Opened]:
    """The files to read: all of them where there is no source code, else exports, artefacts and the source as one.

    `prefix` ("repo.zip/" or "") is taken off names before they are judged. `contents` reads many files in one pass,
    where that is cheaper than one by one. `archives` keeps archives among the candidates, to be opened in their turn.
    """
    names = [opened.name.removeprefix(prefix) for opened in found]
    chosen = choose(names)
    if chosen is None:
        return list(found)
    contents = contents or _one_by_one(found)
    claimed = set(_claimed(names, chosen, contents, archives))
    kept = [found[at] for at in sorted({*chosen.exports, *claimed})]
    taken = {opened.name for opened in kept}
    name = f"{prefix}{bundle.NAME}"
    while name in taken:
        name += " (2)"
    size = sum(found[at].size for at in chosen.source)
    return [*kept, Opened(name, size, lambda: _bundled(names, found, chosen, contents))]


def _one_by_one(found: Sequence[Opened]) -> Contents:
    def contents(places: Collection[int], size: int) -> Iterator[tuple[int, bytes]]:
        for at in places:
            try:
                with found[at].open() as stream:
                    yield at, read_up_to(stream, size)
            except ParseError:  # a damaged or forged member: what is left of the others is read
                yield at, b""

    return contents


def _claimed(names: Sequence[str], chosen: Chosen, contents: Contents, archives: bool) -> Iterator[int]:
    """Candidates that one parser, or more, would read; the others are counted as left out."""
    asked = chosen.candidates[:MAX_CANDIDATES]
    unknown = len(chosen.candidates) - len(asked)
    claimed = 0
    for at, raw in contents(asked, HEAD_BYTES + 1):
        packed = archives and (raw.startswith(ZIP_MAGICS) or raw[257:262] == b"ustar")
        head = Opened(names[at], len(raw), partial(text_of, raw)).head()
        if not packed and not (head.text and any(parser.sniff(head) for parser in PARSERS)):
            unknown += 1
        elif claimed == MAX_ARTEFACTS:
            chosen.skipped[MORE] += 1
        else:
            claimed += 1
            yield at
    if unknown:
        chosen.skipped[UNKNOWN] = unknown


def _bundled(names: Sequence[str], found: Sequence[Opened], chosen: Chosen, contents: Contents) -> BinaryIO:
    left_out = Counter(chosen.skipped)
    small = [at for at in chosen.source if found[at].size <= bundle.MAX_FILE_BYTES]
    left_out[bundle.LARGE] += len(chosen.source) - len(small)
    files = ((names[at], raw) for at, raw in contents(small, bundle.MAX_FILE_BYTES + 1))
    return stream_over(bundle.written(files, +left_out))


def text_of(raw: bytes) -> BinaryIO:
    """Bytes as they lie there, as a stream of UTF-8."""
    return decoded(BytesIO(raw))


def stream_over(parts: Iterator[bytes]) -> BinaryIO:
    """A stream that gives these parts one after the other."""
    waiting = b""

    def pull(size: int) -> bytes:
        nonlocal waiting
        while not waiting:
            part = next(parts, None)
            if part is None:
                return b""
            waiting = part
        part, waiting = waiting[:size], waiting[size:]
        return part

    return stream_of(pull, lambda: None)
