"""How long raw bytes stay: deleted by a person at once, or when their time is over.

The evidence read from a file, its quotes and its row of the coverage table stay. A member of an archive has no bytes of
its own to keep: they lie in the archive, so an archive and its members go together.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from telemetry.models import Upload, UploadEvent
from telemetry.services import cancel_upload, note_event
from telemetry.storage import remove_files, remove_members

Action = UploadEvent.Action


@transaction.atomic
def delete_raw(*, upload: Upload, by: str) -> bool:
    """Delete a file's bytes at once, a reading of it is cancelled; False when they were deleted before.

    `upload` may be a member: its archive goes, with every other member.
    """
    cancel_upload(upload=upload.raw, by=by)
    return _delete(upload.raw, Action.RAW_DELETED, by)


@transaction.atomic
def delete_raw_of(*, engagement_id: int, by: str) -> int:
    """The same for every file of an engagement; how many files and archives that were."""
    kept = Upload.objects.filter(engagement_id=engagement_id, parent=None, raw_deleted_at=None)
    return sum(delete_raw(upload=upload, by=by) for upload in kept.order_by("pk"))


def expire_raw(*, engagement_ids: Iterable[int], days: int) -> int:
    """Delete the bytes that lie here for more than so many days, except of what is being read; how many that were."""
    before = timezone.now() - timedelta(days=days)
    kept = Upload.objects.filter(engagement_id__in=engagement_ids, parent=None, raw_deleted_at=None)
    due = kept.filter(stored_at__lt=before).exclude(state__in=Upload.PENDING)
    return sum(_delete(upload, Action.RAW_EXPIRED, "") for upload in due.order_by("pk"))


@transaction.atomic
def _delete(upload: Upload, action: Action, by: str) -> bool:
    """Mark the bytes of a file and of its members as gone; they are removed once that is committed."""
    family = Upload.objects.filter(Q(pk=upload.pk) | Q(parent=upload))
    rows = list(family.select_for_update().order_by("pk"))
    if any(row.pending or (row.pk == upload.pk and row.raw_deleted_at) for row in rows) or not rows:
        return False
    family.filter(raw_deleted_at=None).update(raw_deleted_at=timezone.now())
    note_event(upload=upload, action=action, by=by)
    transaction.on_commit(lambda: remove_members(upload.content))
    transaction.on_commit(lambda: remove_files([upload.content]))
    return True
