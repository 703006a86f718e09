"""A statistics view as a record: which columns tell it, what its rows are about, which columns are its metrics.

Columns of all versions: https://www.postgresql.org/docs/current/monitoring-stats.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice

from telemetry import redaction
from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.readers import Header, Row
from telemetry.parsers.table_dialects import open_table, sniff_table
from telemetry.source import Source

MAX_ROWS = 20_000
SYSTEM_SCHEMAS = ("pg_catalog", "pg_toast", "information_schema")
_FLAGS = {"t": 1.0, "true": 1.0, "on": 1.0, "f": 0.0, "false": 0.0, "off": 0.0}

Fields = Mapping[str, str]
Metrics = dict[str, float]


@dataclass(frozen=True, slots=True)
class View:
    """One view.

    `needed` columns must all be there and `foreign` ones must not. `subject` makes the name of a row, "" for a row to
    leave out. `metrics` gives the columns a metric is read from, the first that exists; a null leaves it absent.
    `derive` adds what follows from a row.
    """

    kind: str
    needed: tuple[str, ...]
    subject: Callable[[Fields], str]
    metrics: Mapping[str, tuple[str, ...]]
    attrs: Mapping[str, str]
    counted: str
    enables: tuple[str, ...]
    how: str
    foreign: tuple[str, ...] = ()
    derive: Callable[[Fields, Metrics], None] = lambda fields, metrics: None
    note: str = "Counters run since the last reset: the file holds no rate and no times of day."
    texts: tuple[str, ...] = ()
    left: str = "rows of the database itself, or without a name, are left out."


def view_parser(view: View, parser_id: str, title: str, command: str, *others: View) -> Parser:
    """The parser of a view, and of others that come by the same command: one evidence row for each of their rows."""
    views = (view, *others)
    columns = " or ".join(", ".join(one.needed).replace("|", " or ") for one in views)
    return Parser(
        id=parser_id,
        title=title,
        how_to_export=command,
        looks_for=f"CSV, JSON or psql output with the columns {columns}",
        kinds=tuple(one.kind for one in views),
        sniff=lambda head: _which(views, sniff_table(head)) is not None,
        parse=lambda source: _parse(views, source),
    )


def _which(views: tuple[View, ...], header: Header | None) -> View | None:
    return next((view for view in views if is_view(header, view.needed, view.foreign)), None)


def is_view(header: Header | None, needed: tuple[str, ...], foreign: tuple[str, ...] = ()) -> bool:
    """Whether the columns are those of a view; "a|b" asks for one of two names."""
    if header is None or set(foreign) & set(header.columns):
        return False
    return all(set(names.split("|")) & set(header.columns) for names in needed)


def qualified(schema: str, name: str) -> str:
    """A name with its schema unless public, "" for what the database itself owns."""
    if schema.startswith(SYSTEM_SCHEMAS):
        return ""
    return name if schema in ("", "public") else f"{schema}.{name}"


def fields_of(row: Row, header: Header) -> dict[str, str]:
    """A row by column, nulls as ""."""
    pairs = zip(header.columns, row.fields, strict=True)
    return {name: "" if readers.is_null(value) else value.strip() for name, value in pairs}


def share(metrics: Metrics, name: str, part: str, other: str) -> None:
    """Add the share of one metric in the sum of two, where both are known and not zero."""
    if part in metrics and other in metrics and (total := metrics[part] + metrics[other]):
        metrics[name] = metrics[part] / total


def open_view(source: Source, result: ParseResult, views: tuple[View, ...]) -> tuple[View, Header, list[Row]]:
    """The view that the columns are of, the header and the rows; ParseError when it is none, or has no row."""
    how, texts = views[0].how, tuple(name for view in views for name in view.texts)
    header, found = open_table(source, result, how, texts)
    view = _which(views, header)
    if view is None:
        needed = " or ".join(", ".join(one.needed).replace("|", " or ") for one in views)
        raise ParseError(f"The columns {needed} are needed. {how}", max(result.lines, 1))
    rows = list(islice(found, MAX_ROWS + 1))
    if len(rows) > MAX_ROWS:
        raise ParseError(f"More than {MAX_ROWS:,} rows; this view has never so many. {how}", rows[-1].line)
    if not rows and not result.rejected:
        raise ParseError(f"The file has column names but no row. {how}", max(result.lines, 1))
    return view, header, rows


def _parse(views: tuple[View, ...], source: Source) -> ParseResult:
    result = ParseResult()
    view, header, rows = open_view(source, result, views)
    left = 0
    for row in rows:
        try:
            evidence = _read(view, row, header, result)
        except ValueError:
            readers.reject(row, result)
            continue
        if evidence is None:
            left += 1
        else:
            result.evidence.append(evidence)
    if not result.evidence and not left:
        raise ParseError(f"No row of the file can be read. {view.how}", max(result.lines, 1))
    _finish(view, result, left)
    return result


def _finish(view: View, result: ParseResult, left: int) -> None:
    result.records = len(result.evidence)
    result.records_lines = result.lines - result.blank - result.rejected
    result.totals = {view.counted: result.records}
    result.enables, result.notes = list(view.enables), [view.note]
    if left:
        result.notes.append(f"{left:,} {view.left}")


def _read(view: View, row: Row, header: Header, result: ParseResult) -> Evidence | None:
    """The evidence of a row, None where it is to be left out; ValueError when a number cannot be read."""
    fields = fields_of(row, header)
    subject = view.subject(fields)
    metrics: Metrics = {}
    for metric, columns in view.metrics.items():
        text = next((fields[name] for name in columns if name in fields), "")
        value = _FLAGS.get(text.lower()) if text.lower() in _FLAGS else readers.number(text, header.delimiter)
        if value is not None:
            metrics[metric] = value
    view.derive(fields, metrics)
    if not subject:
        return None
    attrs = {}
    for attr, column in view.attrs.items():
        if fields.get(column):
            attrs[attr], hidden = redaction.redact(fields[column][:500])
            result.redacted += hidden
    return Evidence(view.kind, subject, metrics, readers.place(row.line, row.text, result), attrs=attrs)
