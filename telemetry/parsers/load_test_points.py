"""Load tests of k6 point by point: the JSON lines of `k6 run --out json=...`.

Read as a stream: requests by method and name, and by status
(https://grafana.com/docs/k6/latest/results-output/real-time/json/).
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from telemetry.evidence import ParseError, ParseResult
from telemetry.histogram import Histogram, bucket_of
from telemetry.parsers import readers
from telemetry.parsers.load_test_run import Measured, busiest, endpoint, finish
from telemetry.routes import RouteTable
from telemetry.source import Source

# The head of every line that is counted; the others are skipped without being decoded.
_WANTED = (b'"http_reqs"', b'"http_req_duration"', b'"http_req_failed"', b'"vus"', b'"checks"', b'"dropped_iterations"')
_LONG = 20


@dataclass(slots=True)
class _Count:
    """Requests of one endpoint, or of the run."""

    row: Measured
    requests: int = 0
    failed: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    times: Histogram = field(default_factory=Histogram)
    timed: int = 0
    total_ms: float = 0.0
    max_ms: float = -1.0
    slowest: tuple[int, bytes] | None = None


class _Points:
    """The counts of one file."""

    def __init__(self, result: ParseResult) -> None:
        self.result = result
        self.table = RouteTable(limit=300)
        self.run: _Count | None = None
        self.endpoints: dict[tuple[str, str], _Count] = {}
        self.thresholds: dict[str, list[str]] = {}
        self.users: tuple[float, int, bytes] | None = None
        self.totals: Counter[str] = Counter()

    def add(self, number: int, line: bytes, metric: str, value: float, tags: dict[str, Any]) -> None:
        """Count one point."""
        if metric == "vus":
            if self.users is None or value > self.users[0]:
                self.users = value, number, line
            return
        if metric in ("checks", "dropped_iterations"):
            self.totals[metric] += (value == 0) if metric == "checks" else int(value)
            return
        for count in self._counts(number, line, tags):
            if metric == "http_reqs":
                count.requests += int(value)
                count.statuses[str(tags.get("status", ""))] += int(value)
            elif metric == "http_req_failed":
                count.failed += value != 0
            else:
                _time(count, number, line, value)

    def _counts(self, number: int, line: bytes, tags: dict[str, Any]) -> tuple[_Count, _Count]:
        if self.run is None:
            place = readers.place(number, line.decode("utf-8", "replace"), self.result)
            self.run = _Count(Measured("load.run", "run", place, attrs={"tool": "k6"}))
        method, name = str(tags.get("method", "")), str(tags.get("name") or tags.get("url") or "")
        if name.startswith(("/", "http://", "https://")):
            name = self.table.route(name)
        elif len(self.endpoints) >= 2_000:
            name = "other"
        key = method, name
        if key not in self.endpoints:
            place = readers.place(number, line.decode("utf-8", "replace"), self.result)
            self.endpoints[key] = _Count(endpoint(method, name, place))
        return self.run, self.endpoints[key]


def _time(count: _Count, number: int, line: bytes, value: float) -> None:
    count.times.add((bucket_of(value),))
    count.timed += 1
    count.total_ms += value
    if value > count.max_ms:
        count.max_ms, count.slowest = value, (number, line)


def read_points(source: Source, result: ParseResult) -> None:
    """Read every line; ParseError when no point belongs to an HTTP request."""
    result.carrier = "k6-ndjson"
    points = _Points(result)
    for number, line in source.lines():
        result.lines = number
        if not line.strip():
            result.blank += 1
        elif not any(name in line for name in _WANTED) and line.startswith(b"{") and line.endswith(b"}"):
            result.records_lines += 1
            points.totals["skipped"] += 1
        elif _read_line(number, line, points):
            result.records_lines += 1
        else:
            readers.reject_line(number, line[:2_000].decode("utf-8", "replace"), result)
    result.records = result.records_lines
    if points.run is None or not points.run.requests:
        raise ParseError("These points of k6 hold no HTTP request; send the file of `k6 run --out json=points.json`.")
    _report(points)


def _read_line(number: int, line: bytes, points: _Points) -> bool:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    content = record.get("data") if isinstance(record, dict) else None
    if not isinstance(content, dict):
        return False
    if record.get("type") == "Metric":
        _declare(record, content, points)
        return True
    metric, value = record.get("metric"), content.get("value")
    if record.get("type") != "Point" or isinstance(value, bool) or not isinstance(value, int | float):
        return False
    moment = _moment(content.get("time"))
    if moment is None:
        return False
    result = points.result
    result.first, result.last = min(result.first or moment, moment), max(result.last or moment, moment)
    tags = content.get("tags")
    if f'"{metric}"'.encode() in _WANTED:
        points.add(number, line, str(metric), float(value), tags if isinstance(tags, dict) else {})
    return True


def _declare(record: dict[str, Any], content: dict[str, Any], points: _Points) -> None:
    """Remember a metric's thresholds; k6 writes their verdict only into a summary."""
    found = content.get("thresholds")
    if isinstance(found, list) and found and len(points.thresholds) < 1_000:
        points.thresholds[str(content.get("name") or record.get("metric"))] = [str(entry) for entry in found[:_LONG]]


def _moment(text: Any) -> datetime | None:
    """A moment with its zone; nanoseconds are cut to what a clock here can hold."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _report(points: _Points) -> None:
    result, run = points.result, points.run
    if run is None:
        return
    _fill(run, result)
    if result.first and result.last and (window := (result.last - result.first).total_seconds()):
        run.row.put("window_s", window)
        run.row.put("rps", run.requests / window)
    if points.users:
        value, number, line = points.users
        run.row.put("users", value, readers.place(number, line.decode("utf-8", "replace"), result))
    for total, metric in (("checks", "checks_failed"), ("dropped_iterations", "dropped_iterations")):
        if total in points.totals:
            run.row.put(metric, float(points.totals[total]))
    for count in points.endpoints.values():
        _fill(count, result)
    finish(result, run.row, busiest([count.row for count in points.endpoints.values() if count.requests]))
    result.records = result.records_lines
    if declared := sum(map(len, points.thresholds.values())):
        result.totals["thresholds"] = declared
        result.notes.append("Points hold no verdict on the thresholds; send the summary of the run for it.")


def _fill(count: _Count, result: ParseResult) -> None:
    row = count.row
    row.put("requests", float(count.requests))
    if count.failed or count.requests:
        row.put("failed", float(count.failed))
        row.put("rate_limited", float(count.statuses["429"]))
        for digit in "45":
            row.put(f"status_{digit}xx", float(sum(n for s, n in count.statuses.items() if s[:1] == digit)))
        row.share_failures()
    if count.timed and count.slowest:
        place = readers.place(count.slowest[0], count.slowest[1].decode("utf-8", "replace"), result)
        row.put("mean_ms", count.total_ms / count.timed)
        for share in (50, 75, 90, 95, 99):
            row.put(f"p{share}_ms", min(count.times.quantile(share / 100), count.max_ms), place)
        row.put("max_ms", count.max_ms, place)
        row.sketches = {"ms": dict(count.times.counts)}
