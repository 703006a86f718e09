"""Hash a file while it streams to disk, so that accepting it costs no second reading whatever its size."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from telemetry.storage import is_full


class HashingUploadHandler(TemporaryFileUploadHandler):
    """Django's handler for temporary files, with the SHA-256 of what passed through on the finished file.

    Bytes above the size limit are counted, so that the refusal can say so, but not kept: they would fill the disk.
    When the disk is full already, what was written is given back and the file says `disk_full`.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.digest = hashlib.sha256()
        self.limit = settings.LOADLINE_MAX_UPLOAD_MB * 1024 * 1024
        self.file.disk_full = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= self.limit and not self.file.disk_full:
            self.digest.update(raw_data)
            with self._room():
                super().receive_data_chunk(raw_data, start)

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not is_full(error):
                raise
            self.file.disk_full = True
            # Not through the file object: its buffer holds what did not fit and would be written again.
            os.truncate(self.file.temporary_file_path(), 0)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        with self._room():
            self.file.flush()
        if self.file.disk_full:
            self.file.size = file_size
            return self.file
        file = super().file_complete(file_size)
        if file is not None:
            file.sha256 = self.digest.hexdigest()
        return file
