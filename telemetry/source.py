"""A file as a parser sees it: a stream of UTF-8 bytes with counted lines, whatever the upload was packed in."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from telemetry.evidence import ParseError

HEAD_BYTES = 64 * 1024
BLOCK_BYTES = 1024 * 1024
# A record above this is no log line but a broken or hostile file; the collectors of the field cap at the same size.
LINE_BYTES = 10 * 1024 * 1024

Progress = Callable[[int, int], None]


def no_progress(bytes_read: int, records: int) -> None:
    """Report to nobody."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first 64 KB of a file, decoded, for sniffing: `text`, its `lines` (the last may be cut), and the `name`."""

    name: str
    text: str
    complete: bool  # the head is the whole file

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class Source:
    """A file to read once, from the first byte to the last.

    `stream` yields UTF-8 bytes (decompressed and decoded by the opener). `progress(bytes_read, records)` is called
    about once a block. `deadline` is a `time.monotonic()` value after which reading stops with a ParseError.
    """

    def __init__(
        self,
        name: str,
        stream: BinaryIO,
        progress: Progress = no_progress,
        deadline: float | None = None,
    ) -> None:
        self.name = name
        self.bytes_read = 0
        self.records = 0  # a parser may keep this current for the progress line
        self._stream = stream
        self._progress = progress
        self._deadline = deadline

    def blocks(self) -> Iterator[bytes]:
        """Blocks of about 1 MiB, each ending at a line end (the last may not). A line over 10 MiB ends the reading."""
        rest = b""
        while block := self._stream.read(BLOCK_BYTES):
            self._account(len(block))
            cut = block.rfind(b"\n") + 1
            if cut == 0:
                rest += block
                if len(rest) > LINE_BYTES:
                    raise ParseError("A line is longer than 10 MB; send the export as text with line breaks.")
                continue
            yield rest + block[:cut]
            rest = block[cut:]
        if rest:
            yield rest

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """(number from 1, line without its end) for every line."""
        number = 0
        for block in self.blocks():
            for line in block.splitlines() if b"\r" not in block else block.replace(b"\r\n", b"\n").split(b"\n")[:-1]:
                number += 1
                yield number, line

    def read(self, limit: int = 64 * 1024 * 1024) -> bytes:
        """The whole file, for formats that are one document; ParseError above `limit` bytes."""
        parts: list[bytes] = []
        while block := self._stream.read(BLOCK_BYTES):
            self._account(len(block))
            parts.append(block)
            if self.bytes_read > limit:
                raise ParseError(f"The document is larger than {limit // 1_048_576} MB; send a smaller export.")
        return b"".join(parts)

    def _account(self, size: int) -> None:
        self.bytes_read += size
        self._progress(self.bytes_read, self.records)
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise ParseError("Reading took longer than the time limit; send a shorter period.")
