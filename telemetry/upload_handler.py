"""Hash a file while it streams to disk, so that accepting it costs no second reading whatever its size."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class HashingUploadHandler(TemporaryFileUploadHandler):
    """Django's handler for temporary files, with the SHA-256 of what passed through on the finished file.

    Bytes above the size limit are counted, so that the refusal can say so, but not kept: they would fill the disk.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.digest = hashlib.sha256()
        self.limit = settings.LOADLINE_MAX_UPLOAD_MB * 1024 * 1024

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= self.limit:
            self.digest.update(raw_data)
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        file = super().file_complete(file_size)
        if file is not None:
            file.sha256 = self.digest.hexdigest()
        return file
