"""From the counts of a function log to evidence."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from telemetry.evidence import OTHER, Evidence, ParseResult, Place
from telemetry.known_errors import CAUSES
from telemetry.parsers.access_requests import is_scanned
from telemetry.parsers.function_counts import FunctionLog, Key, Spot
from telemetry.redaction import counted_quote

TOP_ROUTES = 300
_ROUTE_MARKS = ("timeouts", "throttled", "payload_too_large", "crashes")
_SERVER_MARKS = (*_ROUTE_MARKS, "paused", "loops")


@dataclass(slots=True)
class Group:
    """Requests of one route, one deployment, or the whole file."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)  # timeouts, crashes ..., cache_hit, cache_miss
    unanswered: int = 0  # crashed, and no record ever gave a status
    gets: int = 0
    methods: int = 0  # requests whose method is known
    regions: set[str] = field(default_factory=set)
    bots: int = 0  # by their agent, or by a path that only scanners ask for
    agents: int = 0  # requests whose agent is known

    def take(self, key: Key, count: int) -> None:
        """Count so many requests of which the same is known."""
        self.requests += count
        if key.status is not None:
            self.statuses[key.status] += count
        elif "crashes" in key.marks:
            self.unanswered += count
        for mark in key.marks:
            self.marks[mark] += count
        if key.cache:
            self.marks[key.cache] += count
        self.methods += count if key.method else 0
        self.gets += count if key.method == "GET" else 0
        if key.region:
            self.regions.add(key.region)
        if key.bot is not None:
            self.agents += count
            self.bots += count if key.bot or is_scanned(key.route) else 0

    def merge(self, other: "Group") -> None:
        """Take over the requests of another group."""
        self.requests += other.requests
        self.statuses.update(other.statuses)
        self.marks.update(other.marks)
        self.unanswered += other.unanswered
        self.gets += other.gets
        self.methods += other.methods
        self.regions |= other.regions
        self.bots += other.bots
        self.agents += other.agents

    def status(self, hundred: int) -> int:
        """Requests answered with 4xx (400), 5xx (500) ..."""
        return sum(count for status, count in self.statuses.items() if hundred <= status < hundred + 100)

    @property
    def failed(self) -> int:
        """5xx answers and requests that got none because the function ended."""
        return self.status(500) + self.unanswered


