"""Stopping a reading."""

from django.db import transaction
from django.db.models import Q

from telemetry.models import Upload, UploadEvent
from telemetry.services.claims import end_reading, forget, remove_later
from telemetry.services.events import note_event

CANCELLED = "Cancelled by {by}. Nothing of this file counts; read it again or remove it."


@transaction.atomic
def cancel_upload(*, upload: Upload, by: str) -> bool:
    """Stop the reading of a file, and of the members of an archive that still wait; False when nothing was read.

    The row is taken from its reading at once, which finds out at its next block. Whichever locks the row first, this
    or the reading's end, is what happened.
    """
    family = Q(pk=upload.pk) | Q(parent=upload)
    rows = list(Upload.objects.select_for_update().filter(family, state__in=Upload.PENDING).order_by("pk"))
    for row in rows:
        forget(row)
        row.error, row.error_line = CANCELLED.format(by=by), None
        end_reading(row, Upload.State.CANCELLED)
        remove_later(row)
        note_event(upload=row, action=UploadEvent.Action.CANCELLED, by=by)
    return bool(rows)


def cancel_uploads_of(*, engagement_id: int, by: str) -> int:
    """Stop every reading of an engagement; how many files that were."""
    pending = Upload.objects.filter(engagement_id=engagement_id, state__in=Upload.PENDING)
    return sum(cancel_upload(upload=upload, by=by) for upload in pending.order_by("pk"))
