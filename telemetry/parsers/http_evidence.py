"""From the counts of an access log to evidence: which routes, which metrics, and the line each stands on."""

from collections import Counter
from collections.abc import Iterable

from telemetry.distinct import Distinct
from telemetry.evidence import OTHER, Evidence, ParseResult, Place
from telemetry.histogram import Histogram
from telemetry.parsers.http_counts import RouteCount, SignIns, Spot, Traffic, edges_of, worst_window
from telemetry.redaction import counted_quote, quote_of
from telemetry.routes import RouteTable

TOP_ROUTES = 300
# Below this a window's share says more about chance than about the service.
WINDOW_REQUESTS = 20
# A name in a crowded folder keeps its own row when it holds this share of the folder's requests.
OWN_SHARE = 0.01
# A largest value and the metrics that stand on its line.
_LARGEST = {"time": ("p95_ms", "p99_ms", "max_ms"), "size": ("bytes_max",), "page": ("query_page_max",)}
_SINGLE = ("429", "401", "413", "499", "502", "503", "504")


def place_of(spot: Spot, result: ParseResult) -> Place:
    """A spot as it is shown; what was redacted is counted."""
    text, count = counted_quote(spot[1])
    result.redacted += count
    return Place(spot[0], text)


def merge_crowded(routes: dict[str, RouteCount], tables: Iterable[tuple[RouteTable, int]]) -> dict[str, RouteCount]:
    """Put the many small names of crowded folders under `folder/[slug]`; the names with weight stay.

    Each table comes with the number of names that make a folder crowded.
    """
    tables = list(tables)
    weight: Counter[str] = Counter()
    crowd = {
        route: next(filter(None, (table.crowded(route, names) for table, names in tables)), None) for route in routes
    }
    for route, counted in routes.items():
        weight[crowd[route] or ""] += counted.requests
    merged: dict[str, RouteCount] = {}
    for route, counted in routes.items():
        folder = crowd[route]
        small = folder and counted.requests < OWN_SHARE * weight[folder]
        name = folder if folder and small else route
        if name in merged:
            merged[name].merge(counted)
        else:
            merged[name] = counted
    return merged


def chosen(routes: dict[str, RouteCount]) -> list[tuple[str, RouteCount]]:
    """The 300 busiest routes and every route that answered 5xx, busiest first; all others together as "other"."""
    ranked = sorted(routes.items(), key=lambda pair: (-pair[1].requests, pair[0]))
    shown = [pair for rank, pair in enumerate(ranked) if rank < TOP_ROUTES or pair[1].status(500, 599)]
    rest = [counted for rank, (_, counted) in enumerate(ranked) if rank >= TOP_ROUTES and not counted.status(500, 599)]
    if rest:
        together = RouteCount(rest[0].first)
        for counted in rest:
            together.merge(counted)
        shown.append((OTHER, together))
    return shown


def route_evidence(route: str, counted: RouteCount, traffic: Traffic, all_ms: float, result: ParseResult) -> Evidence:
    """One route."""
    requests = counted.requests
    metrics = _status_metrics(counted) | {
        "requests": requests,
        "share": requests / traffic.requests,
        "bytes": counted.size,
        "bytes_mean": counted.size / requests,
        "bytes_max": counted.size_max,
        "per_min_peak": counted.per_minute,
        "post_requests": counted.methods["POST"],
    }
    if traffic.window_s:
        metrics["window_s"] = traffic.window_s
    if counted.page_max >= 0:
        metrics["query_page_max"] = counted.page_max
    if counted.timed:
        metrics |= _time_metrics(counted, all_ms)
    places = {name: place_of(spot, result) for name, spot in _spots(counted).items() if name in metrics}
    methods = sorted(method for method in counted.methods if method)
    sketches = _kept({"ms": counted.times.counts, "minute": edges_of(counted.minutes)})
    attrs = {"methods": methods}
    return Evidence("http.route", route, metrics, place_of(counted.first, result), places, attrs, sketches=sketches)


def _kept(sketches: dict[str, dict[int, int]]) -> dict[str, dict[int, int]]:
    return {name: dict(counts) for name, counts in sketches.items() if counts}


def _status_metrics(counted: RouteCount) -> dict[str, float]:
    requests = counted.requests
    errors = counted.status(500, 599)
    timeouts = sum(counted.statuses[status] for status in (499, 502, 504))
    single: dict[str, float] = {f"status_{name}": counted.statuses[int(name)] for name in _SINGLE}
    return single | {
        "status_4xx": counted.status(400, 499),
        "status_5xx": errors,
        "error_share": errors / requests,
        "timeout_share": timeouts / requests,
    }


def _time_metrics(counted: RouteCount, all_ms: float) -> dict[str, float]:
    longest, total = counted.max_us / 1000, counted.total_us / 1000
    quantiles = {f"p{share}_ms": min(counted.times.quantile(share / 100), longest) for share in (50, 95, 99)}
    times: dict[str, float] = {"max_ms": longest, "total_ms": total}
    if all_ms:
        times["time_share"] = total / all_ms
    return quantiles | times


