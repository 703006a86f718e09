"""What the first rows of a table are, and what they would become under a mapping: for the page that asks."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers.readers import Row
from telemetry.redaction import MARK, redact
from telemetry.source import Head, Source
from telemetry.tables.mapping import ColumnMap, field_of
from telemetry.tables.read import PRIVATE, read_table
from telemetry.tables.rows import Refused, open_rows
from telemetry.tables.shape import Table, entries_of

ROWS = 10
CELL_CHARS = 60
FACTS = 6


@dataclass(slots=True)
class Shown:
    """A row as the page shows it: its line, its cells (redacted and cut), why it would not be read."""

    line: int
    cells: list[str]
    why: str = ""


@dataclass(slots=True)
class Preview:
    """The first ten rows; of all rows in the head how many would be read, and why others not; the first facts."""

    rows: list[Shown] = field(default_factory=list)
    read: int = 0
    refused: int = 0
    facts: list[Evidence] = field(default_factory=list)
    more: int = 0
    notes: list[str] = field(default_factory=list)
    problem: str = ""


def first_rows(head: Head, table: Table) -> list[list[str]]:
    """Up to fifty rows of the head as the file has them, for suggesting."""
    source, table = _sample(head, table)
    try:
        found = [row for row in islice(open_rows(source, table, ParseResult()), 60) if not isinstance(row, Refused)]
    except ParseError:
        return []
    return [row.fields for row in found][:50]


def preview(head: Head, table: Table, mapping: ColumnMap | None, usable: bool = True) -> Preview:
    """What the head would become; without a mapping that is `usable` only its rows."""
    shown = Preview()
    hidden = hidden_columns(table, mapping)
    source, sample = _sample(head, table)
    if mapping is None or not usable:
        try:
            found = list(islice(open_rows(source, sample, ParseResult()), ROWS))
        except ParseError as problem:
            return Preview(problem=problem.message)
        shown.rows = [
            _shown(row.row, hidden, row.why) if isinstance(row, Refused) else _shown(row, hidden, "") for row in found
        ]
        return shown

    def on_row(row: Row, why: str) -> None:
        shown.refused += bool(why)
        shown.read += not why
        if len(shown.rows) < ROWS:
            shown.rows.append(_shown(row, hidden, redact(why)[0]))

    try:
        result = read_table(source, sample, mapping, on_row)
    except ParseError as problem:
        shown.problem = redact(problem.message)[0]
        return shown
    shown.facts, shown.more = result.evidence[:FACTS], max(0, len(result.evidence) - FACTS)
    shown.notes = result.notes
    return shown


def hidden_columns(table: Table, mapping: ColumnMap | None) -> set[int]:
    """Columns whose cells are not shown: they may name a person or a customer."""
    hidden = set()
    for at, name in enumerate(table.columns):
        read_as = field_of(mapping, name) if mapping else None
        if read_as.private if read_as else PRIVATE.search(name):
            hidden.add(at)
    return hidden


def examples(rows: list[list[str]], at: int, hidden: bool) -> list[str]:
    """Up to three different cells of a column, redacted."""
    cells = dict.fromkeys(row[at].strip() for row in rows if at < len(row) and row[at].strip())
    return [MARK] if hidden and cells else [_cut(cell) for cell in islice(cells, 3)]


def _shown(row: Row, hidden: set[int], why: str) -> Shown:
    if why and not row.fields:
        return Shown(row.line, [MARK if hidden else _cut(row.text)], why)
    cells = [MARK if at in hidden and cell.strip() else _cut(cell) for at, cell in enumerate(row.fields)]
    return Shown(row.line, cells, why)


def _cut(cell: str) -> str:
    text = redact(cell.strip()[: 4 * CELL_CHARS])[0]
    shown = "".join(char if char.isprintable() else " " for char in text)
    return shown if len(shown) <= CELL_CHARS else shown[: CELL_CHARS - 1] + "…"


def _sample(head: Head, table: Table) -> tuple[Source, Table]:
    """The head as a file of its own. A JSON document that the head cuts becomes one object a line."""
    if table.form == "json":
        whole: list[Mapping[str, Any]] = [entry for entry in entries_of(head.text) if isinstance(entry, dict)]
        text = "\n".join(json.dumps(entry, ensure_ascii=False) for entry in whole)
        table = replace(table, form="ndjson")
    else:
        text = "\n".join(head.whole_lines)
    return Source(head.name, io.BytesIO(text.encode("utf-8", "replace"))), table
