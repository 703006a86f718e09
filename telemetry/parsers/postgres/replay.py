"""A file whose beginning was looked at before it is read."""

import io
from collections import deque
from collections.abc import Iterator

from telemetry.evidence import ParseError
from telemetry.source import HEAD_BYTES, Head, Source


class Replayed(Source):
    """The same file from its first byte on, with `head` known. `records` set here reaches the progress line."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.name, io.BytesIO())
        self._source = source
        self._rest = source.blocks()
        self._held: deque[bytes] = deque()
        self.complete = True
        size = 0
        for block in self._rest:
            self._held.append(block)
            size += len(block)
            if size >= HEAD_BYTES:
                self.complete = False
                break

    def head(self) -> Head:
        """What the sniffers see."""
        text = b"".join(self._held)[:HEAD_BYTES].decode("utf-8", "replace")
        return Head(self.name, text, self.complete)

    @property
    def first_line(self) -> bytes:
        """The first line that is not blank, whole."""
        return next((line for block in self._held for line in block.split(b"\n") if line.strip()), b"")

    @property
    def one_line(self) -> bool:
        """Whether the file is a single line."""
        return self.complete and sum(bool(line.strip()) for block in self._held for line in block.split(b"\n")) == 1

    def blocks(self) -> Iterator[bytes]:
        """As the file's own blocks; what was held is let go of as it is read."""
        while self._held:
            yield self._held.popleft()
        for block in self._rest:
            self._source.records = self.records
            yield block

    def read(self, limit: int = 64 * 1024 * 1024) -> bytes:
        """The whole file; ParseError above `limit` bytes."""
        parts: list[bytes] = []
        size = 0
        for block in self.blocks():
            parts.append(block)
            size += len(block)
            if size > limit:
                raise ParseError(f"The document is larger than {limit // 1_048_576} MB; send a smaller export.")
        return b"".join(parts)
