"""What Heroku's logplex says beside requests: dynos, the add-ons' samples, and errors of the application.

Dynos: https://devcenter.heroku.com/articles/log-runtime-metrics (`sample#memory_total` every 20 seconds) and
https://devcenter.heroku.com/articles/error-codes (R14, R15). Add-ons: https://devcenter.heroku.com/articles/
heroku-postgres-metrics-logs and https://devcenter.heroku.com/articles/heroku-redis-metrics-logs. Samples of several
dynos of one process type are one row: which of them it was changes with every restart.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from telemetry.evidence import Evidence, Place
from telemetry.known_errors import causes_in

MB = 1024.0**2
_SAMPLE = re.compile(rb"sample#([\w-]+)=(-?\d+(?:\.\d+)?)([A-Za-z]*)")
_SOURCE = re.compile(rb"\bsource=(\S{1,100})")
_RUNNING = re.compile(rb"Process running mem=(\d+)M\((\d+(?:\.\d+)?)%\)")
_OVER = re.compile(rb"Error (R14|R15) ")
_CRASHED = re.compile(rb"State changed from \w+ to crashed|Error (?:R10|R11|H10) ")
_REQUEST = re.compile(rb"\[([0-9a-f]{8}-[0-9a-f-]{27})\]")
_UNITS = {b"MB": MB, b"kB": 1024.0, b"GB": 1024.0 * MB, b"bytes": 1.0, b"": 1.0}
_KEPT = 10_000  # requests whose end is not logged yet
_NAMES = 200

Line = tuple[int, bytes]
Quote = Callable[[int, bytes], Place]


@dataclass(slots=True)
class Gauge:
    """The samples of one number: the highest, the last, and all for the middle one."""

    values: list[float] = field(default_factory=list)
    highest: float = -1.0
    at: Line = (0, b"")
    last_at: Line = (0, b"")

    def see(self, value: float, line: Line) -> None:
        """One sample."""
        self.values.append(value)
        self.last_at = line
        if value > self.highest:
            self.highest, self.at = value, line

    @property
    def middle(self) -> float:
        """The usual sample, of two the lower one."""
        return sorted(self.values)[(len(self.values) - 1) // 2]


@dataclass(slots=True)
class Cause:
    """Errors whose words name a cause."""

    first: Line
    events: int = 0
    routes: set[str] = field(default_factory=set)


class Samples:
    """Gathers from every line of a log that is no request."""

    def __init__(self) -> None:
        self.gauges: dict[tuple[str, str], Gauge] = {}
        self.over: dict[str, tuple[int, Line]] = {}
        self.crashes = 0
        self.causes: dict[str, Cause] = {}
        self.waiting: dict[bytes, list[str]] = {}  # request id -> causes whose route is not known yet

    def see(self, number: int, process: bytes, text: bytes, line: bytes) -> None:
        """One line: `process` is what stands in the brackets ("web.1"), `text` what it said."""
        at = (number, line)
        if b"sample#" in text:
            found = _SOURCE.search(text)
            source = found[1] if found else process
            self._sample(source.decode("utf-8", "replace"), text, at)
        elif process.partition(b".")[2].isdigit() or b"Error R1" in text:
            self._dyno(kind_of(process.decode("utf-8", "replace")), text, at)
        self._causes(text, at)

    def ended(self, request: bytes, route: str) -> None:
        """A request whose id an error named was answered: now its route is known."""
        for cause in self.waiting.pop(request, ()):
            if len(self.causes[cause].routes) < _NAMES:
                self.causes[cause].routes.add(route)

    def _sample(self, source: str, text: bytes, at: Line) -> None:
        name = kind_of(source)
        for key, number, unit in _SAMPLE.findall(text):
            if unit in _UNITS and len(self.gauges) < 40 * _NAMES:
                self._gauge(name, key.decode()).see(float(number) * _UNITS[unit], at)

    def _gauge(self, source: str, name: str) -> Gauge:
        return self.gauges.setdefault((source, name.replace("-", "_").lower()), Gauge())

    def _dyno(self, name: str, text: bytes, at: Line) -> None:
        if found := _RUNNING.search(text):
            share = float(found[2]) / 100
            if share > 0:
                self._gauge(name, "memory_total").see(float(found[1]) * MB, at)
                self._gauge(name, "memory_share").see(share, at)
        elif _OVER.search(text) and (name in self.over or len(self.over) < _NAMES):
            count, first = self.over.get(name, (0, at))
            self.over[name] = count + 1, first
        self.crashes += _CRASHED.search(text) is not None

    def _causes(self, text: bytes, at: Line) -> None:
        for cause in causes_in(text[:4_000].decode("utf-8", "replace")):
            known = self.causes.setdefault(cause, Cause(at))
            known.events += 1
            request = _REQUEST.search(text)
            if request and len(self.waiting) < _KEPT:
                self.waiting.setdefault(request[1], []).append(cause)

    # -- evidence ------------------------------------------------------------------------------------------------------

    def evidence(self, quote: Quote, window_s: float) -> Iterator[Evidence]:
        """Dynos, databases, stores and causes."""
        sources = dict.fromkeys(source for source, _ in self.gauges)
        for source in sources:
            yield from self._dyno_row(source, quote)
            yield from self._database(source, quote)
            yield from self._store(source, quote, window_s)
        for name, cause in sorted(self.causes.items()):
            attrs = {"routes": sorted(cause.routes)} if cause.routes else {}
            metrics = {"events": float(cause.events)} | ({"window_s": window_s} if window_s else {})
            yield Evidence("error.cause", name, metrics, quote(*cause.first), attrs=attrs)

    def _dyno_row(self, source: str, quote: Quote) -> Iterator[Evidence]:
        total, quota = self.gauges.get((source, "memory_total")), self.gauges.get((source, "memory_quota"))
        share = self.gauges.get((source, "memory_share"))
        if total is None or not {(source, "memory_rss"), (source, "memory_share")} & self.gauges.keys():
            return  # an add-on tells the memory of its machine
        metrics = {"samples": float(len(total.values)), "memory_bytes_max": total.highest}
        places = {"memory_bytes_max": quote(*total.at)}
        if quota and quota.highest > 0:
            metrics |= {"memory_limit_bytes": quota.highest, "memory_share_max": total.highest / quota.highest}
            places["memory_share_max"] = places["memory_bytes_max"]
        elif share:
            metrics["memory_share_max"] = share.highest
            places["memory_share_max"] = quote(*share.at)
        if source in self.over:
            metrics["memory_exceeded"] = float(self.over[source][0])
            places["memory_exceeded"] = quote(*self.over[source][1])
        yield Evidence("container.usage", source, metrics, quote(*total.at), places, {"type": "dyno"})

    def _database(self, source: str, quote: Quote) -> Iterator[Evidence]:
        active = self.gauges.get((source, "active_connections"))
        if active is None or (source, "db_size") not in self.gauges:
            return
        yield Evidence("pg.database", source, {"backends": active.highest}, quote(*active.at))
        if (most := self.gauges.get((source, "max_connections"))) and most.highest > 0:
            yield Evidence("pg.setting", "max_connections", {"value": most.highest}, quote(*most.at))

    def _store(self, source: str, quote: Quote, window_s: float) -> Iterator[Evidence]:
        rate, evicted = self.gauges.get((source, "hit_rate")), self.gauges.get((source, "evicted_keys"))
        if rate is None and evicted is None:
            return
        known = rate or evicted or Gauge()
        metrics, places = {"points": float(len(known.values))}, {}
        if rate:
            metrics["hit_share"], places["hit_share"] = rate.middle, quote(*rate.last_at)
        if evicted:  # a count since the server started
            metrics["evicted_keys"], places["evicted_keys"] = evicted.highest, quote(*evicted.at)
        metrics |= {"window_s": window_s} if window_s else {}
        yield Evidence("managed.service", source, metrics, quote(*known.at), places, {"from": "heroku-redis"})


def kind_of(source: str) -> str:
    """The process type of a dyno: "web" of "web.3"; an add-on's own name as it is."""
    name, _, number = source.rpartition(".")
    return (name if number.isdigit() else source)[:100]
