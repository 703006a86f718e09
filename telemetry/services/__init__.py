"""Receiving a file, reading it once, and handing out its evidence. Every write of this app is here."""

from telemetry.services.answering import (
    REPEATED,
    coverage_for,
    evidence_for,
    note_parts,
    parts_for,
    repeats_among,
    uploads_of,
)
from telemetry.services.cancelling import CANCELLED, cancel_upload, cancel_uploads_of
from telemetry.services.claims import GIVEN_UP, claim_upload, finish_failed, reset_upload, stuck_uploads
from telemetry.services.events import note_event
from telemetry.services.reading import DISK_FULL, GONE, OUR_FAULT, parse_upload, store_reading
from telemetry.services.receiving import NO_ROOM, UploadError, receive_path, receive_upload, too_large
from telemetry.services.removing import delete_upload, delete_uploads_of

__all__ = [
    "CANCELLED",
    "DISK_FULL",
    "GIVEN_UP",
    "GONE",
    "NO_ROOM",
    "OUR_FAULT",
    "REPEATED",
    "UploadError",
    "cancel_upload",
    "cancel_uploads_of",
    "claim_upload",
    "coverage_for",
    "delete_upload",
    "delete_uploads_of",
    "evidence_for",
    "finish_failed",
    "note_event",
    "note_parts",
    "parse_upload",
    "parts_for",
    "receive_path",
    "receive_upload",
    "repeats_among",
    "reset_upload",
    "store_reading",
    "stuck_uploads",
    "too_large",
    "uploads_of",
]
