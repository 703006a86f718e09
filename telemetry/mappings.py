"""Mappings that consultants gave: kept per client, used by every reading of a table with the same column names."""

from pathlib import Path

from django.db import transaction
from django.utils import timezone

from telemetry.answers import FORMAT, Answers
from telemetry.evidence import ParseError
from telemetry.models import ColumnMapping, Upload
from telemetry.opening import open_file
from telemetry.source import Head
from telemetry.tables.mapping import ColumnMap
from telemetry.tables.shape import Table, find_table

GONE = "The stored file is no longer there, so its rows cannot be shown. Send the file again."
NO_TABLE = "This file is no table whose columns can be named."


def answers_for(upload: Upload, first: tuple[ColumnMap, ...] = ()) -> Answers:
    """What was said about an upload and about the tables of its client; `first` comes before that."""
    mappings = ColumnMapping.objects.filter(client__engagements=upload.engagement_id).select_related("by")
    return Answers((*first, *map(record_of, mappings)), upload.chosen_format)


def record_of(row: ColumnMapping) -> ColumnMap:
    """A stored mapping as the reader takes it, with who gave it and when."""
    who = (row.by.get_full_name() or row.by.get_username()) if row.by else "an account that is gone"
    return ColumnMap(
        target=row.target,
        columns=row.columns,
        signature=row.signature,
        zone=row.zone,
        decimal=row.decimal,
        currency=row.currency,
        name=row.name,
        said=f"the mapping of {row.at:%-d %b %Y} by {who}",
    )


def mapping_for(*, upload: Upload, table: Table) -> ColumnMap | None:
    """The mapping that the upload's client has for a table."""
    row = ColumnMapping.objects.filter(client__engagements=upload.engagement_id, signature=table.signature)
    found = row.select_related("by").first()
    return record_of(found).on(table) if found else None


def head_of(upload: Upload) -> tuple[Head, Table]:
    """The start of a stored file and the table in it; ParseError when it is gone, or is no table."""
    path = Path(upload.content.path)
    if not path.is_file():
        raise ParseError(GONE)
    head = open_file(path, upload.file_name).head()
    table = find_table(head)
    if table is None:
        raise ParseError(NO_TABLE)
    return head, table


@transaction.atomic
def save_mapping(*, client_id: int, mapping: ColumnMap, user_id: int | None) -> ColumnMapping:
    """Keep a client's mapping for a table, by its signature; it takes the place of an earlier one."""
    row, _ = ColumnMapping.objects.update_or_create(
        client_id=client_id,
        signature=mapping.signature,
        defaults={**mapping.facts(), "by_id": user_id, "at": timezone.now()},
    )
    return row


@transaction.atomic
def forget_mapping(*, client_id: int, signature: str) -> bool:
    """Drop a client's mapping; False when there was none. What was read with it stays until it is read again."""
    return bool(ColumnMapping.objects.filter(client_id=client_id, signature=signature).delete()[0])


def asking_for(*, engagement_id: int, signature: str) -> list[Upload]:
    """Uploads of an engagement that wait for a mapping of this table."""
    waiting = Upload.objects.filter(engagement_id=engagement_id, state=Upload.State.ASKS)
    return [row for row in waiting if (row.coverage.get("asks") or {}).get("signature") == signature]


@transaction.atomic
def choose_format(*, upload: Upload, format_id: str) -> bool:
    """Remember which of several formats a file is; False when it is none of those that claim it."""
    asks = upload.coverage.get("asks") or {}
    if asks.get("what") != FORMAT or format_id not in asks.get("formats", []):
        return False
    upload.chosen_format = format_id
    upload.save(update_fields=["chosen_format"])
    return True
