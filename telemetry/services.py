"""Receiving a file, reading it once, and handing out its evidence. Every write of this app is here."""

import hashlib
import secrets
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from telemetry.coverage import coverage_row
from telemetry.evidence import Evidence, ParseError
from telemetry.models import EvidenceRow, Upload
from telemetry.opening import Opened, is_archive, open_file, open_path
from telemetry.reading import Reading, read_opened

CLAIM = timedelta(seconds=30)
MAX_ATTEMPTS = 3
RENEW_S = 1.0


class UploadError(Exception):
    """The file cannot be received. The message is for the person who sent it."""


def receive_upload(*, engagement_id: int, file: UploadedFile, user_id: int | None) -> tuple[Upload, bool]:
    """Store a file and return (its upload, whether it is new). The same file twice is the same upload."""
    limit = settings.LOADLINE_MAX_UPLOAD_MB
    if (file.size or 0) > limit * 1024 * 1024:
        raise UploadError(f"{file.name} is larger than {limit} MB. Send a shorter period, or compress it with gzip.")
    sha256 = getattr(file, "sha256", None) or _sha256(file.chunks(1024 * 1024))
    return _store(engagement_id, clean_name(file.name or ""), file, sha256, file.size or 0, user_id)


def receive_path(*, engagement_id: int, path: Path, user_id: int | None = None) -> tuple[Upload, bool]:
    """The same for a file on this machine's disk (demo, command line)."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        return _store(engagement_id, clean_name(path.name), File(stream), sha256, path.stat().st_size, user_id)


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def clean_name(name: str) -> str:
    """The last part of a name, without control characters; it is shown, never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable())[:200] or "unnamed"


@transaction.atomic
def _store(
    engagement_id: int, name: str, file: File, sha256: str, size: int, user_id: int | None
) -> tuple[Upload, bool]:
    same = Upload.objects.filter(engagement_id=engagement_id, sha256=sha256, file_name=name, parent=None).first()
    if same:
        return same, False
    upload = Upload(engagement_id=engagement_id, file_name=name, sha256=sha256, size=size, uploaded_by_id=user_id)
    upload.content.save("", file, save=False)
    upload.save()
    return upload, True


def claim_upload(upload_id: int) -> Upload | None:
    """Take a file for reading, or None when another reading owns it or it is finished.

    A claim runs out by itself, so a killed worker never blocks a file; after three lost readings it is given up.
    """
    now = timezone.now()
    free = Q(state=Upload.State.RECEIVED) | Q(state=Upload.State.READING, claimed_until__lt=now)
    claim = secrets.token_hex(16)
    taken = Upload.objects.filter(free, pk=upload_id).update(
        state=Upload.State.READING,
        claim=claim,
        claimed_until=now + CLAIM,
        attempts=F("attempts") + 1,
        bytes_read=0,
        records_read=0,
    )
    if not taken:
        return None
    upload = Upload.objects.get(pk=upload_id)
    if upload.attempts > MAX_ATTEMPTS:
        message = "The reader stopped three times on this file. Send a smaller part of it, such as one day."
        finish_failed(upload, message, None)
        return None
    return upload


def parse_upload(upload_id: int) -> list[int]:
    """Read a file to its end and store what it says; returns the ids of archive members still to be read.

    Safe to call twice: only the owner of the claim stores, and storing replaces.
    """
    upload = claim_upload(upload_id)
    if upload is None:
        return []
    path = Path(upload.content.path)
    try:
        if upload.parent_id is None and is_archive(path):
            return _expand_archive(upload, path)
        opened = open_file(path, upload.file_name)
    except ParseError as problem:
        finish_failed(upload, problem.message, problem.line)
        return []
    except Exception:
        # The one place that may catch everything: the row must say so before the bug surfaces in the worker's log.
        finish_failed(upload, "Reading stopped on a fault of ours; it was reported. The file is kept.", None)
        raise
    _read(upload, opened)
    return []


def _read(upload: Upload, opened: Opened) -> None:
    try:
        reading = read_opened(opened, _progress_of(upload), time.monotonic() + settings.LOADLINE_PARSE_SECONDS)
    except Exception:
        finish_failed(upload, "Reading stopped on a fault of ours; it was reported. The file is kept.", None)
        raise
    store_reading(upload, reading)


def _progress_of(upload: Upload) -> Any:
    last = 0.0

    def progress(bytes_read: int, records: int) -> None:
        """Renew the claim and show how far we are, at most once a second."""
        nonlocal last
        if time.monotonic() - last < RENEW_S:
            return
        last = time.monotonic()
        Upload.objects.filter(pk=upload.pk, claim=upload.claim).update(
            bytes_read=bytes_read, records_read=records, claimed_until=timezone.now() + CLAIM
        )

    return progress