class FunctionRows:
    """Makes the evidence of a log; what is redacted in quotes is counted in `result`."""

    def __init__(self, log: FunctionLog, window_s: float, result: ParseResult) -> None:
        self._log = log
        self._window_s = window_s
        self._result = result
        self.server = Group()
        self._routes: dict[str, Group] = {}
        self._deployments: dict[str, Group] = {}
        self._spots: dict[tuple[str, str], dict[str, Spot]] = {}
        self._folded: set[str] = set()  # routes beyond the bound
        self._count()

    def _count(self) -> None:
        name = self._log.table.name
        for key, count in self._log.all_counts().items():
            groups = [self.server, self._routes.setdefault(name(key.route), Group())]
            if key.deployment:
                groups.append(self._deployments.setdefault(key.deployment, Group()))
            for group in groups:
                group.take(key, count)
        for (kind, subject, metric), spot in self._log.spots.items():
            spots = self._spots.setdefault((kind, name(subject) if kind == "route" else subject), {})
            spots[metric] = min(spots.get(metric, spot), spot)

    def evidence(self) -> list[Evidence]:
        """The whole file, then routes (the 300 busiest, every one that failed, the rest as one), then deployments."""
        ranked = sorted(self._routes.items(), key=lambda pair: (-pair[1].requests, pair[0]))
        self._folded = {route for route, group in ranked[TOP_ROUTES:] if not group.failed}
        rows = [self._server_row()]
        rows += [self._route(route, group) for route, group in ranked if route not in self._folded]
        if self._folded:
            rows.append(self._route(OTHER, self._together()))
        for deployment, group in sorted(self._deployments.items()):
            rows.append(self._row("deployment", deployment, group, _basic(group)))
        return [*rows, *self._causes()]

    def _causes(self) -> Iterator[Evidence]:
        """What the messages of requests say is wrong, with the routes that said so."""
        spots = self._spots["server", "server"]
        for cause in CAUSES:
            if events := self.server.marks[cause]:
                routes = sorted(route for route, group in self._routes.items() if group.marks[cause])
                metrics = {"events": float(events)} | ({"window_s": self._window_s} if self._window_s else {})
                place = self._place(spots[cause])
                yield Evidence("error.cause", cause, metrics, place, attrs={"routes": routes[:50]})

    def _together(self) -> Group:
        """Routes beyond the bound as one."""
        whole = Group()
        spots = self._spots.setdefault(("route", OTHER), {})
        for route in self._folded:
            whole.merge(self._routes[route])
            for metric, spot in self._spots["route", route].items():
                spots[metric] = min(spots.get(metric, spot), spot)
        return whole

    def _row_of(self, route: str) -> str:
        name = self._log.table.name(route)
        return OTHER if name in self._folded else name

    def totals(self) -> dict[str, float | int | str]:
        """Counts a person can check; bytes only if the records tell them."""
        totals: dict[str, float | int | str] = {"requests": self.server.requests}
        totals |= {f"status_{first}xx": self.server.status(first * 100) for first in range(1, 6)}
        return totals | ({"bytes": self._log.size} if self._log.sized else {})

    def _server_row(self) -> Evidence:
        group = self.server
        metrics = _basic(group) | {name: group.marks[name] for name in _SERVER_MARKS}
        metrics["deployments"] = len(self._deployments)
        if group.agents:
            metrics |= {"bot_requests": group.bots, "bot_share": group.bots / group.agents}
        return self._row("server", "server", group, self._seen_only(group, metrics))

    def _route(self, route: str, group: Group) -> Evidence:
        metrics = _basic(group) | {name: group.marks[name] for name in _ROUTE_MARKS}
        metrics |= {
            "share": group.requests / self.server.requests,
            "status_4xx": group.status(400),
            "status_429": group.statuses[429],
            "timeout_share": group.marks["timeouts"] / group.requests,
        }
        cached, missed = group.marks["cache_hit"], group.marks["cache_miss"]
        if cached + missed:
            metrics |= {"cache_hit": cached, "cache_miss": missed, "cache_hit_share": cached / (cached + missed)}
        if group.methods:
            metrics["get_requests"] = group.gets
        largest = [found for (_, own), found in self._log.largest.items() if self._row_of(own) == route]
        places: dict[str, Place] = {}
        if largest:
            most = min(largest, key=lambda found: (-found.size, found.line))
            metrics["bytes_max"] = most.size
            quote, redacted = counted_quote(most.text, "responseByteSize")
            places["bytes_max"] = self._place(Spot(most.line, quote, redacted))
        return self._row("route", route, group, self._seen_only(group, metrics), places)

    def _seen_only(self, group: Group, metrics: dict[str, float]) -> dict[str, float]:
        """Add what only some logs can show."""
        if self._log.reports:
            metrics["cold_starts"] = group.marks["cold_starts"]
        if self._window_s:
            metrics["window_s"] = self._window_s
        return metrics

    def _place(self, spot: Spot) -> Place:
        self._result.redacted += spot.redacted
        return Place(spot.line, spot.quote)

    def _row(
        self,
        kind: str,
        subject: str,
        group: Group,
        metrics: Mapping[str, float],
        more: Mapping[str, Place] | None = None,
    ) -> Evidence:
        spots = self._spots[kind, subject]
        for share, count in (("error_share", "status_5xx"), ("timeout_share", "timeouts")):
            if count in spots:
                spots[share] = spots[count]
        if "error_share" not in spots and "crashes" in spots:
            spots["error_share"] = spots["crashes"]
        places = {name: self._place(spot) for name, spot in spots.items() if metrics.get(name)} | dict(more or {})
        attrs = {"regions": sorted(group.regions)} if kind == "route" and group.regions else {}
        return Evidence(f"function.{kind}", subject, metrics, self._place(spots[""]), places, attrs)


def _basic(group: Group) -> dict[str, float]:
    """`error_share` counts a request that got no answer because its function ended as failed: the visitor saw a 502."""
    return {
        "requests": group.requests,
        "status_5xx": group.status(500),
        "error_share": group.failed / group.requests,
    }
