"""Who did what to a file."""

from telemetry.models import Upload, UploadEvent


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