@transaction.atomic
def store_reading(upload: Upload, reading: Reading) -> None:
    """Replace what a file says. Nothing is stored when the claim was lost meanwhile."""
    owned = Upload.objects.select_for_update().filter(pk=upload.pk, claim=upload.claim).first()
    if owned is None:
        return
    owned.evidence.all().delete()
    owned.format = reading.format or ""
    owned.coverage = coverage_row(reading)
    owned.error, owned.error_line = reading.error or "", reading.error_line
    owned.state = Upload.State.FAILED if reading.error else Upload.State.DONE
    if reading.result and not reading.error:
        owned.records_read = reading.result.records
        EvidenceRow.objects.bulk_create([EvidenceRow.of(owned, row) for row in reading.result.evidence], batch_size=500)
    owned.bytes_read, owned.finished_at, owned.claim = owned.size, timezone.now(), ""
    owned.save()


def finish_failed(upload: Upload, message: str, line: int | None) -> None:
    """Mark a file as not read, with words that say what to send."""
    Upload.objects.filter(pk=upload.pk, claim=upload.claim).update(
        state=Upload.State.FAILED, error=message, error_line=line, finished_at=timezone.now(), claim=""
    )


def _expand_archive(upload: Upload, path: Path) -> list[int]:
    """Make every member of an archive an upload of its own; nothing is kept when one of them breaks a bound."""
    with transaction.atomic():
        upload.members.all().delete()
        ids = [_store_member(upload, opened) for opened in open_path(path, name=upload.file_name)]
        Upload.objects.filter(pk=upload.pk, claim=upload.claim).update(
            state=Upload.State.DONE,
            format="archive",
            coverage={"file": upload.file_name, "format": "archive", "members": len(ids)},
            bytes_read=upload.size,
            finished_at=timezone.now(),
            claim="",
        )
    return ids


def _store_member(parent: Upload, opened: Opened) -> int:
    member = Upload(
        engagement_id=parent.engagement_id, parent=parent, file_name=opened.name, uploaded_by_id=parent.uploaded_by_id
    )
    with opened.open() as stream:
        member.content.save("", File(stream), save=False)
    member.size = member.content.size
    with member.content.open("rb") as stored:
        member.sha256 = hashlib.file_digest(stored, "sha256").hexdigest()
    member.save()
    return member.pk


def reset_upload(*, upload: Upload) -> bool:
    """Forget how the last reading ended, so that the file can be read again; False while it is being read."""
    free = Upload.objects.filter(pk=upload.pk, state__in=[Upload.State.DONE, Upload.State.FAILED])
    start = {"state": Upload.State.RECEIVED, "attempts": 0, "bytes_read": 0, "records_read": 0, "finished_at": None}
    return bool(free.update(**start))


def stuck_uploads() -> list[int]:
    """Files that wait although nobody reads them: their message was lost or their worker died."""
    now = timezone.now()
    lost = Q(state=Upload.State.READING, claimed_until__lt=now)
    unsent = Q(state=Upload.State.RECEIVED, uploaded_at__lt=now - CLAIM)
    return list(Upload.objects.filter(lost | unsent).values_list("pk", flat=True)[:200])


def uploads_of(engagement_id: int) -> QuerySet[Upload]:
    """An engagement's uploads in the order they came."""
    return Upload.objects.filter(engagement_id=engagement_id).order_by("uploaded_at", "pk")


def evidence_for(engagement_id: int) -> list[Evidence]:
    """All evidence of an engagement, as rules read it."""
    rows: Iterable[EvidenceRow] = (
        EvidenceRow.objects.filter(upload__engagement_id=engagement_id, upload__state=Upload.State.DONE)
        .select_related("upload")
        .order_by("upload__uploaded_at", "pk")
    )
    return [row.evidence(row.upload.file_name) for row in rows]


def coverage_for(engagement_id: int) -> list[dict[str, Any]]:
    """The coverage rows of every file that was read or refused, archives left out."""
    done = uploads_of(engagement_id).filter(finished_at__isnull=False).exclude(format="archive")
    return [upload.coverage or refused_row(upload) for upload in done]


def refused_row(upload: Upload) -> dict[str, Any]:
    """The coverage row of a file that could not even be opened."""
    return {"file": upload.file_name, "format": None, "records": 0, "rejected": 0, "notes": [upload.error]}


@transaction.atomic
def delete_upload(*, upload: Upload) -> None:
    """Remove a file, its members and its evidence; the bytes go once the rows are gone."""
    files = [member.content for member in [*upload.members.all(), upload]]
    upload.delete()
    transaction.on_commit(lambda: [file.storage.delete(file.name) for file in files])
