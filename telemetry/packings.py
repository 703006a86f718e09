"""Compressed files: recognised by their first bytes, unpacked as they are read, guarded against bombs."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import zstandard

from telemetry.evidence import ParseError
from telemetry.streams import peek, stream_of

# A frame may ask for a window of gigabytes; 128 MiB is what the command line tool allows without being told.
_ZSTD_WINDOW = 128 * 1024**2
_XZ_MEMORY = 256 * 1024**2
MAGIC_BYTES = 6


@dataclass(frozen=True, slots=True)
class Packing:
    """One way of compressing a stream: its name, its first bytes, and how to read it."""

    name: str
    magic: bytes
    open: Callable[[BinaryIO], Any]


class _Fed:
    """A decompressor that is fed by hand: unlike a ready-made reader it tells a cut file and bounds its memory."""

    def __init__(self, stream: BinaryIO, make: Callable[[], Any], feed: int) -> None:
        self._stream, self._make, self._feed = stream, make, feed
        self._unpacker = make()
        self._rest = b""

    def read(self, size: int) -> bytes:
        while True:
            raw = self._rest or self._stream.read(min(size, self._feed))
            self._rest = b""
            if not raw:
                return self._end()
            if self._unpacker.eof:
                self._unpacker = self._make()
            part = self._unpacker.decompress(raw)
            if self._unpacker.eof:
                self._rest = self._unpacker.unused_data
            if part:
                return cast(bytes, part)

    def _end(self) -> bytes:
        if not self._unpacker.eof:
            raise EOFError
        return b""

    def close(self) -> None:
        """Nothing is held open beside the stream."""


def _zstd(stream: BinaryIO) -> Any:
    # Four bytes may stand for a block of 128 KiB, so 1 KiB at a time never gives more than 32 MiB.
    return _Fed(stream, lambda: zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj(), 1024)


def _xz(stream: BinaryIO) -> Any:
    # LZMA packs at most about 7,000 to 1.
    return _Fed(stream, lambda: lzma.LZMADecompressor(memlimit=_XZ_MEMORY), 4096)


PACKINGS = (
    Packing("gzip", b"\x1f\x8b", lambda stream: gzip.GzipFile(fileobj=stream, mode="rb")),
    Packing("bzip2", b"BZh", lambda stream: bz2.BZ2File(stream)),
    Packing("zstd", b"\x28\xb5\x2f\xfd", _zstd),
    Packing("xz", b"\xfd7zXZ\x00", _xz),
)
_DAMAGED = (gzip.BadGzipFile, zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, ValueError)


def packing_of(first: bytes) -> Packing | None:
    """How a stream that starts with these bytes is compressed, None when it is not."""
    return next((packing for packing in PACKINGS if first.startswith(packing.magic)), None)


def unpacked(stream: BinaryIO, guard: Callable[[int], None]) -> BinaryIO:
    """The stream without its compression, or as it is; `guard(total)` may refuse it on the way."""
    first, stream = peek(stream, MAGIC_BYTES)
    packing = packing_of(first)
    return stream if packing is None else _unpacking(packing, stream, guard)


def _unpacking(packing: Packing, stream: BinaryIO, guard: Callable[[int], None]) -> BinaryIO:
    unpacker = packing.open(stream)
    total = 0

    def pull(size: int) -> bytes:
        nonlocal total
        try:
            part = cast(bytes, unpacker.read(size))
        except EOFError as error:
            raise ParseError(
                f"The {packing.name} file is cut off after {total / 1e6:,.1f} MB of text; "
                "send it again, or compress it again."
            ) from error
        except _DAMAGED as error:
            raise ParseError(
                f"The {packing.name} file is damaged ({error}); compress the export again and send it."
            ) from error
        total += len(part)
        guard(total)
        return part

    def finish() -> None:
        unpacker.close()
        stream.close()

    return stream_of(pull, finish)
