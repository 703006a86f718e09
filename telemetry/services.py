"""Receiving a file, reading it once, and handing out its evidence. Every write of this app is here."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from telemetry.across import evidence_of
from telemetry.archives import printable
from telemetry.coverage import coverage_row
from telemetry.evidence import Evidence, ParseError
from telemetry.joining import Part
from telemetry.mappings import answers_for
from telemetry.models import EvidenceRow, Upload, UploadEvent, storage_name
from telemetry.opening import Opened, is_archive, open_file, open_path
from telemetry.pulse import ClaimLost, Pulse, claim_time, kept_alive
from telemetry.reading import Reading, read_opened
from telemetry.storable import storable, storable_text
from telemetry.storage import Counted, is_full, remove_files, remove_members, removed_on_failure, write_file
from telemetry.tables.mapping import ColumnMap

MAX_ATTEMPTS = 3
NAME_LENGTH = 190  # with a member's name of at most 300 behind it, it fits into the column
GIVEN_UP = "The reader stopped three times on this file. Send a smaller part of it, such as one day."
OUR_FAULT = "Reading stopped on a fault of ours; it was reported. The file is kept."
GONE = "The stored file is no longer on the disk. Send the file again: it takes the place of this one."
NO_ROOM = "{name} was not stored: the disk of this server is full. Tell whoever runs it, then try again."
DISK_FULL = "The disk of this server is full, so nothing of this file was kept. Tell whoever runs it, then try again."
CANCELLED = "Cancelled by {by}. Nothing of this file counts; read it again or remove it."


class UploadError(Exception):
    """The file cannot be received. The message is for the person who sent it."""


def receive_upload(*, engagement_id: int, file: UploadedFile, user_id: int | None) -> tuple[Upload, bool]:
    """Store a file and return (its upload, whether it is new). The same file twice is the same upload."""
    limit = settings.LOADLINE_MAX_UPLOAD_MB
    if getattr(file, "disk_full", False):
        raise UploadError(NO_ROOM.format(name=clean_name(file.name or "")))
    if (file.size or 0) > limit * 1024 * 1024:
        raise UploadError(f"{file.name} is larger than {limit} MB. Send a shorter period, or compress it with gzip.")
    sha256 = getattr(file, "sha256", None) or _sha256(file.chunks(1024 * 1024))
    return _store(engagement_id, clean_name(file.name or ""), file, sha256, file.size or 0, user_id)


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


# How far a reading is that has not begun.
NOT_BEGUN: dict[str, Any] = {"step": "", "bytes_read": 0, "bytes_per_second": None, "records_read": 0}


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
        claimed_until=now + claim_time(),
        attempts=F("attempts") + 1,
        started_at=now,
        **NOT_BEGUN,
    )
    if not taken:
        return None
    upload = Upload.objects.get(pk=upload_id)
    if upload.attempts > MAX_ATTEMPTS:
        finish_failed(upload, GIVEN_UP, None)
        return None
    return upload


def parse_upload(upload_id: int, mappings: tuple[ColumnMap, ...] = ()) -> list[int] | None:
    """Read a file to its end and store what it says; returns the ids of archive members still to be read.

    `mappings` of tables come before those that the client has.

    None when there was nothing to read: another reading owns the file, it is finished, or it was cancelled meanwhile.
    Safe to call twice: only the owner of the claim stores, and storing replaces.
    """
    upload = claim_upload(upload_id)
    if upload is None:
        return None
    try:
        with kept_alive(upload):
            return _read_or_expand(upload, mappings)
    except ParseError as problem:
        finish_failed(upload, problem.message, problem.line)
        return []
    except ClaimLost:
        return None
    except Exception as fault:
        # The one place that may catch everything: the row must say so before the bug surfaces in the worker's log.
        full = isinstance(fault, OSError) and is_full(fault)
        finish_failed(upload, DISK_FULL if full else OUR_FAULT, None)
        raise


def _read_or_expand(upload: Upload, mappings: tuple[ColumnMap, ...]) -> list[int]:
    path = Path(upload.content.path)
    if not path.is_file():
        raise ParseError(GONE)
    if upload.parent_id is None and is_archive(path):
        return _expand_archive(upload, path)
    pulse = Pulse(upload, Upload.Step.READING)
    opened = open_file(path, upload.file_name, watch=pulse.taken)
    answers, readers = answers_for(upload, mappings), settings.LOADLINE_READERS
    reading = read_opened(opened, pulse.read, pulse.deadline, readers=readers, answers=answers)
    pulse.enter(Upload.Step.STORING)
    store_reading(upload, reading)
    return []


@transaction.atomic
def store_reading(upload: Upload, reading: Reading) -> None:
    """Replace what a file says. Nothing is stored when the claim was lost meanwhile."""
    owned = _owned(upload)
    if owned is None:
        return
    owned.evidence.all().delete()
    owned.format = reading.format or ""
    owned.coverage = storable(coverage_row(reading))
    owned.error, owned.error_line = storable_text(reading.error or ""), reading.error_line
    owned.bytes_read = owned.size
    if reading.result and not reading.error:
        owned.records_read = reading.result.records
        EvidenceRow.objects.bulk_create([EvidenceRow.of(owned, row) for row in reading.result.evidence], batch_size=500)
    failed = Upload.State.ASKS if reading.asks and not reading.format else Upload.State.FAILED
    _end(owned, failed if reading.error else Upload.State.DONE)


def _end(owned: Upload, state: Upload.State) -> None:
    """The reading is over: nobody owns the file."""
    owned.state, owned.finished_at = state, timezone.now()
    owned.claim, owned.step, owned.bytes_per_second = "", "", None
    owned.save()


def _owned(upload: Upload) -> Upload | None:
    """The row, locked, while this reading owns it."""
    return Upload.objects.select_for_update().filter(pk=upload.pk, claim=upload.claim).first()


@transaction.atomic
def finish_failed(upload: Upload, message: str, line: int | None) -> None:
    """Mark a file as not read, with words that say what to send. Nothing of an earlier reading is left."""
    owned = _owned(upload)
    if owned is None:
        return
    _forget(owned)
    owned.error, owned.error_line = storable_text(message), line
    _end(owned, Upload.State.FAILED)
    _remove_later(upload)


@transaction.atomic
def cancel_upload(*, upload: Upload, by: str) -> bool:
    """Stop the reading of a file, and of the members of an archive that still wait; False when nothing was read.

    The row is taken from its reading at once, which finds out at its next block. Whichever locks the row first, this
    or the reading's end, is what happened.
    """
    family = Q(pk=upload.pk) | Q(parent=upload)
    rows = list(Upload.objects.select_for_update().filter(family, state__in=Upload.PENDING).order_by("pk"))
    for row in rows:
        _forget(row)
        row.error, row.error_line = CANCELLED.format(by=by), None
        _end(row, Upload.State.CANCELLED)
        _remove_later(row)
        note_event(upload=row, action=UploadEvent.Action.CANCELLED, by=by)
    return bool(rows)


def _remove_later(upload: Upload) -> None:
    """Remove what was unpacked of an archive once its rows are gone."""
    transaction.on_commit(lambda: remove_members(upload.content))


def cancel_uploads_of(*, engagement_id: int, by: str) -> int:
    """Stop every reading of an engagement; how many files that were."""
    pending = Upload.objects.filter(engagement_id=engagement_id, state__in=Upload.PENDING)
    return sum(cancel_upload(upload=upload, by=by) for upload in pending.order_by("pk"))


def note_event(*, upload: Upload, action: UploadEvent.Action, by: str) -> None:
    """Remember who did what to a file; `by` is empty when nobody did."""
    UploadEvent.objects.create(
        engagement_id=upload.engagement_id,
        upload_id=upload.pk,
        file_name=upload.file_name,
        sha256=upload.sha256,
        action=action,
        by=by,
    )


@transaction.atomic
def _forget(upload: Upload) -> None:
    """Drop the rows that earlier readings of a file left: evidence, members, its row of the coverage table."""
    upload.evidence.all().delete()
    upload.members.all().delete()
    upload.format, upload.coverage = "", {}


def _expand_archive(upload: Upload, path: Path) -> list[int]:
    """Make every member of an archive an upload of its own; nothing is kept when one of them breaks a bound.

    Members are written first and adopted together in one short transaction, so that a large archive holds no lock.
    """
    pulse = Pulse(upload, Upload.Step.UNPACKING)
    _start_over(upload)
    members: list[Upload] = []
    with removed_on_failure() as written:
        for opened in open_path(path, name=upload.file_name, watch=pulse.taken):
            members.append(_written_member(upload, opened, written))
            pulse.unpacked(len(members))
        return _adopt(upload, members)


@transaction.atomic
def _start_over(upload: Upload) -> None:
    """Drop what an earlier reading of an archive left, rows and files, while nobody else can have begun."""
    if _owned(upload) is None:
        raise ClaimLost
    _forget(upload)
    remove_members(upload.content)


@transaction.atomic
def _adopt(upload: Upload, members: list[Upload]) -> list[int]:
    """Store an archive's members and finish it; ClaimLost when another reading owns it."""
    owned = _owned(upload)
    if owned is None:
        raise ClaimLost
    owned.format, owned.error, owned.error_line = "archive", "", None
    owned.coverage = {"file": upload.file_name, "format": "archive", "members": len(members)}
    owned.bytes_read = upload.size
    _end(owned, Upload.State.DONE)
    for member in members:
        member.queued_at = member.stored_at = owned.finished_at
    return [member.pk for member in Upload.objects.bulk_create(members)]


