"""Requests of a function log, each counted once although it may have written many records.

What is known of a request is one `Key`; equal ones are counted together. Records of a request stand close together, so
the last 100,000 to 200,000 requests are remembered one by one; what the first ones of a later part of a file say may
belong to requests of the part before, so they are kept until the parts are joined.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from telemetry.evidence import OTHER
from telemetry.parsers.function_calls import Call
from telemetry.routes import RouteTable
from telemetry.splitting import Undividable

_REMEMBERED = 100_000
_DEPLOYMENTS = 1_000
NOTHING: frozenset[str] = frozenset()


class Key(NamedTuple):
    """What is known of a request."""

    route: str
    deployment: str
    method: str
    region: str
    status: int | None
    cache: str | None  # "cache_hit" | "cache_miss"
    marks: frozenset[str]  # timeouts, crashes ...
    sized: bool
    bot: bool | None = None  # None: no record of it names an agent

    def joined(self, later: "Key") -> "Key":
        """With what a later record of the same request adds."""
        return self._replace(
            status=later.status if self.status is None else self.status,
            cache=self.cache or later.cache,
            marks=self.marks | later.marks,
            sized=self.sized or later.sized,
            bot=later.bot if self.bot is None else self.bot,
        )


class Spot(NamedTuple):
    """A line, as it is quoted, and how many places of the quote were redacted."""

    line: int
    quote: str
    redacted: int


class Largest(NamedTuple):
    """The largest answer: its size and line, and what is needed to quote it."""

    size: int
    line: int
    text: bytes


class Quote(Protocol):
    """Quotes the line of a record."""

    @property
    def line(self) -> int:
        """Where the record stands."""
        ...

    def __call__(self, text: str) -> Spot:
        """The line, quoted around a text."""
        ...

    def kept(self) -> bytes:
        """A few kilobytes of the line, to be quoted later: most largest values are not the last."""
        ...


Place = tuple[str, str, str]  # kind of group, its name, what stands there


@dataclass(slots=True)
class FunctionLog:
    """All requests of a file or of a part of it."""

    first_part: bool = True
    counts: Counter[Key] = field(default_factory=Counter)  # of requests that nothing more is heard of
    size: int = 0
    sized: bool = False
    reports: bool = False  # the runtime's reports are in the log, so cold starts would show
    table: RouteTable = field(default_factory=RouteTable)
    deployments: set[str] = field(default_factory=set)
    spots: dict[Place, Spot] = field(default_factory=dict)
    largest: dict[tuple[str, str], Largest] = field(default_factory=dict)
    seen: dict[str, Key] = field(default_factory=dict)
    older: dict[str, Key] = field(default_factory=dict)
    early: dict[str, Key] = field(default_factory=dict)  # the first ones of a later part
    early_sizes: dict[str, int] = field(default_factory=dict)
    turns: int = 0
    overflown: bool = False

    def key_of(self, call: Call, route: str) -> Key:
        """What a record says of its request."""
        deployment = call.deployment
        if deployment and deployment not in self.deployments:
            if len(self.deployments) >= _DEPLOYMENTS:
                self.overflown, deployment = True, OTHER
            else:
                self.deployments.add(deployment)
        marks = frozenset(call.marks) if call.marks else NOTHING
        sized = call.size is not None
        return Key(route, deployment, call.method, call.region, call.status, call.cache, marks, sized, call.bot)

    def add(self, call: Call, quote: Quote) -> Key:
        """Count a record, and keep where what it shows stands for the first time."""
        self.reports = self.reports or call.reported
        self.make_room(1)
        key = self.key_of(call, self.table.route(call.path))
        shown = [("", call.path)] + [(mark, text) for mark, text in call.marks.items()]
        if call.status is not None and call.status >= 400:
            shown += [(f"status_{call.status // 100}xx", str(call.status)), (f"status_{call.status}", str(call.status))]
        groups = {"server": "server", "route": key.route, "deployment": key.deployment}
        for kind, group in groups.items():
            for name, text in shown:
                if (kind, group, name) not in self.spots:
                    self.spots[kind, group, name] = quote(text if name or kind == "route" else "")
        self.count(call.request, key, call.size)
        known = self.largest.get(("route", key.route))
        if call.size is not None and (known is None or call.size > known.size):
            self.largest["route", key.route] = Largest(call.size, quote.line, quote.kept())
        return key

    def count(self, request: str, key: Key, size: int | None) -> None:
        """Count a request once, later records only for what they add."""
        where = self.seen if request in self.seen else self.older
        known = where.get(request)
        if known is None:
            where = self.seen
            where[request] = key
        elif known != key:
            where[request] = known.joined(key)
        if size is not None and not (known and known.sized):
            self.size += size
            self.sized = True
            if self.is_early or (self.turns == 1 and where is self.older):
                self.early_sizes[request] = size

    @property
    def is_early(self) -> bool:
        """Whether a request that begins here may have begun in the part before."""
        return not self.first_part and self.turns == 0

    def make_room(self, requests: int) -> None:
        """Forget older requests, if these would be too many to remember."""
        if self.seen and len(self.seen) + requests > _REMEMBERED:
            self._turn()

    def _turn(self) -> None:
        """Forget the older half of what is remembered."""
        if self.turns == 1 and not self.first_part:
            self.early = self.older
        else:
            self.counts.update(self.older.values())
        self.seen, self.older = {}, self.seen
        self.turns += 1

    def merge(self, later: "FunctionLog") -> None:
        """Take over what a later part of the file holds."""
        recent = {**self.older, **self.seen}
        first = (later.seen, later.older, later.early)[min(later.turns, 2)]
        for request in recent.keys() & first.keys():
            if recent[request].sized and request in later.early_sizes:
                self.size -= later.early_sizes[request]
            recent[request] = recent[request].joined(first.pop(request))
        if later.turns > 1:
            self.counts.update(recent.values())
            self.counts.update(first.values())
            self.older, self.seen = later.older, later.seen
        else:  # nothing of it was forgotten yet
            self.older, self.seen = recent, {**later.older, **later.seen}
        self.counts.update(later.counts)
        self._merge_rest(later)
        if self.overflown or self.table.overflown or len(self.deployments) > _DEPLOYMENTS:
            raise Undividable("routes or deployments were folded by their order")

    def _merge_rest(self, later: "FunctionLog") -> None:
        self.size += later.size
        self.sized = self.sized or later.sized
        self.reports = self.reports or later.reports
        self.table.merge(later.table)
        self.deployments |= later.deployments
        self.overflown = self.overflown or later.overflown
        for place, spot in later.spots.items():
            self.spots.setdefault(place, spot)
        for group, largest in later.largest.items():
            if group not in self.largest or largest.size > self.largest[group].size:
                self.largest[group] = largest

    def all_counts(self) -> Counter[Key]:
        """Every request, counted by what is known of it."""
        total = Counter(self.counts)
        for requests in (self.early, self.older, self.seen):
            total.update(requests.values())
        return total
