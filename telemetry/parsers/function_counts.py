"""Requests of a function log, each counted once although it may have written many records."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from telemetry.evidence import Place
from telemetry.parsers.function_calls import Call
from telemetry.routes import RouteTable

# Records of a request stand close together; older requests are forgotten in halves of this many.
_REMEMBERED = 100_000


class Quote(Protocol):
    """Quotes the line of a record."""

    def __call__(self, text: str) -> Place:
        """The line, quoted around a text."""
        ...

    def kept(self) -> "Quote":
        """The same with only a few kilobytes of the line, to be asked later: most largest values are not the last."""
        ...


@dataclass(slots=True)
class Group:
    """Requests of one route, one deployment, or the whole file."""

    place: Place
    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)  # timeouts, crashes ..., cache_hit, cache_miss
    unanswered: int = 0  # crashed, and no record ever gave a status
    gets: int = 0
    methods: int = 0  # requests whose method is known
    size: int = 0
    size_max: int = -1
    largest: Quote | None = None
    regions: set[str] = field(default_factory=set)
    places: dict[str, Place] = field(default_factory=dict)

    def status(self, hundred: int) -> int:
        """Requests answered with 4xx (400), 5xx (500) ..."""
        return sum(count for status, count in self.statuses.items() if hundred <= status < hundred + 100)

    @property
    def failed(self) -> int:
        """5xx answers and requests that got none because the function ended."""
        return self.status(500) + self.unanswered


@dataclass(slots=True)
class _Seen:
    """What is already counted of a request."""

    groups: tuple[Group, ...]
    status: int | None = None
    marks: set[str] = field(default_factory=set)
    sized: bool = False


class FunctionLog:
    """All groups of a file."""

    def __init__(self) -> None:
        self.server: Group | None = None
        self.routes: dict[str, Group] = {}
        self.deployments: dict[str, Group] = {}
        self.table = RouteTable()
        self.reports = False  # the runtime's reports are in the log, so cold starts would show
        self._seen: dict[str, _Seen] = {}
        self._older: dict[str, _Seen] = {}

    def add(self, call: Call, quote: Quote) -> None:
        """Count a record: its request once, later records only for what they add."""
        self.reports = self.reports or call.reported
        seen = self._seen.get(call.request) or self._older.get(call.request)
        if seen is None:
            seen = self._begin(call, quote)
        self._count_status(seen, call, quote)
        for mark, text in call.marks.items():
            self._count_mark(seen, mark, text, quote)
        if call.cache and not seen.marks & {"cache_hit", "cache_miss"}:
            self._count_mark(seen, call.cache, "", quote)
        if call.size is not None and not seen.sized:
            self._count_size(seen, call.size, quote)

    def _begin(self, call: Call, quote: Quote) -> _Seen:
        if len(self._seen) >= _REMEMBERED:
            self._seen, self._older = {}, self._seen
        if self.server is None:
            self.server = Group(quote(""))
        route = self.table.route(call.path)
        groups = [self.server, self.routes.get(route) or self.routes.setdefault(route, Group(quote(call.path)))]
        if call.deployment:
            known = self.deployments.get(call.deployment)
            groups.append(known or self.deployments.setdefault(call.deployment, Group(quote(call.deployment))))
        for group in groups:
            group.requests += 1
            group.methods += bool(call.method)
            group.gets += call.method == "GET"
            if call.region:
                group.regions.add(call.region)
        seen = self._seen[call.request] = _Seen(tuple(groups))
        return seen

    def _count_status(self, seen: _Seen, call: Call, quote: Quote) -> None:
        if seen.status is not None or call.status is None:
            return
        seen.status = call.status
        for group in seen.groups:
            group.statuses[call.status] += 1
            group.unanswered -= "crashes" in seen.marks
            if call.status >= 400:
                names = (f"status_{call.status // 100}xx", f"status_{call.status}")
                self._mark_places(group, names, str(call.status), quote)

    def _count_mark(self, seen: _Seen, mark: str, text: str, quote: Quote) -> None:
        if mark in seen.marks:
            return
        seen.marks.add(mark)
        for group in seen.groups:
            group.marks[mark] += 1
            group.unanswered += mark == "crashes" and seen.status is None
            self._mark_places(group, (mark,), text, quote)

    def _count_size(self, seen: _Seen, size: int, quote: Quote) -> None:
        seen.sized = True
        for group in seen.groups:
            group.size += size
            if size > group.size_max:
                group.size_max = size
                group.largest = quote.kept()

    @staticmethod
    def _mark_places(group: Group, names: tuple[str, ...], text: str, quote: Quote) -> None:
        for name in names:
            if name not in group.places:
                group.places[name] = quote(text)
