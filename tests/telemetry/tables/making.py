"""A table from a text, and its reading with the mapping that is suggested for it."""

import io

from telemetry.evidence import Evidence, ParseResult
from telemetry.source import Head, Source
from telemetry.tables.mapping import ColumnMap
from telemetry.tables.read import OnRow, ignore_row, read_table
from telemetry.tables.rows import Refused, open_rows
from telemetry.tables.shape import Table, find_table
from telemetry.tables.suggest import Suggestion, suggest


def source_of(text: str) -> Source:
    return Source("table", io.BytesIO(text.encode()))


def table_of(text: str) -> Table:
    table = find_table(Head("table", text, True))
    assert table is not None
    return table


def suggested(text: str) -> Suggestion:
    """What is preselected for a table."""
    table = table_of(text)
    rows = [row.fields for row in open_rows(source_of(text), table, ParseResult()) if not isinstance(row, Refused)]
    return suggest(table, rows[:10])


def read(text: str, mapping: ColumnMap | None = None, on_row: OnRow = ignore_row) -> ParseResult:
    """The reading with a mapping, or with the one that is suggested; lines always add up."""
    result = read_table(source_of(text), table_of(text), mapping or suggested(text).mapping(), on_row)
    assert result.records_lines + result.rejected + result.blank == result.lines
    return result


def row_of(result: ParseResult, kind: str, subject: str) -> Evidence:
    return next(row for row in result.evidence if (row.kind, row.subject) == (kind, subject))
