"""Byte streams that turn what was sent into UTF-8 text on the way, and say in words what is wrong with it."""

import codecs
import io
from collections.abc import Callable
from typing import BinaryIO, cast

from telemetry.evidence import ParseError
from telemetry.source import BLOCK_BYTES

PROBE_BYTES = 4096
# Longest first: the UTF-32 mark begins with the UTF-16 one.
_MARKS = [
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]

Pull = Callable[[int], bytes]
# Told how many bytes of the stored file were taken so far, where that differs from the bytes of text that were read.
Watch = Callable[[int], None]


def unwatched(taken: int) -> None:
    """Nobody asks."""


class Stream(io.RawIOBase):
    """A forward-only stream: `pull(n)` gives up to n bytes (b"" only at the end), `finish()` closes what is behind."""

    def __init__(self, pull: Pull, finish: Callable[[], None]) -> None:
        self._pull = pull
        self._finish = finish

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size >= 0:
            return self._pull(size) if size else b""
        return b"".join(iter(lambda: self._pull(BLOCK_BYTES), b""))

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        part = self._pull(len(view))
        view[: len(part)] = part
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._finish()
        super().close()


def stream_of(pull: Pull, finish: Callable[[], None]) -> BinaryIO:
    """A Stream under the type that readers ask for."""
    return cast(BinaryIO, Stream(pull, finish))


def peek(stream: BinaryIO, size: int) -> tuple[bytes, BinaryIO]:
    """The first bytes of a stream, and a stream that still starts with them."""
    first = read_up_to(stream, size)
    waiting = [first] if first else []

    def pull(count: int) -> bytes:
        if not waiting:
            return stream.read(count)
        part, rest = waiting[0][:count], waiting[0][count:]
        waiting[:] = [rest] if rest else []
        return part

    return first, stream_of(pull, stream.close)


def watched(stream: BinaryIO, went_on: Callable[[], None]) -> BinaryIO:
    """The same stream; `went_on()` is called before each reading."""

    def pull(size: int) -> bytes:
        went_on()
        return stream.read(size)

    return stream_of(pull, stream.close)


def built_on(raw: BinaryIO, build: Callable[[BinaryIO], BinaryIO]) -> BinaryIO:
    """`build(raw)`, with the raw stream closed when that fails on the first bytes."""
    try:
        return build(raw)
    except ParseError:
        raw.close()
        raise


def read_up_to(stream: BinaryIO, size: int) -> bytes:
    """Exactly `size` bytes unless the stream ends before."""
    parts: list[bytes] = []
    while size and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def encoding_of(first: bytes) -> tuple[str, int]:
    """(encoding, length of its mark) of text that starts with these bytes; UTF-8 unless they say otherwise."""
    for mark, name in _MARKS:
        if first.startswith(mark):
            return name, len(mark)
    probe = first[:PROBE_BYTES]
    half = len(probe) // 2
    even, odd = probe[0::2].count(0), probe[1::2].count(0)
    # Latin text in UTF-16 has a NUL in every pair; a mark is often missing in redirected Windows output.
    if half >= 8 and odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le", 0
    if half >= 8 and even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be", 0
    return "utf-8", 0


def decoded(stream: BinaryIO, went_on: Callable[[], None] = lambda: None) -> BinaryIO:
    """The stream as UTF-8 without a byte order mark, whatever it is encoded in; plain UTF-8 passes untouched.

    `went_on()` is called for each part that was decoded.
    """
    first, stream = peek(stream, PROBE_BYTES)
    encoding, mark = encoding_of(first)
    read_up_to(stream, mark)
    if encoding == "utf-8":
        return stream
    decoder = codecs.getincrementaldecoder(encoding)("replace")

    def pull(size: int) -> bytes:
        while part := stream.read(size):
            went_on()
            if text := decoder.decode(part):
                return text.encode("utf-8", "replace")
        return decoder.decode(b"", True).encode("utf-8", "replace")

    return stream_of(pull, stream.close)
