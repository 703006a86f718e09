"""A file that is ready to be read, wherever it lies."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from telemetry.source import HEAD_BYTES, Head
from telemetry.streams import read_up_to


@dataclass(frozen=True, slots=True)
class Opened:
    """A file to read. `name` is its path inside what was given, `size` its bytes there (packed, for a .gz).

    `open()` gives its text as UTF-8 and may be called more than once; it and the reading raise ParseError when the
    file cannot be unpacked. `plain` is where that same text lies on the disk, byte for byte, for large files only.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]
    plain: Path | None = None

    def head(self) -> Head:
        """The first 64 KB, decoded."""
        with self.open() as stream:
            raw = read_up_to(stream, HEAD_BYTES)
            complete = len(raw) < HEAD_BYTES or not stream.read(1)
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(raw, final=complete)
        return Head(self.name, text, complete)
