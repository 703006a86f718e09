"""All source files of a repository as one stream: written by whoever opens a repository, read by one parser.

    %loadline-source 1
    %file {"path": "src/app/api/orders/route.ts", "lines": 2}
    export async function GET() {
    }
    %left-out {"tests and examples": 12}

Text only, one file after the other: a repository is one file to keep, to count and to read, whatever it came in.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from telemetry.source import is_overlong
from telemetry.streams import decoded

MAGIC = "%loadline-source 1"
NAME = "source code"
# Written by hand a file rarely has more than 100 KB; above 256 KB it is generated, and its tree may not fit in memory.
MAX_FILE_BYTES = 256 * 1024
MAX_FILES = 5_000
# What is kept of a megabyte of source takes some ten in memory.
MAX_TOTAL_BYTES = 20 * 1024 * 1024
# A mean line above this is minified or data, from a size where it matters.
_MINIFIED_LINE, _MINIFIED_FROM = 300, 16 * 1024
_MAX_DEPTH = 200
_BRACKETS = re.compile(rb"[\[({\])}]")

LARGE, MINIFIED, BINARY, MANY = "larger than 256 KB", "minified or generated", "not text", "beyond 5,000 files or 20 MB"


@dataclass(frozen=True, slots=True)
class SourceText:
    """One file: its path inside the repository and its lines as UTF-8, joined by LF."""

    path: str
    text: bytes


def written(files: Iterable[tuple[str, bytes]], left_out: Counter[str]) -> Iterator[bytes]:
    """The stream of a bundle, part by part. `files` are (path, at most MAX_FILE_BYTES + 1 bytes as they lie there);
    what cannot be read is counted in `left_out`, which the last line tells."""
    yield f"{MAGIC}\n".encode()
    count = total = 0
    for path, raw in files:
        text = _text_of(raw)
        reason = _refusal(text) if count < MAX_FILES and total + len(text) <= MAX_TOTAL_BYTES else MANY
        if reason:
            left_out[reason] += 1
            continue
        count, total = count + 1, total + len(text)
        head = json.dumps({"path": path, "lines": text.count(b"\n")})
        yield b"%file " + head.encode() + b"\n" + text
    yield b"%left-out " + json.dumps(dict(sorted(left_out.items()))).encode() + b"\n"


def _text_of(raw: bytes) -> bytes:
    """Plain UTF-8 with LF, every line closed."""
    text = decoded(io.BytesIO(raw)).read().decode("utf-8", "replace")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    encoded = text.encode()
    return encoded if encoded.endswith(b"\n") or not encoded else encoded + b"\n"


def _refusal(text: bytes) -> str | None:
    """Why a file is left out, None when it is read."""
    if len(text) > MAX_FILE_BYTES:
        return LARGE
    if text.count(b"\x00") + text.count(b"\xef\xbf\xbd") > len(text) // 100:
        return BINARY
    if len(text) > _MINIFIED_FROM and len(text) > _MINIFIED_LINE * (text.count(b"\n") + 1):
        return MINIFIED
    return MINIFIED if _depth(text) > _MAX_DEPTH else None


def _depth(text: bytes) -> int:
    """How deep brackets nest, those in texts and comments included: deeper than anyone writes is hostile."""
    depth = deepest = 0
    for match in _BRACKETS.finditer(text):
        depth = depth + 1 if match[0] in b"[({" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def files_of(lines: Iterable[tuple[int, bytes]], left_out: Counter[str]) -> Iterator[SourceText | tuple[int, bytes]]:
    """The files of a bundle, and every line that belongs to none; the bundle's last line is added to `left_out`."""
    rows = iter(lines)
    for number, line in rows:
        if number == 1 and line.decode("utf-8", "replace").removeprefix("\ufeff") == MAGIC:
            continue
        name, _, value = line.partition(b" ")
        told = _json(value) if name in (b"%file", b"%left-out") else None
        if told is not None and name == b"%left-out":
            left_out.update({str(key): count for key, count in told.items() if isinstance(count, int)})
        elif told is not None and isinstance(path := told.get("path"), str) and isinstance(n := told.get("lines"), int):
            yield SourceText(path, b"".join(_body(rows, min(n, MAX_FILE_BYTES))))
        else:
            yield number, line


def _body(rows: Iterator[tuple[int, bytes]], count: int) -> Iterator[bytes]:
    for _ in range(max(0, count)):
        row = next(rows, None)
        if row is None:
            return
        yield (b"" if is_overlong(row[1]) else row[1]) + b"\n"


def _json(value: bytes) -> dict[str, object] | None:
    try:
        told = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
