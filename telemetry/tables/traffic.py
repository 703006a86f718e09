"""Requests, latency and errors by route, and metrics over time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from telemetry.evidence import Evidence, ParseResult
from telemetry.parsers.ops_values import widen
from telemetry.tables.base import Field, Options, Record, Target

MAX_ROUTES = 1_000
MAX_SERIES = 500
SUMS = ("requests", "status_4xx", "status_5xx")
LEVELS = ("p50_ms", "p95_ms", "p99_ms")
REST = "other"


@dataclass(slots=True)
class Route:
    """Sums of one route over its lines; a percentile holds only while there is a single line."""

    largest: Record  # the line with most requests, quoted
    lines: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    levels: dict[str, float] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)  # sums that a line did not give: then the sum is not known
    weighted: float = 0.0  # of the error share, by requests
    share: float | None = None
    total_ms: float | None = 0.0
    most: float = -1.0
    first: datetime | None = None
    last: datetime | None = None


def fold_routes(records: Iterator[Record], options: Options, result: ParseResult) -> None:
    """One row a route, requests and errors summed over its lines. Percentiles of several lines cannot be combined."""
    routes: dict[str, Route] = {}
    for record in records:
        name = f"{record.text('method').upper()} {record.text('route')}".strip()[:300]
        name = name if name in routes or len(routes) < MAX_ROUTES else REST
        if (route := routes.get(name)) is None:
            route = routes[name] = Route(record)
        _add(route, record)
        widen(result, record.time("time"))
    every = sum(route.sums.get("requests", 0.0) for route in routes.values())
    whole = all("requests" in route.sums and "requests" not in route.missing for route in routes.values())
    result.evidence = [_row(name, route, every if whole else 0.0) for name, route in routes.items()]
    result.evidence = [row for row in result.evidence if row.metrics]
    result.totals = {"routes": len(routes)}
    for metric in SUMS:
        values = [row.metrics[metric] for row in result.evidence if metric in row.metrics]
        if values:
            result.totals[metric] = int(sum(values))
    if any(route.lines > 1 and route.levels for route in routes.values()):
        result.notes.append(
            "Percentiles of a route with several lines are left out: they cannot be combined. Send one line a route."
        )
    if len(routes) >= MAX_ROUTES:
        result.notes.append(f"Routes beyond {MAX_ROUTES:,} are added up as “{REST}”.")


def _add(route: Route, record: Record) -> None:
    route.lines += 1
    requests, mean, share = record.number("requests"), record.number("mean_ms"), record.number("error_share")
    for metric in SUMS:
        value = record.number(metric)
        if value is None:
            route.missing.add(metric)
        else:
            route.sums[metric] = route.sums.get(metric, 0.0) + value
    for metric in LEVELS:
        value = record.number(metric)
        if value is not None:
            route.levels[metric] = value
    if (value := record.number("max_ms")) is not None:
        route.levels["max_ms"] = max(value, route.levels.get("max_ms", value))
    if requests is None or mean is None or route.total_ms is None:
        route.total_ms = None
    else:
        route.total_ms += requests * mean
    route.share = share if route.lines == 1 else None
    if (weight := requests or 0.0) > route.most:
        route.most, route.largest = weight, record
    if (at := record.time("time")) is not None and at.tzinfo is not None:
        route.first, route.last = min(route.first or at, at), max(route.last or at, at)


def _row(name: str, route: Route, every: float) -> Evidence:
    metrics = {metric: value for metric, value in route.sums.items() if metric not in route.missing}
    metrics |= {metric: value for metric, value in route.levels.items() if route.lines == 1 or metric == "max_ms"}
    requests = metrics.get("requests", 0.0)
    if requests and "status_5xx" in metrics:
        metrics["error_share"] = metrics["status_5xx"] / requests
    elif route.share is not None:
        metrics["error_share"] = route.share
    if route.total_ms is not None and requests:
        metrics["total_ms"] = route.total_ms
    if every and requests:
        metrics["share"] = requests / every
    if route.first and route.last and route.last > route.first:
        metrics["window_s"] = (route.last - route.first).total_seconds()
    return Evidence("http.route", name, metrics, route.largest.place)


ROUTES = Target(
    id="routes",
    title="Requests, latency and errors by route",
    enables="Which routes are slow, which fail, and which carry the traffic",
    format="route-table",
    kinds=("http.route",),
    fields=(
        Field(
            "route", "Route", "text",
            "route, endpoint, path, url, uri, transaction, resource, page, operation, handler, "
            "controller",
            required=True,
        ),
        Field("method", "Method", "text", "method, http method, verb"),
        Field(
            "requests", "Requests", "count",
            "requests, request count, hits, count, calls, throughput, volume, total requests",
        ),
        Field("status_5xx", "Server errors (5xx)", "count", "5xx, server errors, errors, error count, failures"),
        Field("status_4xx", "Client errors (4xx)", "count", "4xx, client errors"),
        Field(
            "error_share", "Share of errors", "share",
            "error rate, error share, errors percent, failure rate, error percentage",
        ),
        Field("mean_ms", "Latency, mean", "ms", "average, avg, mean, avg duration, average response time, avg latency"),
        Field("p50_ms", "Latency, median", "ms", "p50, median, 50th percentile"),
        Field("p95_ms", "Latency, 95th percentile", "ms", "p95, 95th percentile, perc95"),
        Field("p99_ms", "Latency, 99th percentile", "ms", "p99, 99th percentile"),
        Field("max_ms", "Latency, longest", "ms", "max, maximum, slowest"),
        Field("time", "Time", "time", "time, timestamp, date, hour, minute, bucket"),
    ),
    fold=fold_routes,
    one_of=("requests", "status_5xx", "error_share", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms"),
)  # fmt: skip


@dataclass(slots=True)
class Points:
    """One series while it is read; `first` and `last` by time, `top` is the highest value."""

    first: tuple[datetime, float]
    last: tuple[datetime, float, Record]
    top: tuple[float, Record]
    low: float
    count: int = 0
    total: float = 0.0


def fold_series(records: Iterator[Record], options: Options, result: ParseResult) -> None:
    """One row a series: last, lowest, highest and mean value, and over how long."""
    found: dict[str, Points] = {}
    left = local = 0
    for record in records:
        at = record.time("time")
        if at is None:
            continue
        local += at.tzinfo is None
        widen(result, at)
        for column, value in record.values.get("value", []):
            name = _name(record.text("series"), column, options.name)
            if name not in found and len(found) >= MAX_SERIES:
                left += 1
            else:
                _point(found, name, at, value, record)
    result.evidence = [_series(name, points) for name, points in found.items()]
    result.totals = {"series": len(found), "points": sum(points.count for points in found.values())}
    if left:
        result.notes.append(f"{left:,} values belong to series beyond {MAX_SERIES} and are left out.")
    if local:
        result.first = result.last = None


def _name(series: str, column: str, name: str) -> str:
    """The series column's cell, the name of the whole table, or the heading, whatever tells series apart."""
    if series:
        return f"{name} {series}".strip()[:200]
    return (f"{name} {column}" if name and name.lower() not in column.lower() else column)[:200]