def _written_member(parent: Upload, opened: Opened, written: list[FieldFile]) -> Upload:
    """A member's bytes on the disk, its row not yet saved."""
    member = Upload(
        engagement_id=parent.engagement_id,
        parent=parent,
        file_name=opened.name[:500],
        uploaded_by_id=parent.uploaded_by_id,
    )
    with opened.open() as stream:
        counted = Counted(stream)
        write_file(member.content, storage_name(member, ""), counted, written)
    member.size, member.sha256 = counted.count, counted.digest.hexdigest()
    return member


def reset_upload(*, upload: Upload) -> bool:
    """Forget how the last reading ended, so that the file is read again; False while it is, or its bytes are gone."""
    free = Upload.objects.filter(pk=upload.pk, raw_deleted_at=None).exclude(state__in=Upload.PENDING)
    again = {"state": Upload.State.RECEIVED, "attempts": 0, "queued_at": timezone.now(), "finished_at": None}
    return bool(free.update(**again, **NOT_BEGUN))


def stuck_uploads() -> list[int]:
    """Files that wait although nobody reads them: their message was lost or their worker died."""
    now = timezone.now()
    lost = Q(state=Upload.State.READING, claimed_until__lt=now)
    unsent = Q(state=Upload.State.RECEIVED, queued_at__lt=now - claim_time())
    return list(Upload.objects.filter(lost | unsent).values_list("pk", flat=True)[:200])


