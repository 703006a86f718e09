"""Whose a file is while it is read, and how its reading begins and ends."""

import secrets
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from telemetry.models import Upload
from telemetry.pulse import claim_time
from telemetry.storable import storable_text
from telemetry.storage import remove_members

MAX_ATTEMPTS = 3
GIVEN_UP = "The reader stopped three times on this file. Send a smaller part of it, such as one day."
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


def owned_by(upload: Upload) -> Upload | None:
    """The row, locked, while this reading owns it."""
    return Upload.objects.select_for_update().filter(pk=upload.pk, claim=upload.claim).first()


def end_reading(owned: Upload, state: Upload.State) -> None:
    """The reading is over: nobody owns the file."""
    owned.state, owned.finished_at = state, timezone.now()
    owned.claim, owned.step, owned.bytes_per_second = "", "", None
    owned.save()


@transaction.atomic
def finish_failed(upload: Upload, message: str, line: int | None) -> None:
    """Mark a file as not read, with words that say what to send. Nothing of an earlier reading is left."""
    owned = owned_by(upload)
    if owned is None:
        return
    forget(owned)
    owned.error, owned.error_line = storable_text(message), line
    end_reading(owned, Upload.State.FAILED)
    remove_later(upload)


@transaction.atomic
def forget(upload: Upload) -> None:
    """Drop the rows that earlier readings of a file left: evidence, members, its row of the coverage table."""
    upload.evidence.all().delete()
    upload.members.all().delete()
    upload.format, upload.coverage = "", {}


def remove_later(upload: Upload) -> None:
    """Remove what was unpacked of an archive once its rows are gone."""
    transaction.on_commit(lambda: remove_members(upload.content))


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
