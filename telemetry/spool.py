"""A place for what was unpacked, gone with the process: a stream is kept while it passes and can be read again."""

import io
import os
import tempfile
import weakref
from typing import IO, BinaryIO, cast

from telemetry.streams import stream_of


class Spool:
    """Bytes in a file without a name, which no killed process leaves behind."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as what reads it
        weakref.finalize(self, self._file.close)

    def kept(self, stream: BinaryIO) -> BinaryIO:
        """The same stream; what is read of it is kept. OSError when the disk is full."""

        def pull(size: int) -> bytes:
            part = stream.read(size)
            self._file.write(part)
            return part

        return stream_of(pull, stream.close)

    def reader(self) -> BinaryIO:
        """What was kept, from its first byte, with a place of its own."""
        self._file.flush()
        return cast(BinaryIO, io.BufferedReader(_View(self._file)))


class _View(io.RawIOBase):
    """A file read at a place that no other reader moves."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._at = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: os.fstat(self._file.fileno()).st_size}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        part = os.pread(self._file.fileno(), len(view), self._at)
        view[: len(part)] = part
        self._at += len(part)
        return len(part)
