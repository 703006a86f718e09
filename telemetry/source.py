"""A file as a parser sees it: a stream of UTF-8 bytes with counted lines, whatever the upload was packed in."""

import codecs
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from telemetry.evidence import ParseError

HEAD_BYTES = 64 * 1024
# What readers make of a block stays in the processor's caches: of 1 MiB it does not, and takes a tenth longer.
BLOCK_BYTES = 256 * 1024
# A record above this is no log line but a broken or hostile file; the collectors of the field cap at the same size.
LINE_BYTES = 10 * 1024 * 1024
# Stands in for a line over LINE_BYTES. No format starts a line with NUL, so a parser that rejects what it does not
# know rejects it; one that appends unknown lines to the record before (PostgreSQL) must ask is_overlong().
OVERLONG = b"\x00line of more than 10 MB left out"

Progress = Callable[[int, int], None]


def no_progress(bytes_read: int, records: int) -> None:
    """Report to nobody."""


def is_overlong(line: bytes) -> bool:
    """Whether this line stands in for one that was too long to read; count it as rejected."""
    return line.startswith(OVERLONG)


@dataclass(frozen=True)  # no slots: some fifty sniffers ask for the lines, which are split once
class Head:
    """The first 64 KB of a file, decoded, for sniffing: `text`, its `lines` (the last may be cut), and the `name`."""

    name: str
    text: str
    complete: bool  # the head is the whole file

    @cached_property
    def lines(self) -> list[str]:
        """Lines as `Source.lines` would count them: a line ends at LF or CRLF and nowhere else."""
        lines = self.text.split("\n")
        if not lines[-1]:
            lines.pop()
        return [line.removesuffix("\r") for line in lines] if "\r" in self.text else lines

    @cached_property
    def plain(self) -> str:
        """The text without a byte order mark, its lines ended by LF alone."""
        text = self.text.removeprefix("\ufeff")
        return text.replace("\r\n", "\n") if "\r" in text else text

    @cached_property
    def quoted(self) -> frozenset[str]:
        """What stands between one quote and the next, names of JSON among it: `"x"` is in the text if x is in here."""
        return frozenset(self.text.split('"')[1:-1])

    @cached_property
    def whole_lines(self) -> list[str]:
        """Lines without the last one if the head cuts it."""
        lines = self.lines
        return lines if self.complete or self.text.endswith("\n") else lines[:-1]


class Source:
    """A file to read once, from the first byte to the last.

    `stream` yields UTF-8 bytes (decompressed and decoded by the opener). `progress(bytes_read, records)` is called
    about once a block. `deadline` is a `time.monotonic()` value after which reading stops with a ParseError.
    `lines_before` is the number of lines in front of the stream where it is a part of a file.
    """

    def __init__(
        self,
        name: str,
        stream: BinaryIO,
        progress: Progress = no_progress,
        deadline: float | None = None,
        lines_before: int = 0,
    ) -> None:
        self.name = name
        self.lines_before = lines_before
        self.is_part = False  # another part of the file is read elsewhere
        self.bytes_read = 0
        self.records = 0  # a parser may keep this current for the progress line
        self._stream = stream
        self._progress = progress
        self._deadline = deadline
        self._peeked = b""

    def peek(self, size: int = HEAD_BYTES) -> bytes:
        """The first bytes of a source that nothing was read from yet; reading still begins at the first byte."""
        parts, missing = [self._peeked], size - len(self._peeked)
        while missing > 0 and (part := self._stream.read(missing)):
            parts.append(part)
            missing -= len(part)
        self._peeked = b"".join(parts)
        return self._peeked[:size]

    def head(self) -> Head:
        """The start as a sniffer sees it, to choose between the carriers of a format; `peek` says when."""
        raw = self.peek(HEAD_BYTES + 1)
        complete = len(raw) <= HEAD_BYTES
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(raw[:HEAD_BYTES], final=complete)
        return Head(self.name, text, complete)

    def skip(self, size: int) -> None:
        """Leave out the first bytes; like `peek`, before anything else was read."""
        self.bytes_read += len(self.peek(size))
        self._peeked = self._peeked[size:]

    def blocks(self) -> Iterator[bytes]:
        """Blocks of about 256 KiB, each ending at a line end (the last may not).

        A line over 10 MiB is replaced by the OVERLONG marker as it passes, so memory stays bounded and line numbers
        stay true.
        """
        parts: list[bytes] = []  # the line that is still open
        size = 0
        while block := self._pull():
            self._account(len(block))
            cut = block.rfind(b"\n") + 1
            if cut:
                first = block.find(b"\n") if size + cut > LINE_BYTES else -1
                if size + first > LINE_BYTES:
                    yield OVERLONG + block[first:cut]
                else:
                    yield b"".join([*parts, block[:cut]]) if parts else block[:cut]
                parts, size = [], 0
            rest = block[cut:]
            size += len(rest)
            if size > LINE_BYTES:
                parts = []
            elif rest:
                parts.append(rest)
        if size:
            yield OVERLONG if size > LINE_BYTES else b"".join(parts)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """(number from 1, line without its LF or CRLF) for every line; a lone CR does not end a line."""
        number = self.lines_before
        for block in self.blocks():
            lines = block.split(b"\n")
            if not lines[-1]:
                lines.pop()
            if b"\r" in block:
                lines = [line.removesuffix(b"\r") for line in lines]
            yield from enumerate(lines, number + 1)
            number += len(lines)

    def read(self, limit: int = 64 * 1024 * 1024) -> bytes:
        """The whole file, for formats that are one document; ParseError above `limit` bytes."""
        parts: list[bytes] = []
        while block := self._pull():
            self._account(len(block))
            parts.append(block)
            if self.bytes_read > limit:
                raise ParseError(f"The document is larger than {limit // 1_048_576} MB; send a smaller export.")
        return b"".join(parts)

    def _pull(self) -> bytes:
        block, self._peeked = self._peeked, b""
        return block or self._stream.read(BLOCK_BYTES)

    def _account(self, size: int) -> None:
        self.bytes_read += size
        self._progress(self.bytes_read, self.records)
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise ParseError("Reading took longer than the time limit; send a shorter period.")
