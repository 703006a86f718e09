"""Load tests with a row a request: JMeter's results as CSV (JTL), k6's CSV, hey's CSV.

JMeter: https://jmeter.apache.org/usermanual/listeners.html (times in ms, a row a sampler). k6:
https://grafana.com/docs/k6/latest/results-output/real-time/csv/ (a row a metric). hey: seconds, from the start on.
"""

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.load_test_counts import Requests, report, time_of
from telemetry.parsers.readers import Header, Row
from telemetry.source import Source

JMETER = frozenset(("timestamp", "elapsed", "label", "success"))
K6 = frozenset(("metric_name", "timestamp", "metric_value"))
HEY = frozenset(("response-time", "dns+dialup", "status-code", "offset"))
_HOW = "Send jmeter -n -t plan.jmx -l results.csv, or k6 run --out csv=points.csv, or hey -o csv."
_CLOSED = "The tool sends the next request after the last answer: waiting is hidden, so latency is a lower bound."
_STATUS = re.compile(r"\d{3}\Z")


def row_columns(line: str) -> list[str]:
    """Lower-case names of a header line; hey's are no identifiers ("DNS+dialup")."""
    try:
        return [name.strip().lower() for name in next(csv.reader([line.removeprefix("\ufeff")]), [])]
    except csv.Error:
        return []


def knows_rows(columns: list[str]) -> bool:
    """Whether one of the three tools writes a file with these columns."""
    return any(set(columns) >= names for names in _TOOLS)


def read_rows(source: Source, result: ParseResult) -> None:
    """Count every row; ParseError when none is a request."""
    lines = source.lines()
    result.lines, first = next(lines, (0, b""))
    header = Header(row_columns(first.decode("utf-8", "replace")), ",")
    columns = set(header.columns)
    tool, count = _TOOLS[next(names for names in _TOOLS if columns >= names)]
    result.carrier = f"{tool}-csv"
    requests = Requests(result, tool)
    for row in readers.csv_rows(lines, header, result):
        try:
            count(row, dict(zip(header.columns, row.fields, strict=True)), requests)
        except ValueError:
            readers.reject(row, result)
    if requests.run is None or not requests.run.requests:
        raise ParseError(f"No row of this file is an HTTP request. {_HOW}", 1)
    if tool != "k6":
        requests.run.row.attrs["closed_loop"] = True
        result.notes.append(_CLOSED)
    report(requests)
    result.records_lines = result.lines - result.blank - result.rejected
    result.records = result.records_lines - 1


def _jmeter(row: Row, facts: dict[str, str], requests: Requests) -> None:
    """A sampler's row. A code that is no number ("Non HTTP response code: ...") is no answer."""
    start, elapsed = float(facts["timestamp"]), float(facts["elapsed"])
    if facts["success"].lower() not in ("true", "false") or not 0 <= elapsed < 1e9:
        raise ValueError("no row of JMeter")
    _see(requests.result, start / 1000, (start + elapsed) / 1000)
    if facts.get("allthreads", "").isdigit():
        requests.add(row.line, row.text.encode(), "vus", float(facts["allthreads"]), {})
    _count(row, requests, facts["label"], facts.get("responsecode", ""), elapsed, facts["success"].lower() == "false")


def _hey(row: Row, facts: dict[str, str], requests: Requests) -> None:
    """A request; the tool counts no failures of its own, so an error status is one."""
    status, seconds = facts["status-code"], float(facts["response-time"])
    if not _STATUS.match(status) or not 0 <= seconds < 1e6:
        raise ValueError("no row of hey")
    _count(row, requests, "", status, seconds * 1000, status >= "400")


def _k6(row: Row, facts: dict[str, str], requests: Requests) -> None:
    """A point of one metric; those that are not counted are passed over."""
    value, metric = float(facts["metric_value"]), facts["metric_name"]
    if not -1e12 < value < 1e12:
        raise ValueError("no value")
    if metric in _K6_METRICS:
        stamp = float(facts["timestamp"])
        _see(requests.result, stamp, stamp)
        requests.add(row.line, row.text.encode(), metric, value, dict(facts))


def _count(row: Row, requests: Requests, name: str, status: str, ms: float, failed: bool) -> None:
    tags = {"name": name, "status": status if _STATUS.match(status) else ""}
    for count in requests.counts_of(row.line, row.text.encode(), tags):
        count.requests += 1
        count.statuses[tags["status"]] += 1
        count.failed += failed
        time_of(count, row.line, row.text.encode(), ms)


def _see(result: ParseResult, *seconds: float) -> None:
    for second in seconds:
        if not 946_684_800 <= second < 4_102_444_800:
            raise ValueError("no moment")
        moment = datetime.fromtimestamp(second, UTC)
        result.first, result.last = min(result.first or moment, moment), max(result.last or moment, moment)


_K6_METRICS = frozenset(("http_reqs", "http_req_duration", "http_req_failed", "vus", "checks", "dropped_iterations"))
_TOOLS: dict[frozenset[str], tuple[str, Callable[[Row, dict[str, str], Requests], None]]] = {
    JMETER: ("jmeter", _jmeter),
    K6: ("k6", _k6),
    HEY: ("hey", _hey),
}
