"""Bytes on the disk that belong to rows: what a rollback does not take back is removed here."""

import errno
import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.core.files.base import File
from django.db.models.fields.files import FieldFile

from telemetry.source import BLOCK_BYTES

# A full disk, and a full share of it.
FULL = {errno.ENOSPC, errno.EDQUOT}


def is_full(error: OSError) -> bool:
    """Whether there was no room to write."""
    return error.errno in FULL


@contextmanager
def removed_on_failure() -> Iterator[list[FieldFile]]:
    """Remove the files that the block lists unless it ends well."""
    written: list[FieldFile] = []
    kept = False
    try:
        yield written
        kept = True
    finally:
        if not kept:
            remove_files(written)


def write_file(field: FieldFile, name: str, content: File, written: list[FieldFile]) -> None:
    """Store bytes under a name that is known before the first is written, so that half a file can be removed."""
    field.name = name
    written.append(field)
    field.storage.save(name, content)


def remove_files(files: Iterable[FieldFile]) -> None:
    """Remove stored files; one that was never written, or is gone already, is no problem."""
    for file in files:
        if file.name:
            file.storage.delete(file.name)


def remove_members(archive: FieldFile) -> None:
    """Remove the folder with an archive's members, half-written ones included."""
    shutil.rmtree(f"{archive.path}.d", ignore_errors=True)


class Counted(File):
    """A stream that is counted and hashed while it is written: `count` in bytes, `digest` a SHA-256."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self.count, self.digest = 0, hashlib.sha256()

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Blocks of a file, in one pass: the stream of an archive cannot be rewound."""
        while block := self.file.read(BLOCK_BYTES):
            self.count += len(block)
            self.digest.update(block)
            yield block
