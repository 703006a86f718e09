"""What the files of an engagement say: their evidence and their rows of the coverage table."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from telemetry.across import evidence_of
from telemetry.evidence import Evidence
from telemetry.joining import Part
from telemetry.models import EvidenceRow, Upload

REPEATED = "The same file as {name}; it counts once."


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


# What browsers and desktops put into the name of a second copy: "info (1).txt", "info - Copy.txt", "Copy of info.txt".
_COPY_MARK = re.compile(r"^copy of |(?: \(\d{1,3}\)|(?: -)? copy(?: \d{1,3})?)(?=\.[^.]*$|$)", re.IGNORECASE)


def repeats_among(uploads: Iterable[Upload]) -> dict[int, str]:
    """Read files whose name and content came before, such as a log sent alone and in an archive: id → the first one.

    The name counts as well, without the mark of a copy: two queues with nothing in them look the same.
    """
    first: dict[tuple[str, str], str] = {}
    same: dict[int, str] = {}
    for upload in uploads:
        if upload.state != Upload.State.DONE or upload.format == "archive":
            continue
        identity = (_COPY_MARK.sub("", upload.file_name.rsplit("/", 1)[-1]), upload.sha256)
        if identity in first:
            same[upload.pk] = first[identity]
        else:
            first[identity] = upload.file_name
    return same


def _repeats(engagement_id: int) -> dict[int, str]:
    return repeats_among(uploads_of(engagement_id).only("state", "format", "file_name", "sha256"))


def coverage_for(engagement_id: int) -> list[dict[str, Any]]:
    """The coverage rows of every file that was read or refused, archives left out."""
    return [row for _, row in _coverage(engagement_id, _repeats(engagement_id))]


def _coverage(engagement_id: int, same: dict[int, str]) -> list[tuple[Upload, dict[str, Any]]]:
    done = uploads_of(engagement_id).filter(finished_at__isnull=False).exclude(format="archive")
    rows = [(upload, upload.coverage or refused_row(upload)) for upload in done]
    return [
        (
            upload,
            row | {"notes": [REPEATED.format(name=same[upload.pk])]} if upload.pk in same else row,
        )
        for upload, row in rows
    ]


def refused_row(upload: Upload) -> dict[str, Any]:
    """The coverage row of a file that could not even be opened."""
    return {"file": upload.file_name, "format": None, "records": 0, "rejected": 0, "notes": [upload.error]}