def _point(found: dict[str, Points], name: str, at: datetime, value: float, record: Record) -> None:
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    points = found.get(name)
    if points is None:
        points = found[name] = Points((at, value), (at, value, record), (value, record), value)
    if at < points.first[0]:
        points.first = (at, value)
    if at >= points.last[0]:
        points.last = (at, value, record)
    if value > points.top[0]:
        points.top = (value, record)
    points.low = min(points.low, value)
    points.count += 1
    points.total += value


def _series(name: str, points: Points) -> Evidence:
    metrics = {"value": points.last[1], "first": points.first[1], "min": points.low, "max": points.top[0]}
    metrics |= {"mean": points.total / points.count, "points": float(points.count)}
    if (window := (points.last[0] - points.first[0]).total_seconds()) > 0:
        metrics["window_s"] = window
    return Evidence(
        "metric.series", name, metrics, points.last[2].place, {"max": points.top[1].place}, {"family": name}
    )


SERIES = Target(
    id="series",
    title="A metric over time",
    enables="The highest and the usual value of what was measured, such as CPU, memory or connections",
    format="metric-table",
    kinds=("metric.series",),
    fields=(
        Field("time", "Time", "time", "time, timestamp, date, ts, datetime, at, period", required=True),
        Field(
            "value", "Value", "value",
            "value, avg, mean, cpu, memory, connections, utilization, usage, max, load, iops, "
            "throughput",
            required=True, many=True,
        ),
        Field(
            "series", "Name of the series", "text",
            "series, metric, name, host, instance, label, pod, container, region",
        ),
    ),
    fold=fold_series,
    named="What was measured, with its unit",
    notes=("Values are kept in the unit that the file has.",),
)  # fmt: skip
