"""Statement statistics: the pg_stat_statements view of extension 1.3 to 1.12, whole or as a hand-written projection.

Versions are told by their columns, never by a server version: an upgraded server keeps the old extension. Columns:
https://www.postgresql.org/docs/current/pgstatstatements.html and the extension's own upgrade scripts.
"""

import heapq
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from telemetry.evidence import OTHER, Evidence, ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.readers import Header, Row
from telemetry.parsers.table_dialects import open_table, sniff_table
from telemetry.source import Head, Source
from telemetry.sql import fingerprint, shape_attrs

TOP_TOTAL, TOP_OTHER = 500, 200
# Characters of all kept texts together, above which only the leading families keep theirs, and of one text.
TEXT_CHARS, TEXT_LIMIT = 32_000_000, 50_000
# What stands in the way of a statement's own text for a role without pg_read_all_stats.
HIDDEN = "<insufficient privilege>"

COMMAND = "\\copy (select now() as captured_at, * from pg_stat_statements) to 'statements.csv' csv header"
HOW = f"Export with psql: {COMMAND}"

# Names of a time column, and how many ms its unit holds. Hand-written projections use the later ones.
TOTAL = {
    "total_exec_time": 1.0,
    "total_time": 1.0,
    "exec_time": 1.0,
    "total_exec_ms": 1.0,
    "total_ms": 1.0,
    "total_minutes": 60_000.0,
}
MEAN = {"mean_exec_time": 1.0, "mean_time": 1.0, "mean_exec_ms": 1.0, "mean_ms": 1.0, "avg_ms": 1.0}
MAX = {"max_exec_time": 1.0, "max_time": 1.0, "max_ms": 1.0}
STDDEV = {"stddev_exec_time": 1.0, "stddev_time": 1.0}
QUERY = ("query", "query_text", "qry")
CALLS = ("calls", "ncalls")
# Counters summed over the rows of a family. `rows_read` is what Supabase's report calls `rows`.
COUNTERS = {
    "rows": ("rows", "rows_read"),
    "shared_hit": ("shared_blks_hit",),
    "shared_read": ("shared_blks_read",),
    "temp_written": ("temp_blks_written",),
}
# The column each version brought, newest first.
VERSIONS = (
    ("wal_buffers_full", "1.12 (PostgreSQL 18)"),
    ("stats_since", "1.11 (PostgreSQL 17)"),
    ("jit_functions", "1.10 (PostgreSQL 15 and 16)"),
    ("toplevel", "1.9 (PostgreSQL 14)"),
    ("total_plan_time", "1.8 (PostgreSQL 13)"),
    ("stddev_time", "1.3 to 1.7 (PostgreSQL 9.5 to 12)"),
)
# A result of exactly so many rows was most likely cut by a LIMIT or by pg_stat_statements.max (5,000 by default).
ROUND_COUNTS = frozenset({10, 20, 25, 50, 100, 200, 500, 1_000, 5_000, 10_000})

_CONTROL = re.compile(
    r"\s*(?:begin|commit|end|rollback|abort|start\s+transaction|savepoint|release)\b[^(]*\Z", re.IGNORECASE
)
# Foreign key checks name pg_catalog operators, so only its relations tell a statistics query.
_STATISTICS = re.compile(r"\bpg_stat_\w|\b(?:from|join)\s+pg_catalog\.", re.IGNORECASE)
_INTERVAL = re.compile(r"(?:(\d+) days? ?)?(?:(\d+):(\d\d):(\d\d(?:\.\d{1,6})?))?")
_WITH_UNIT = re.compile(r"(\d+(?:\.\d+)?) ?(us|µs|ms|s|sec|seconds)")
_UNIT_MS = {"us": 0.001, "µs": 0.001, "ms": 1.0, "s": 1_000.0, "sec": 1_000.0, "seconds": 1_000.0}


@dataclass(slots=True)
class _Columns:
    """Where the columns of this file stand, None where it has none, and the units of the times."""

    header: Header
    query: int
    calls: int
    total: tuple[int, float] | None
    mean: tuple[int, float] | None
    maximum: tuple[int, float] | None
    stddev: tuple[int, float] | None
    counters: dict[str, int]
    toplevel: int | None


@dataclass(slots=True)
class _Family:
    """The rows of one fingerprint, shown by the row with the most time (`top_ms`).

    `squares` is the sum of calls * (stddev^2 + mean^2), from which spreads add up.
    """

    top_ms: float = 0.0
    line: int = 0
    first: str = ""
    query: str = ""
    calls: float = 0.0
    total_ms: float = 0.0
    max_ms: float = 0.0
    squares: float = 0.0
    counters: dict[str, float] = field(default_factory=dict)

    @property
    def mean_ms(self) -> float:
        return self.total_ms / self.calls if self.calls else 0.0


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    families: dict[str, _Family] = field(default_factory=dict)
    statements: int = 0
    calls: float = 0.0
    exec_ms: float = 0.0
    nested: int = 0
    hidden: int = 0
    own: int = 0
    text_chars: int = 0


def sniff(head: Head) -> bool:
    """Claim a table, as CSV, JSON or psql's, with a statement's text, its calls and a time."""
    header = sniff_table(head)
    return header is not None and _columns(header) is not None


