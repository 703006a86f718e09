"""Load tests of Locust: the CSV files of `--csv` (statistics, history, failures).

The row "Aggregated" is the sum of the others and becomes the run, never an endpoint. A failure of Locust may be a 429;
only the file of failures tells, so rate limiting is counted apart there (https://docs.locust.io/en/stable/retrieving-stats.html).
"""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.load_test_run import Measured, busiest, endpoint, finish
from telemetry.parsers.readers import Header, Row
from telemetry.source import Source

STATS = frozenset(("type", "name", "request count", "failure count"))
HISTORY = frozenset(("timestamp", "user count", "type", "name", "total request count"))
FAILURES = frozenset(("method", "name", "error", "occurrences"))
EXCEPTIONS = ["count", "message", "traceback", "nodes"]
_HOW = "Send the _stats.csv that locust --csv writes."
_SUM = "Aggregated"
_MAX_ROWS = 500_000
_COLUMNS = {
    "requests": ("request count", "total request count"),
    "failed": ("failure count", "total failure count"),
    "mean_ms": ("average response time", "total average response time"),
    "max_ms": ("max response time", "total max response time"),
    "bytes_mean": ("average content size", "total average content size"),
    "rps": ("requests/s",),
    "p50_ms": ("50%",),
    "p75_ms": ("75%",),
    "p90_ms": ("90%",),
    "p95_ms": ("95%",),
    "p99_ms": ("99%",),
}
_LIMITED = re.compile(r"\b429\b|too many requests", re.IGNORECASE)
_STATUS = re.compile(r"\b([45])\d\d (?:Client|Server) Error")


def columns_of(line: str) -> list[str]:
    """The names in a header line, lower case; Locust's are no identifiers ("50%")."""
    return [name.strip().lower() for name in _fields(line)]


def _fields(line: str) -> list[str]:
    try:
        return next(csv.reader([line.removeprefix("\ufeff")], strict=True), [])
    except csv.Error:
        return []


def knows(columns: list[str]) -> bool:
    """Whether Locust writes a file with these columns."""
    return columns == EXCEPTIONS or any(set(columns) >= names for names in (STATS, HISTORY, FAILURES))


def read_csv(source: Source, result: ParseResult) -> None:
    """Read any of the files; ParseError when it holds no request."""
    result.carrier = "locust"
    lines = source.lines()
    _, first = next(lines, (0, b""))
    header = Header(columns_of(first.decode("utf-8", "replace")), ",")
    result.lines = 1
    if header.columns == EXCEPTIONS:
        raise ParseError(f"This holds the exceptions of the test's own script, no requests. {_HOW}", 1)
    rows = list(_rows(lines, header, result))
    if not rows:
        raise ParseError(f"The file holds no requests, only column names. {_HOW}", 1)
    columns = set(header.columns)
    read = _read_history if columns >= HISTORY else _read_stats if columns >= STATS else _read_failures
    read(header, rows, result)
    result.records_lines = result.lines - result.blank - result.rejected


def _rows(lines: Iterator[tuple[int, bytes]], header: Header, result: ParseResult) -> Iterator[Row]:
    """A record a line: no field that is read here holds a line end. In memory, as a test has few endpoints."""
    for result.lines, raw in lines:
        text = raw.decode("utf-8", "replace")
        row = Row(result.lines, 1, text, _fields(text))
        if not text.strip():
            result.blank += 1
        elif len(row.fields) != len(header.columns):
            readers.reject(row, result)
        else:
            yield row
        if result.lines > _MAX_ROWS:
            raise ParseError("More than 500,000 rows; send _stats.csv instead of the full history.", result.lines)


def _field(header: Header, row: Row, name: str) -> str:
    index = header.find((name,))
    return row.fields[index].strip() if index is not None else ""


def _measure(header: Header, row: Row, measured: Measured) -> None:
    for metric, names in _COLUMNS.items():
        index = header.find(names)
        text = row.fields[index].strip() if index is not None else ""
        if text and text != "N/A":
            measured.put(metric, readers.number(text, header.delimiter))
    measured.share_failures()


