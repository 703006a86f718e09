"""The rows of a table, one after the other, with their lines; what cannot be read is rejected and quoted."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.ops_values import blank_lines
from telemetry.parsers.readers import Feed, JsonText, Row
from telemetry.parsers.table_dialects import open_table
from telemetry.source import Source, is_overlong
from telemetry.tables.shape import MAX_COLUMNS, Table

HOW = "Send the table as CSV with one line of column names."
MAX_JSON = 64 * 1024 * 1024
WRONG_WIDTH, BROKEN, OVERLONG = (
    "another number of fields than there are columns",
    "quotes that do not close",
    "too long",
)
NO_OBJECT = "no JSON object"


@dataclass(slots=True)
class Refused:
    """A record that is no row of the table: where it stands, what it holds, and why."""

    row: Row
    why: str


def open_rows(source: Source, table: Table, result: ParseResult) -> Iterator[Row | Refused]:
    """Every record of a table. `result.lines` and `.blank` are kept while they are read; a row of empty cells is blank.

    ParseError above 200 columns, and for JSON in one document above 64 MB or when it is broken.
    """
    if len(table.columns) > MAX_COLUMNS:
        raise ParseError(
            f"The table has {len(table.columns):,} columns; at most {MAX_COLUMNS} are read. Send those that matter."
        )
    result.carrier = table.form
    if table.form == "json":
        return _json(source, table, result)
    if table.form == "ndjson":
        return _json_lines(source, table, result)
    if table.form == "psql":
        return iter(open_table(source, result, HOW)[1])
    return _csv(source, table, result)


def _csv(source: Source, table: Table, result: ParseResult) -> Iterator[Row | Refused]:
    lines = source.lines()
    for result.lines, raw in islice(lines, table.header_line - 1):
        result.blank += not raw.strip()
    feed = Feed(_without_nul(lines))
    reader = csv.reader(feed, delimiter=table.delimiter, strict=True)
    width, header = len(table.columns), True
    while True:
        feed.start, fields, why = 0, [], ""
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            why = BROKEN
        result.lines = feed.number
        if header:  # the record with the names, which may itself go over several lines
            header = False
            continue
        row = Row(feed.start, feed.number - feed.start + 1, feed.text, fields)
        if not why and not any(cell.strip() for cell in fields):
            result.blank += row.span
            continue
        if not why and len(fields) > width and not any(cell.strip() for cell in fields[width:]):
            row = Row(row.line, row.span, row.text, fields[:width])  # a separator at the end of each line
        if why or len(row.fields) != width:
            yield Refused(row, why or WRONG_WIDTH)
        else:
            yield row


def _without_nul(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    for number, raw in lines:
        yield number, raw.replace(b"\x00", "\ufffd".encode()) if b"\x00" in raw else raw


def _json_lines(source: Source, table: Table, result: ParseResult) -> Iterator[Row | Refused]:
    for result.lines, raw in source.lines():
        text = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        if not text.strip():
            result.blank += 1
            continue
        try:
            value = None if is_overlong(raw) else orjson.loads(text)
        except orjson.JSONDecodeError:
            value = None
        row = Row(result.lines, 1, text, [])
        if isinstance(value, dict):
            yield Row(row.line, 1, text, [cell(value.get(name)) for name in table.columns])
        else:
            yield Refused(row, OVERLONG if is_overlong(raw) else NO_OBJECT)


def _json(source: Source, table: Table, result: ParseResult) -> Iterator[Row | Refused]:
    document = JsonText(source.read(MAX_JSON))
    result.lines, result.blank = document.lines, blank_lines(document)
    for entry in document.members(document.start):
        line, text = document.spot(entry.value_at)
        if isinstance(entry.value, dict):
            yield Row(line, 1, text, [cell(entry.value.get(name)) for name in table.columns])
        else:
            yield Refused(Row(line, 1, text, []), NO_OBJECT)


def cell(value: Any) -> str:
    """A JSON value as a cell of a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