def parse(source: Source) -> ParseResult:
    """Aggregate the rows by fingerprint; ParseError when the file is no table with the needed columns."""
    result = ParseResult()
    header, rows = open_table(source, result, HOW, QUERY)
    columns = _columns(header)
    if columns is None:
        raise ParseError(f"The columns query, calls and a time are needed. {HOW}", result.lines)
    reading = _Reading()
    for row in rows:
        try:
            _read_row(row, columns, reading)
        except ValueError:
            readers.reject(row, result)
        source.records = reading.statements
    if not reading.statements:
        raise ParseError(f"No row of the file holds a statement with its calls and time. {HOW}", result.lines)
    _finish(result, columns, reading)
    return result


def _columns(header: Header) -> _Columns | None:
    query, calls = header.find(QUERY), header.find(CALLS)
    total, mean = _timed(header, TOTAL), _timed(header, MEAN)
    if query is None or calls is None or (total is None and mean is None):
        return None
    counters = {name: at for name, names in COUNTERS.items() if (at := header.find(names)) is not None}
    return _Columns(
        header,
        query,
        calls,
        total,
        mean,
        _timed(header, MAX),
        _timed(header, STDDEV),
        counters,
        header.find(["toplevel"]),
    )


def _timed(header: Header, names: dict[str, float]) -> tuple[int, float] | None:
    at = header.find(names)
    return None if at is None else (at, names[header.columns[at]])


def _read_row(row: Row, columns: _Columns, reading: _Reading) -> None:
    """Add one row; ValueError when a needed number is absent or can be read in two ways."""
    fields, delimiter = row.fields, columns.header.delimiter
    calls = readers.whole(fields[columns.calls], delimiter)
    total = _ms(row, columns.total, delimiter)
    mean = _ms(row, columns.mean, delimiter) if total is None else None  # it may be the one that reads in two ways
    if calls is None or (total is None and mean is None):
        raise ValueError("calls or time missing")
    total_ms = total if total is not None else (mean or 0.0) * calls
    maximum, stddev = _ms(row, columns.maximum, delimiter), _ms(row, columns.stddev, delimiter)
    counters = {name: readers.whole(fields[at], delimiter) or 0.0 for name, at in columns.counters.items()}
    reading.statements += 1
    # Statements inside a function are also part of the calling statement's time.
    if columns.toplevel is not None and fields[columns.toplevel].strip().lower() in ("f", "false"):
        reading.nested += 1
        return
    reading.calls += calls
    reading.exec_ms += total_ms
    query = fields[columns.query]
    if query.strip() == HIDDEN:
        reading.hidden += 1
    elif _is_own(query):
        reading.own += 1
    else:
        family = _family(row, query, total_ms, reading)
        family.calls += calls
        family.total_ms += total_ms
        family.max_ms = max(family.max_ms, maximum or 0.0)
        family.squares += calls * ((stddev or 0.0) ** 2 + (total_ms / calls) ** 2) if calls else 0.0
        for name, value in counters.items():
            family.counters[name] = family.counters.get(name, 0.0) + value


def _ms(row: Row, column: tuple[int, float] | None, delimiter: str) -> float | None:
    """A time in ms: a number in the column's unit, an interval, or a number with its unit; ValueError otherwise."""
    if column is None:
        return None
    text = row.fields[column[0]].strip()
    if (match := _INTERVAL.fullmatch(text)) and text:
        days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
        # Through whole microseconds, the precision of an interval: 0.000279 s is 0.279 ms, not 0.27900000000000003.
        return round(((days * 24 + hours) * 60 + minutes) * 60_000_000 + seconds * 1_000_000) / 1_000
    if match := _WITH_UNIT.fullmatch(text):
        return float(match[1]) * _UNIT_MS[match[2]]
    value = readers.number(text, delimiter)
    if value is not None and value < 0:
        raise ValueError("a negative time")
    return None if value is None else value * column[1]


def _is_own(query: str) -> bool:
    """Whether a statement is transaction control, or reads the statistics views as this export itself does."""
    return bool(_CONTROL.match(query)) or ("pg_" in query.lower() and bool(_STATISTICS.search(query)))


def _family(row: Row, query: str, total_ms: float, reading: _Reading) -> _Family:
    key = fingerprint(query)
    family = reading.families.get(key)
    if family is None:
        family = reading.families[key] = _Family()
    if not family.query or total_ms > family.top_ms:
        reading.text_chars -= len(family.first) + len(family.query)
        family.top_ms, family.line, family.first, family.query = (
            total_ms,
            row.line,
            row.text[: 2 * readers.QUOTE_CHARS],
            query[:TEXT_LIMIT],
        )
        reading.text_chars += len(family.first) + len(family.query)
        if reading.text_chars > TEXT_CHARS:
            _forget_texts(reading)
    return family


def _forget_texts(reading: _Reading) -> None:
    """Keep the texts of the leading families only; a family that comes back gets its text from its next row."""
    kept = {id(family) for _, family in _leaders(reading.families)}
    for family in reading.families.values():
        if id(family) not in kept:
            family.first = family.query = ""
    reading.text_chars = 0


