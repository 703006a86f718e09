"""Receiving a file: stored once, whatever way it comes in, and stored again where its bytes were deleted."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from telemetry.archives import printable
from telemetry.models import Upload, UploadEvent, storage_name
from telemetry.services.events import note_event
from telemetry.storage import is_full, removed_on_failure, write_file

NAME_LENGTH = 190  # with a member's name of at most 300 behind it, it fits into the column
NO_ROOM = "{name} was not stored: the disk of this server is full. Tell whoever runs it, then try again."


class UploadError(Exception):
    """The file cannot be received. The message is for the person who sent it."""


def receive_upload(
    *, engagement_id: int, file: UploadedFile, user_id: int | None, path: str | None = None
) -> tuple[Upload, bool]:
    """Store a file and return (its upload, whether it is new). The same file twice is the same upload.

    `path` is its place inside the folder that was sent; two exports of the same name are told apart by it.
    """
    name = clean_path(path) if path else clean_name(file.name or "")
    if getattr(file, "disk_full", False):
        raise UploadError(NO_ROOM.format(name=name))
    if (file.size or 0) > settings.LOADLINE_MAX_UPLOAD_MB * 1024 * 1024:
        raise UploadError(too_large(name))
    sha256 = getattr(file, "sha256", None) or _sha256(file.chunks(1024 * 1024))
    return _store(engagement_id, name, file, sha256, file.size or 0, user_id)


def too_large(name: str) -> str:
    """The refusal of a file above the limit, whether it came here or was left out before sending."""
    limit = settings.LOADLINE_MAX_UPLOAD_MB
    return f"{clean_path(name)} is larger than {limit:,} MB. Send a shorter period, or compress it with gzip."


def receive_path(
    *, engagement_id: int, path: Path, name: str | None = None, user_id: int | None = None
) -> tuple[Upload, bool]:
    """The same for a file on this machine's disk (demo, command line); `name` is its path inside what was given."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        shown = printable(name)[-NAME_LENGTH:] if name else clean_name(path.name)
        return _store(engagement_id, shown, File(stream), sha256, path.stat().st_size, user_id)


@contextmanager
def _room_for(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise UploadError(NO_ROOM.format(name=name)) from error
        raise


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def clean_path(path: str) -> str:
    """A path inside what was sent, without steps that lead nowhere; it is shown, never used as a path."""
    parts = [clean_name(part) for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts)[-NAME_LENGTH:] or "unnamed"


def clean_name(name: str) -> str:
    """The last part of a name, without control characters; it is shown, never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable())[:NAME_LENGTH] or "unnamed"


def _store(
    engagement_id: int, name: str, file: File, sha256: str, size: int, user_id: int | None
) -> tuple[Upload, bool]:
    same = Upload.objects.filter(engagement_id=engagement_id, sha256=sha256, file_name=name, parent=None)
    if found := same.first():
        with _room_for(name):
            restore_raw(upload=found, file=file, user_id=user_id)
        return found, False
    upload = Upload(engagement_id=engagement_id, file_name=name, sha256=sha256, size=size, uploaded_by_id=user_id)
    try:
        with _room_for(name), removed_on_failure() as written, transaction.atomic():
            write_file(upload.content, storage_name(upload, ""), file, written)
            upload.save()
    except IntegrityError:  # the same file arrived twice at the same moment, and the other one was first
        return same.get(), False
    return upload, True


def restore_raw(*, upload: Upload, file: File, user_id: int | None) -> bool:
    """Store the bytes of a known file again; False where they still are. Its evidence is as it was."""
    with removed_on_failure() as written, transaction.atomic():
        row = Upload.objects.select_for_update().get(pk=upload.pk)
        if row.raw_deleted_at is None and row.content.storage.exists(row.content.name):
            return False
        write_file(row.content, storage_name(row, ""), file, written)
        row.raw_deleted_at, row.stored_at = None, timezone.now()
        row.save(update_fields=["content", "raw_deleted_at", "stored_at"])
        by = get_user_model().objects.filter(pk=user_id).first()
        note_event(upload=row, action=UploadEvent.Action.RAW_RESTORED, by=by.get_username() if by else "")
    return True
