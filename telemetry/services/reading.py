"""Reading a file once: what it says replaces what it said before, in one transaction."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from telemetry.coverage import coverage_row
from telemetry.evidence import ParseError
from telemetry.mappings import answers_for
from telemetry.models import EvidenceRow, Upload
from telemetry.opening import is_archive, open_file
from telemetry.pulse import ClaimLost, Pulse, kept_alive
from telemetry.reading import Reading, read_opened
from telemetry.services.claims import claim_upload, end_reading, finish_failed, owned_by
from telemetry.services.unpacking import expand_archive
from telemetry.storable import storable, storable_text
from telemetry.storage import is_full
from telemetry.tables.mapping import ColumnMap

OUR_FAULT = "Reading stopped on a fault of ours; it was reported. The file is kept."
GONE = "The stored file is no longer on the disk. Send the file again: it takes the place of this one."
DISK_FULL = "The disk of this server is full, so nothing of this file was kept. Tell whoever runs it, then try again."


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
        return expand_archive(upload, path)
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
    owned = owned_by(upload)
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
    end_reading(owned, failed if reading.error else Upload.State.DONE)