def _read_stats(header: Header, rows: list[Row], result: ParseResult) -> None:
    run: Measured | None = None
    endpoints: list[Measured] = []
    for row in rows:
        place = readers.place(row.line, row.text, result)
        name, method = _field(header, row, "name"), _field(header, row, "type")
        is_sum = name in (_SUM, "Total") and method in ("", "None")
        measured = Measured("load.run", "run", place) if is_sum else endpoint(method, name, place)
        try:
            _measure(header, row, measured)
        except ValueError:
            readers.reject(row, result)
            continue
        if is_sum:
            run = measured
        else:
            endpoints.append(measured)
    run = run or _summed(endpoints, result)
    _finish(result, run, endpoints)


def _summed(endpoints: list[Measured], result: ParseResult) -> Measured:
    """The run when its own row is missing: sums only, since percentiles cannot be added up."""
    if not endpoints:
        raise ParseError(f"No row of this file could be read. {_HOW}", 1)
    run = Measured("load.run", "run", endpoints[0].place)
    for metric in ("requests", "failed"):
        values = [row.values[metric] for row in endpoints if metric in row.values]
        run.put(metric, sum(values) if values else None)
    run.share_failures()
    result.notes.append("The row Aggregated is missing; the run is the sum of its endpoints, without latency.")
    return run


def _read_history(header: Header, rows: list[Row], result: ParseResult) -> None:
    """The last row Aggregated holds the totals so far; users are the most of any second."""
    last: Row | None = None
    users: tuple[float, Place] | None = None
    for row in rows:
        stamp, so_far = _field(header, row, "timestamp"), Measured("load.run", "run", Place(row.line, ""))
        try:
            _measure(header, row, so_far)
            now = readers.number(_field(header, row, "user count"))
            moment = datetime.fromtimestamp(int(stamp[:11]), UTC)
        except ValueError:
            readers.reject(row, result)
            continue
        result.first, result.last = min(result.first or moment, moment), max(result.last or moment, moment)
        if _field(header, row, "name") != _SUM:
            continue
        last = row
        if now is not None and (users is None or now > users[0]):
            users = now, readers.place(row.line, row.text, result)
    if last is None:
        raise ParseError(f"The history holds no row Aggregated. {_HOW}", result.lines)
    run = Measured("load.run", "run", readers.place(last.line, last.text, result))
    _measure(header, last, run)
    run.values.pop("rps", None)  # of the last seconds
    for name in [name for name in run.values if re.fullmatch(r"p\d+_ms", name)]:
        del run.values[name]
    if users:
        run.put("users", *users)
    if result.first and result.last and result.last > result.first:
        run.put("window_s", (result.last - result.first).total_seconds())
    result.notes.append("The history's percentiles are of the last seconds and are left out; _stats.csv has the run's.")
    _finish(result, run, [])


def _read_failures(header: Header, rows: list[Row], result: ParseResult) -> None:
    """Failures by endpoint and error; there is no count of requests here, so no share."""
    by_name: dict[str, Measured] = {}
    run = Measured("load.run", "run", readers.place(rows[0].line, rows[0].text, result))
    for row in rows:
        text = _field(header, row, "occurrences")
        if not re.fullmatch(r"[0-9]{1,15}", text):
            readers.reject(row, result)
            continue
        place = readers.place(row.line, row.text, result)
        found = endpoint(_field(header, row, "method"), _field(header, row, "name"), place)
        found = by_name.setdefault(found.subject, found)
        error = _field(header, row, "error")
        for measured in (run, found):
            _add(measured, "failed", int(text), place)
            _add(measured, "rate_limited", int(text) if _LIMITED.search(error) else 0, place)
            if status := _STATUS.search(error):
                _add(measured, f"status_{status[1]}xx", int(text), place)
    result.notes.append("This file counts failures only; their share needs _stats.csv.")
    _finish(result, run, list(by_name.values()))


def _add(measured: Measured, metric: str, count: int, place: Place) -> None:
    known = metric in measured.values and bool(measured.values[metric])
    measured.put(metric, measured.values.get(metric, 0.0) + count, None if known or not count else place)


def _finish(result: ParseResult, run: Measured, endpoints: list[Measured]) -> None:
    run.attrs = {"tool": "locust", "closed_loop": True}
    if run.values.get("failed") and "rate_limited" not in run.values:
        result.notes.append("Failures may hold refusals by a rate limit (429); _failures.csv tells them apart.")
    finish(result, run, busiest(endpoints))
    result.records = len(endpoints) or 1