def uploads_of(engagement_id: int) -> QuerySet[Upload]:
    """An engagement's uploads in the order they came."""
    return Upload.objects.filter(engagement_id=engagement_id).order_by("uploaded_at", "pk")


def evidence_for(engagement_id: int) -> list[Evidence]:
    """All evidence of an engagement, as rules read it: files of one source joined, a file that came twice once."""
    return evidence_of(parts_for(engagement_id))


def parts_for(engagement_id: int) -> list[Part]:
    """Every file that was read or refused, with its row of the coverage table and its evidence, to be joined."""
    same = _repeats(engagement_id)
    rows: Iterable[EvidenceRow] = (
        EvidenceRow.objects.filter(upload__engagement_id=engagement_id, upload__state=Upload.State.DONE)
        .exclude(upload__in=same)
        .order_by("pk")
    )
    by_upload: dict[int, list[EvidenceRow]] = defaultdict(list)
    for row in rows:
        by_upload[row.upload_id].append(row)
    return [
        Part(_alone(row), [one.evidence(upload.file_name) for one in by_upload.get(upload.pk, ())], upload=upload.pk)
        for upload, row in _coverage(engagement_id, same)
    ]


def _alone(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the coverage table without what was noted of it beside other files."""
    joined = row.get("joined", [])
    return {**row, "joined": [], "notes": [note for note in row.get("notes", []) if note not in joined]}


@transaction.atomic
def note_parts(parts: Iterable[Part]) -> None:
    """Keep with each file how it was joined with others, as its page and the report show it."""
    for part in parts:
        owned = Upload.objects.select_for_update().filter(pk=part.upload, state=Upload.State.DONE).first()
        if owned is not None and owned.coverage.get("joined", []) != part.notes:
            owned.coverage = _alone(owned.coverage)
            owned.coverage["notes"] += part.notes
            owned.coverage["joined"] = part.notes
            owned.save(update_fields=["coverage"])


def _repeats(engagement_id: int) -> dict[int, str]:
    """Read files whose name and content came before, such as a log sent alone and in an archive: id → the first one."""
    first: dict[tuple[str, str], str] = {}
    same: dict[int, str] = {}
    done = uploads_of(engagement_id).filter(state=Upload.State.DONE).exclude(format="archive")
    for pk, name, sha256 in done.values_list("pk", "file_name", "sha256"):
        identity = (name.rsplit("/", 1)[-1], sha256)
        if identity in first:
            same[pk] = first[identity]
        else:
            first[identity] = name
    return same


def coverage_for(engagement_id: int) -> list[dict[str, Any]]:
    """The coverage rows of every file that was read or refused, archives left out."""
    return [row for _, row in _coverage(engagement_id, _repeats(engagement_id))]


def _coverage(engagement_id: int, same: dict[int, str]) -> list[tuple[Upload, dict[str, Any]]]:
    done = uploads_of(engagement_id).filter(finished_at__isnull=False).exclude(format="archive")
    rows = [(upload, upload.coverage or refused_row(upload)) for upload in done]
    return [
        (
            upload,
            row | {"notes": [f"The same file as {same[upload.pk]}; it counts once."]} if upload.pk in same else row,
        )
        for upload, row in rows
    ]


def refused_row(upload: Upload) -> dict[str, Any]:
    """The coverage row of a file that could not even be opened."""
    return {"file": upload.file_name, "format": None, "records": 0, "rejected": 0, "notes": [upload.error]}


@transaction.atomic
def delete_upload(*, upload: Upload, by: str = "") -> None:
    """Remove a file, its members and its evidence; the bytes go once the rows are gone."""
    note_event(upload=upload, action=UploadEvent.Action.REMOVED, by=by)
    upload.delete()
    _remove_later(upload)
    transaction.on_commit(lambda: remove_files([upload.content]))


@transaction.atomic
def delete_uploads_of(*, engagement_id: int) -> None:
    """Remove every file of an engagement that is about to go."""
    for upload in Upload.objects.filter(engagement_id=engagement_id, parent=None):
        delete_upload(upload=upload)