def _spots(counted: RouteCount) -> dict[str, Spot]:
    """The line behind each metric: the first of its statuses, the slowest, the largest."""
    spots = counted.spots
    found = {f"status_{name}": spots[name] for name in _SINGLE if name in spots}
    for metric, fits in (
        ("status_4xx", lambda status: status.startswith("4")),
        ("status_5xx", lambda status: status.startswith("5")),
        ("timeout_share", lambda status: status in ("499", "502", "504")),
    ):
        lines = [spot for name, spot in spots.items() if fits(name)]
        if lines:
            found[metric] = min(lines)
    if "status_5xx" in found:
        found["error_share"] = found["status_5xx"]
    for name, metrics in _LARGEST.items():
        found |= dict.fromkeys(metrics, spots[name]) if name in spots else {}
    return found


def server_evidence(
    routes: dict[str, RouteCount], traffic: Traffic, clients: Distinct, agents: bool, result: ParseResult
) -> Evidence:
    """The whole file; the client with the most requests is named, masked.

    `rps_peak` is the busiest second; `peak_factor` the busiest minute over the mean minute, since single seconds of a
    quiet log are chance.
    """
    requests = traffic.requests
    errors = sum(count for status, count in traffic.statuses.items() if status // 100 == 5)
    metrics: dict[str, float] = {
        "requests": requests,
        "rps_peak": traffic.per_second,
        "status_4xx": sum(count for status, count in traffic.statuses.items() if status // 100 == 4),
        "status_5xx": errors,
        "status_429": traffic.statuses[429],
        "error_share": errors / requests,
        "timed_requests": sum(counted.timed for counted in routes.values()),
    }
    if traffic.window_s:
        metrics |= {"window_s": traffic.window_s, "rps_mean": requests / traffic.window_s}
    if traffic.window_s >= 60:
        metrics["peak_factor"] = max(traffic.minutes.values()) / (60 * metrics["rps_mean"])
    windows = traffic.windows()
    if (worst := worst_window(windows, WINDOW_REQUESTS)) is not None:
        metrics["error_share_worst_5min"] = worst
    if agents:
        metrics |= {"bot_requests": traffic.bots, "bot_share": traffic.bots / requests}
        metrics |= {"test_requests": traffic.tests} if traffic.tests else {}
    times = Histogram()
    for counted in routes.values():
        times.merge(counted.times)
    if metrics["timed_requests"]:
        metrics["total_s"] = sum(counted.total_us for counted in routes.values()) / 1_000_000
        if traffic.window_s:
            metrics["in_flight"] = metrics["total_s"] / traffic.window_s
        metrics["max_ms"] = max(counted.max_us for counted in routes.values()) / 1000
        metrics["p95_ms"] = min(times.quantile(0.95), metrics["max_ms"])
    attrs = _client_metrics(clients, requests, metrics)
    place = place_of(traffic.start or (1, b""), result)
    places = _server_places(routes, result)
    sketches = _kept({"ms": times.counts, "minute": edges_of(traffic.minutes), "second": traffic.edge_seconds()})
    ends = [window for at, window in enumerate(sorted(windows)) if at < 2 or at >= len(windows) - 2]
    sketches["requests"] = {window: windows[window][0] for window in ends}
    sketches["errors"] = {window: windows[window][1] for window in ends}
    return Evidence("http.server", "server", metrics, place, places, attrs, sketches=sketches)


def _client_metrics(clients: Distinct, requests: int, metrics: dict[str, float]) -> dict[str, str]:
    if clients.counts:
        metrics["clients"] = clients.count
    if clients.heaviest is None:
        return {}
    client, count = clients.heaviest
    metrics["client_share_max"] = count / requests
    return {"client": quote_of(client)}


def _server_places(routes: dict[str, RouteCount], result: ParseResult) -> dict[str, Place]:
    first: dict[str, Spot] = {}
    for counted in routes.values():
        for metric, spot in _spots(counted).items():
            if metric in ("status_4xx", "status_5xx", "status_429", "error_share"):
                first[metric] = min(first.get(metric, spot), spot)
    slowest = max(routes.values(), key=lambda counted: counted.max_us)
    if slowest.timed:
        first |= dict.fromkeys(("p95_ms", "max_ms"), slowest.spots["time"])
    return {metric: place_of(spot, result) for metric, spot in first.items()}


def sign_in_evidence(route: str, counted: SignIns, result: ParseResult) -> Evidence:
    """Refused sign-ins of a route; the client with the most in one minute is named, masked."""
    worst, client, spot = counted.most()
    metrics: dict[str, float] = {"failures": counted.failures, "failures_per_min_max": worst}
    if counted.clients != {b"-"}:
        metrics["clients"] = len(counted.clients)
    places = {"failures_per_min_max": place_of(spot, result)}
    return Evidence("http.auth", route, metrics, place_of(counted.first, result), places, {"client": quote_of(client)})
