"""Requests by route from an application's own metrics: counters with a status, histograms of durations.

Names after the client libraries of Prometheus, Micrometer, OpenTelemetry's semantic conventions for HTTP, and nginx as
an ingress controller. Counters run since their process started; of how long that was a single scrape says nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.parsers.metrics_families import Family, Series, place_of, quantile_of
from telemetry.parsers.metrics_known import last_value
from telemetry.routes import route_of

_NAME = re.compile(
    r"(?:(?:\w+_)?http_(?:server_)?|nginx_ingress_controller_)requests?(?P<timed>_duration|_latency|)(?:_(?P<unit>seconds|milliseconds|ms))?"
    r"(?:_by_view_method)?(?:_total)?"
)
_ROUTES = ("route", "http_route", "uri", "path", "handler", "endpoint", "path_template", "view", "url")
_STATUSES = ("status", "code", "status_code", "http_status", "http_status_code", "http_response_status_code")
_METHODS = ("method", "http_method", "http_request_method")
_MS = {"seconds": 1000.0, "milliseconds": 1.0, "ms": 1.0, None: 1000.0}
ENOUGH_FOR_P95 = 59
ROUTES_SHOWN = 300


@dataclass(slots=True)
class _Route:
    """What the series of one route say; `place` is that of the first."""

    place: Place
    statuses: dict[str, float] = field(default_factory=dict)
    posts: float = 0.0
    total_ms: float = 0.0
    buckets: dict[float, float] = field(default_factory=dict)
    spots: dict[str, Place] = field(default_factory=dict)


def http_rows(families: Mapping[str, Family], result: ParseResult) -> list[Evidence]:
    """A row a route; counters tell statuses, histograms times, each once however many families count the same."""
    counted = _best(families, timed=False) or _best(families, timed=True)
    timed = _best(families, timed=True)
    routes: dict[str, _Route] = {}
    for route, labels, series in _series(counted):
        _count(_at(routes, route, series, result), labels, _requests(series), series, result)
    for route, _, series in _series(timed):
        row = _at(routes, route, series, result)
        factor = _factor(timed)
        row.total_ms += series.values.get("_sum", 0.0) * factor
        row.spots.setdefault("p95_ms", place_of(series, result))
        for bound, number in series.buckets.items():
            row.buckets[bound * factor] = row.buckets.get(bound * factor, 0.0) + number
    whole = sum(sum(row.statuses.values()) for row in routes.values())
    ranked = sorted(routes.items(), key=lambda pair: (-sum(pair[1].statuses.values()), pair[0]))[:ROUTES_SHOWN]
    return [_row(route, row, whole) for route, row in ranked if row.statuses]


def _best(families: Mapping[str, Family], timed: bool) -> Family | None:
    """The family with most requests behind it that names routes; one without buckets counts, one with them times."""
    fit = [
        family
        for name, family in families.items()
        if (found := _NAME.fullmatch(name))
        and family.labels & set(_ROUTES)
        and any(series.buckets or series.values.get("_sum") for series in family.series.values()) == timed
        and (timed or not found["timed"])
    ]
    return max(fit, key=lambda family: (sum(map(_requests, family.series.values())), family.name), default=None)


def _factor(family: Family | None) -> float:
    found = _NAME.fullmatch(family.name) if family else None
    return _MS.get(found["unit"] if found else None, 1000.0)


def _series(family: Family | None) -> Iterator[tuple[str, Mapping[str, str], Series]]:
    for pairs, series in family.series.items() if family else ():
        labels = dict(pairs)
        route = next((labels[name] for name in _ROUTES if labels.get(name, "").startswith("/")), "")
        if route:
            yield route_of(route), labels, series


def _at(routes: dict[str, _Route], route: str, series: Series, result: ParseResult) -> _Route:
    return routes.setdefault(route, _Route(place_of(series, result)))


def _requests(series: Series) -> float:
    return series.values.get("_count", last_value(series) or 0.0)


def _count(row: _Route, labels: Mapping[str, str], number: float, series: Series, result: ParseResult) -> None:
    status = next((labels[name] for name in _STATUSES if name in labels), "")[:3].lower()
    row.statuses[status] = row.statuses.get(status, 0.0) + number
    row.posts += number if next((labels[name] for name in _METHODS if name in labels), "").upper() == "POST" else 0.0
    if status[:1] == "5":
        row.spots.setdefault("status_5xx", place_of(series, result))


def _row(route: str, row: _Route, whole: float) -> Evidence:
    requests = sum(row.statuses.values())
    metrics = {"requests": requests, "share": requests / whole if whole else 0.0, "post_requests": row.posts}
    if any(status[:1].isdigit() for status in row.statuses):
        metrics |= {f"status_{first}xx": _with(row, first) for first in "45"}
        metrics |= {f"status_{status}": row.statuses.get(status, 0.0) for status in ("429", "499", "502", "503", "504")}
        metrics["error_share"] = metrics["status_5xx"] / requests if requests else 0.0
    if row.total_ms:
        metrics["total_ms"] = row.total_ms
    for share in (50, 95):
        if requests >= ENOUGH_FOR_P95 and (value := quantile_of(row.buckets, share / 100)) is not None:
            metrics[f"p{share}_ms"] = value
    places = {name: place for name, place in row.spots.items() if name in metrics}
    return Evidence("http.route", route, metrics, row.place, places, {"from": "metrics"})


def _with(row: _Route, first: str) -> float:
    return sum(number for status, number in row.statuses.items() if status.startswith(first))
