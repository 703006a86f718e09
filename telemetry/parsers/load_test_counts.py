"""Requests of a load test that are counted one by one: by endpoint and status, with percentiles from a sketch."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from telemetry.evidence import ParseResult
from telemetry.histogram import Histogram, bucket_of
from telemetry.parsers import readers
from telemetry.parsers.load_test_run import Measured, busiest, endpoint, finish
from telemetry.routes import RouteTable


@dataclass(slots=True)
class Count:
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


class Requests:
    """The counts of one file."""

    def __init__(self, result: ParseResult, tool: str) -> None:
        self.result, self.tool = result, tool
        self.table = RouteTable(limit=300)
        self.run: Count | None = None
        self.endpoints: dict[tuple[str, str], Count] = {}
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
        for count in self.counts_of(number, line, tags):
            if metric == "http_reqs":
                count.requests += int(value)
                count.statuses[str(tags.get("status", ""))] += int(value)
            elif metric == "http_req_failed":
                count.failed += value != 0
            else:
                time_of(count, number, line, value)

    def counts_of(self, number: int, line: bytes, tags: dict[str, Any]) -> tuple[Count, Count]:
        """The run and the endpoint of a request's tags (method, and name or url)."""
        if self.run is None:
            place = readers.place(number, line.decode("utf-8", "replace"), self.result)
            self.run = Count(Measured("load.run", "run", place, attrs={"tool": self.tool}))
        method, name = str(tags.get("method", "")), str(tags.get("name") or tags.get("url") or "")
        if name.startswith(("/", "http://", "https://")):
            name = self.table.route(name)
        elif len(self.endpoints) >= 2_000:
            name = "other"
        key = method, name
        if key not in self.endpoints:
            place = readers.place(number, line.decode("utf-8", "replace"), self.result)
            self.endpoints[key] = Count(endpoint(method, name, place))
        return self.run, self.endpoints[key]


def time_of(count: Count, number: int, line: bytes, value: float) -> None:
    """Count how long one request took, in ms."""
    count.times.add((bucket_of(value),))
    count.timed += 1
    count.total_ms += value
    if value > count.max_ms:
        count.max_ms, count.slowest = value, (number, line)


def report(points: Requests) -> None:
    """Put the run and its busiest endpoints into the result."""
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


def _fill(count: Count, result: ParseResult) -> None:
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