def _leaders(families: dict[str, _Family]) -> list[tuple[str, _Family]]:
    """The families with the most time in total, then those with the highest means or most calls, largest first."""
    orders: list[tuple[int, Callable[[str], float]]] = [
        (TOP_TOTAL, lambda key: families[key].total_ms),
        (TOP_OTHER, lambda key: families[key].mean_ms),
        (TOP_OTHER, lambda key: families[key].calls),
    ]
    keys = {key for count, order in orders for key in heapq.nlargest(count, families, order)}
    return sorted(((key, families[key]) for key in keys), key=lambda pair: (-pair[1].total_ms, pair[0]))


def _finish(result: ParseResult, columns: _Columns, reading: _Reading) -> None:
    for key, family in _leaders(reading.families):
        if family.query:
            result.evidence.append(
                Evidence(
                    kind="pg.stat.statement",
                    subject=key,
                    metrics=_metrics(family, columns, reading.exec_ms),
                    place=readers.place(family.line, family.first, result),
                    attrs=shape_attrs(family.query),
                )
            )
    _fold(result, reading)
    result.records = reading.statements
    result.records_lines = result.lines - result.blank - result.rejected
    result.totals = {
        "statements": reading.statements,
        "calls": int(reading.calls),
        "exec_ms": round(reading.exec_ms, 6),
    }
    result.enables = [
        "Which statements take the database's time",
        "Statements called too often, too slow or reading too much",
    ]
    result.notes = list(_notes(columns, reading))


def _fold(result: ParseResult, reading: _Reading) -> None:
    """What is not shown (smaller families, statements without text or of no interest), so that sums are the file's."""
    calls = reading.calls - sum(row.metrics["calls"] for row in result.evidence)
    total_ms = reading.exec_ms - sum(row.metrics["total_ms"] for row in result.evidence)
    if calls <= 0 or not result.evidence:
        return
    metrics = {"calls": calls, "total_ms": max(total_ms, 0.0), "mean_ms": max(total_ms, 0.0) / calls}
    if reading.exec_ms > 0:
        metrics["share"] = metrics["total_ms"] / reading.exec_ms
    result.evidence.append(Evidence("pg.stat.statement", OTHER, metrics, result.evidence[0].place))


def _metrics(family: _Family, columns: _Columns, exec_ms: float) -> dict[str, float]:
    calls, counters = family.calls, family.counters
    metrics = {"calls": calls, "total_ms": family.total_ms, **counters}
    if exec_ms > 0:
        metrics["share"] = family.total_ms / exec_ms
    if columns.maximum is not None:
        metrics["max_ms"] = family.max_ms
    if calls:
        metrics["mean_ms"] = family.mean_ms
        if columns.stddev is not None:
            metrics["stddev_ms"] = math.sqrt(max(family.squares / calls - family.mean_ms**2, 0.0))
        if "rows" in counters:
            metrics["rows_per_call"] = counters["rows"] / calls
        if "shared_hit" in counters and "shared_read" in counters:
            _add_blocks(metrics)
    return metrics


def _add_blocks(metrics: dict[str, float]) -> None:
    """Shares and rates of the blocks that a statement touched in shared buffers."""
    touched = metrics["shared_hit"] + metrics["shared_read"]
    metrics["blocks_per_call"] = touched / metrics["calls"]
    if "rows_per_call" in metrics:
        metrics["blocks_per_row"] = metrics["blocks_per_call"] / max(metrics["rows_per_call"], 1.0)
    if touched:
        metrics["hit_share"] = metrics["shared_hit"] / touched


def _notes(columns: _Columns, reading: _Reading) -> Iterator[str]:
    version = next((text for column, text in VERSIONS if column in columns.header.columns), None)
    yield f"Columns of the extension's version {version}." if version else "A selection of columns, not the whole view."
    yield "Counters run since the last reset: the file holds no rate and no times of day."
    if "prop_total_time" in columns.header.columns and "total_exec_time" not in columns.header.columns:
        yield "total_time of this report may include planning time."
    if reading.nested:
        yield f"{reading.nested:,} statements inside functions are left out: their time is in the calling statement."
    if reading.hidden:
        yield (
            f"{reading.hidden:,} statements of other users have no text; they count in the totals only. "
            "Export as a member of pg_read_all_stats."
        )
    if reading.own:
        yield f"{reading.own:,} statements of transaction control and statistics queries count in the totals only."
    left = len(reading.families) - len(_leaders(reading.families))
    if left:
        yield f"{left:,} smaller statement families count in the totals only."
    if reading.statements in ROUND_COUNTS:
        yield f"Exactly {reading.statements:,} rows: the export may have been cut by a limit, totals are lower bounds."


PARSER = Parser(
    id="pg-stat-statements",
    title="PostgreSQL statement statistics (pg_stat_statements)",
    how_to_export=f'psql -c "{COMMAND}"',
    looks_for="CSV, JSON or psql output with the columns query, calls and total_exec_time, total_time or mean_time",
    kinds=("pg.stat.statement",),
    sniff=sniff,
    parse=parse,
)
