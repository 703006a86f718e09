"""An archive becomes files of its own: all of them, or none."""

from pathlib import Path

from django.db import transaction
from django.db.models.fields.files import FieldFile

from telemetry.models import Upload, storage_name
from telemetry.opening import Opened, open_path
from telemetry.pulse import ClaimLost, Pulse
from telemetry.services.claims import end_reading, forget, owned_by
from telemetry.storage import Counted, remove_members, removed_on_failure, write_file


def expand_archive(upload: Upload, path: Path) -> list[int]:
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
    if owned_by(upload) is None:
        raise ClaimLost
    forget(upload)
    remove_members(upload.content)


@transaction.atomic
def _adopt(upload: Upload, members: list[Upload]) -> list[int]:
    """Store an archive's members and finish it; ClaimLost when another reading owns it."""
    owned = owned_by(upload)
    if owned is None:
        raise ClaimLost
    owned.format, owned.error, owned.error_line = "archive", "", None
    owned.coverage = {"file": upload.file_name, "format": "archive", "members": len(members)}
    owned.bytes_read = upload.size
    end_reading(owned, Upload.State.DONE)
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
