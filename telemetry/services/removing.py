"""Removing files with all that was read from them."""

from django.db import transaction

from telemetry.models import Upload, UploadEvent
from telemetry.services.claims import remove_later
from telemetry.services.events import note_event
from telemetry.storage import remove_files


@transaction.atomic
def delete_upload(*, upload: Upload, by: str = "") -> None:
    """Remove a file, its members and its evidence; the bytes go once the rows are gone."""
    note_event(upload=upload, action=UploadEvent.Action.REMOVED, by=by)
    upload.delete()
    remove_later(upload)
    transaction.on_commit(lambda: remove_files([upload.content]))


@transaction.atomic
def delete_uploads_of(*, engagement_id: int) -> None:
    """Remove every file of an engagement that is about to go."""
    for upload in Upload.objects.filter(engagement_id=engagement_id, parent=None):
        delete_upload(upload=upload)
