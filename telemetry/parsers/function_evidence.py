"""From the counts of a function log to evidence."""

from collections.abc import Mapping, Sequence

from telemetry.evidence import OTHER, Evidence
from telemetry.parsers.function_counts import FunctionLog, Group

TOP_ROUTES = 300
_ROUTE_MARKS = ("timeouts", "throttled", "payload_too_large", "crashes")
_SERVER_MARKS = (*_ROUTE_MARKS, "paused", "loops")


def evidence_of(log: FunctionLog, window_s: float) -> list[Evidence]:
    """The whole file, then routes (the 300 busiest and every one that failed), then deployments."""
    if log.server is None:
        return []
    ranked = sorted(log.routes.items(), key=lambda pair: (-pair[1].requests, pair[0]))
    shown = [pair for rank, pair in enumerate(ranked) if rank < TOP_ROUTES or pair[1].failed]
    rows = [_server(log, log.server, window_s)]
    rows += [_route(log, route, group, window_s) for route, group in shown]
    if rest := [group for rank, (_, group) in enumerate(ranked) if rank >= TOP_ROUTES and not group.failed]:
        rows.append(_route(log, OTHER, _together(rest), window_s))
    rows += [_row("function.deployment", name, group, _basic(group)) for name, group in sorted(log.deployments.items())]
    return rows


def _together(groups: Sequence[Group]) -> Group:
    """Routes beyond the bound as one."""
    whole = Group(groups[0].place)
    for group in groups:
        whole.requests += group.requests
        whole.statuses.update(group.statuses)
        whole.marks.update(group.marks)
        whole.unanswered += group.unanswered
        whole.gets += group.gets
        whole.methods += group.methods
        whole.size += group.size
        if group.size_max > whole.size_max:
            whole.size_max, whole.largest = group.size_max, group.largest
        whole.regions |= group.regions
        whole.places = group.places | whole.places
    return whole


def totals_of(server: Group) -> dict[str, float | int | str]:
    """Counts a person can check; bytes only if the records tell them."""
    totals: dict[str, float | int | str] = {"requests": server.requests}
    totals |= {f"status_{first}xx": server.status(first * 100) for first in range(1, 6)}
    return totals | ({"bytes": server.size} if server.size_max >= 0 else {})


def _basic(group: Group) -> dict[str, float]:
    """`error_share` counts a request that got no answer because its function ended as failed: the visitor saw a 502."""
    return {
        "requests": group.requests,
        "status_5xx": group.status(500),
        "error_share": group.failed / group.requests,
    }


def _server(log: FunctionLog, group: Group, window_s: float) -> Evidence:
    metrics = _basic(group) | {name: group.marks[name] for name in _SERVER_MARKS}
    metrics["deployments"] = len(log.deployments)
    return _row("function.server", "server", group, _seen_only(log, group, metrics, window_s))


def _route(log: FunctionLog, route: str, group: Group, window_s: float) -> Evidence:
    total = log.server.requests if log.server else group.requests
    metrics = _basic(group) | {name: group.marks[name] for name in _ROUTE_MARKS}
    metrics |= {
        "share": group.requests / total,
        "status_4xx": group.status(400),
        "status_429": group.statuses[429],
        "timeout_share": group.marks["timeouts"] / group.requests,
    }
    cached, missed = group.marks["cache_hit"], group.marks["cache_miss"]
    if cached + missed:
        metrics |= {"cache_hit": cached, "cache_miss": missed, "cache_hit_share": cached / (cached + missed)}
    if group.methods:
        metrics["get_requests"] = group.gets
    if group.size_max >= 0:
        metrics["bytes_max"] = group.size_max
    return _row("function.route", route, group, _seen_only(log, group, metrics, window_s))


def _seen_only(log: FunctionLog, group: Group, metrics: dict[str, float], window_s: float) -> dict[str, float]:
    """Add what only some logs can show."""
    if log.reports:
        metrics["cold_starts"] = group.marks["cold_starts"]
    if window_s:
        metrics["window_s"] = window_s
    return metrics


def _row(kind: str, subject: str, group: Group, metrics: Mapping[str, float]) -> Evidence:
    places = dict(group.places)
    if group.largest and "bytes_max" in metrics:
        places["bytes_max"] = group.largest("responseByteSize")
    for share, count in (("error_share", "status_5xx"), ("timeout_share", "timeouts")):
        if count in places:
            places[share] = places[count]
    if "error_share" not in places and "crashes" in places:
        places["error_share"] = places["crashes"]
    attrs = {"regions": sorted(group.regions)} if kind == "function.route" and group.regions else {}
    shown = {name: place for name, place in places.items() if name in metrics}
    return Evidence(kind, subject, metrics, group.place, shown, attrs)
