"""Read a table with a mapping that somebody confirmed: rows become records, records evidence."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.ops_values import settle_lines
from telemetry.parsers.readers import Row
from telemetry.redaction import MARK
from telemetry.source import Source
from telemetry.tables.base import Field, Options, Record, Target
from telemetry.tables.mapping import ColumnMap, problems_of, split
from telemetry.tables.rows import Refused, open_rows
from telemetry.tables.shape import Table
from telemetry.tables.targets import target_of
from telemetry.tables.values import read_moment, read_number

TEXT_CHARS = 200
MASK_CHARS = 100_000  # a longer line is not searched for its private cells but hidden as a whole
# Columns that may name a person or a customer: their cells are not quoted unless the mapping reads them as something.
PRIVATE = re.compile(
    r"user|owner|respond|assign|creator|\blead|report(?:er|ed.?by)|author|actor|customer|client|tenant|account|company"
    r"|organi[sz]ation|\borg\b|workspace|e-?mail|phone|address|(?:first|last|full|sur|display).?name|\bname\b|api.?key"
    r"|contact|recipient|buyer|kunde|firma",
    re.I,
)
_TOTAL = re.compile(r"(?:grand |sub)?-?\s?(?:total|totals|sum|gesamt|summe|overall)\s*:?\Z", re.I)

_QUOTED, _ORDER = re.compile(r"“[^”]*”"), re.compile(r"may be the \d+\. or the \d+\. of a month")

OnRow = Callable[[Row, str], None]


def ignore_row(row: Row, why: str) -> None:
    """Nobody looks at single rows."""


@dataclass(frozen=True, slots=True)
class MappedTable:
    """A table with its mapping: what a parser is for a known format."""

    table: Table
    mapping: ColumnMap
    split: None = None

    @property
    def id(self) -> str:
        """The format of the coverage row."""
        target = target_of(self.mapping.target)
        return target.format if target else ""

    def parse(self, source: Source) -> ParseResult:
        """Read it to its end."""
        return read_table(source, self.table, self.mapping)


def read_table(source: Source, table: Table, mapping: ColumnMap, on_row: OnRow = ignore_row) -> ParseResult:
    """What a table says under a mapping. `on_row(row, why)` is told of every row, `why` being "" for one that is read.

    ParseError when the mapping does not fit the table, and when no row could be read.
    """
    target, mapping = target_of(mapping.target), mapping.on(table)
    problems = problems_of(mapping, table.columns)
    if target is None or problems:
        raise ParseError(f"The mapping does not fit this table: {'; '.join(problems.values())}")
    result = ParseResult()
    reader = _Reader(source, table, mapping, target, result, on_row)
    target.fold(iter(reader), Options(mapping.currency, mapping.name), result)
    result.carrier = f"mapped {table.form}"
    if not result.records:
        why = f" The first one: {reader.first_reason}." if reader.first_reason else ""
        raise ParseError(f"No row could be read as {target.title.lower()}.{why} Change the mapping.", reader.first_line)
    _finish(reader, target, mapping, result)
    return result


def _finish(reader: "_Reader", target: Target, mapping: ColumnMap, result: ParseResult) -> None:
    settle_lines(result)
    result.enables = [target.enables]
    result.notes += target.notes
    if mapping.said:
        result.notes.insert(0, f"Read with {mapping.said}.")
    if reader.totals:
        result.notes.append(f"Lines that sum up others and are not counted again: {reader.totals:,}.")
    if reader.reasons:
        worst = sorted(reader.reasons.items(), key=lambda pair: -pair[1])[:3]
        result.notes.append("Not read: " + "; ".join(f"{count:,} × {why}" for why, count in worst) + ".")
    if reader.local and target.zoned:
        result.notes.append(f"{reader.local:,} times have no zone: how long things took is known, not when they were.")


class _Reader:
    """The records of a table; counts why rows were refused."""

    def __init__(
        self, source: Source, table: Table, mapping: ColumnMap, target: Target, result: ParseResult, on_row: OnRow
    ) -> None:
        self._source, self._table, self._mapping, self._result, self._on_row = source, table, mapping, result, on_row
        self._fields: list[tuple[int, str, Field, str]] = []
        for at, column in enumerate(table.columns):
            name, unit = split(mapping.columns.get(column, ""))
            if field := target.field(name):
                self._fields.append((at, column, field, unit))
        self._required = {field.id for field in target.fields if field.required}
        self._one_of = set(target.one_of)
        read = {at for at, _, field, _ in self._fields if not field.private}
        self._hidden = [at for at, name in enumerate(table.columns) if at not in read and PRIVATE.search(name)]
        self._hidden += [at for at, _, field, _ in self._fields if field.private and at not in self._hidden]
        self.reasons: dict[str, int] = {}
        self.first_reason, self.first_line = "", None  # type: tuple[str, int | None]
        self.totals = self.local = 0

    def __iter__(self) -> Iterator[Record]:
        for row in open_rows(self._source, self._table, self._result):
            if isinstance(row, Refused):
                self._refuse(replace(row.row, fields=[]), row.why, row.why)
                continue
            if self._is_total(row):
                self.totals += 1
                self._on_row(row, "sums up other rows")
                continue
            try:
                values = self._values(row)
            except ValueError as problem:
                self._refuse(row, str(problem), _kind_of(str(problem)))
                continue
            self._on_row(row, "")
            self._result.records += 1
            self._source.records = self._result.records
            yield Record(values, row, self.place)

    def _values(self, row: Row) -> dict[str, Any]:
        """ValueError names the column and what is wrong with its cell."""
        values: dict[str, Any] = {}
        for at, column, field, unit in self._fields:
            try:
                value = self._value(row.fields[at], field, unit)
            except ValueError as problem:
                raise ValueError(f"{column}: {problem}") from problem
            if value is None or value == "":
                continue
            if field.many:
                values.setdefault(field.id, []).append((column, value))
            else:
                values[field.id] = value
        if lacking := next((field for _, _, field, _ in self._fields if self._lacks(field, values)), None):
            raise ValueError(f"{lacking.title} is empty")
        if self._one_of and not self._one_of & set(values):
            raise ValueError("every number is empty")
        return values

    def _lacks(self, field: Field, values: dict[str, Any]) -> bool:
        return field.id in self._required and field.id not in values

    def _value(self, text: str, field: Field, unit: str) -> Any:
        if field.type == "text":
            return "".join(char if char.isprintable() else " " for char in text).strip()[:TEXT_CHARS]
        if field.type == "time":
            moment = read_moment(text, unit, self._mapping.zone)
            self.local += moment is not None and moment.tzinfo is None
            return moment
        return read_number(text, field.type, unit, self._mapping.decimal, self._table.delimiter)

    def _is_total(self, row: Row) -> bool:
        texts = [row.fields[at] for at, _, field, _ in self._fields if field.type in ("text", "time")]
        return any(_TOTAL.match(text.strip()) for text in texts) or bool(_TOTAL.match(row.fields[0].strip()))

    def _refuse(self, row: Row, why: str, kind: str) -> None:
        self.first_reason, self.first_line = self.first_reason or why, self.first_line or row.line
        if kind in self.reasons or len(self.reasons) < 50:
            self.reasons[kind] = self.reasons.get(kind, 0) + 1
        self._result.reject(row.line, self.place(row).quote)
        self._result.rejected += row.span - 1
        self._on_row(row, why)

    def place(self, row: Row) -> Place:
        """Where a row stands, without the cells that may name a person or a customer."""
        if self._hidden and not row.fields:
            return Place(row.line, MARK)  # a broken row does not say which of its cells is the name
        cells = [row.fields[at].strip() for at in self._hidden if at < len(row.fields) and row.fields[at].strip()]
        text, hidden = masked(row.text, cells)
        self._result.redacted += hidden
        return readers.place(row.line, text, self._result)


def masked(text: str, cells: list[str]) -> tuple[str, int]:
    """A row's first line without some of its cells, and how many were hidden; all of it when one is not found there."""
    shown = text if len(text) <= MASK_CHARS else ""
    for cell in sorted(set(cells), key=len, reverse=True):
        shown, found = re.subn(rf"(?<![\w.]){re.escape(cell)}(?![\w.])", MARK, shown)
        if not found:
            return MARK, len(cells)
    return shown, len(cells)


def _kind_of(problem: str) -> str:
    """A reason without the cell that it quotes, so that rows with the same trouble are counted together."""
    return _ORDER.sub("may have day or month first", _QUOTED.sub("a cell", problem))
