"""What an access log says, counted by route and for the whole file, in memory that does not grow with the file.

Nothing here depends on the order of the lines, so that parts of a file counted apart join to the counts of the whole.
Where memory runs short something is forgotten by order; `closed` says so, and such a file is not joined from parts.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from telemetry.histogram import Histogram

WINDOW_MINUTES = 5
_EDGE = 4
_KEPT_MINUTES = 64
_MINUTES = 100_000  # minutes whose seconds are kept: seventy days without a pause, 40 MB
_ALL_MINUTES = 1_000_000  # two years without a pause; a file that claims more is no log
_REFUSALS = 50_000  # clients and minutes
_CLIENTS = 100_000

Spot = tuple[int, bytes]  # line number and the line as it stands in the file


@dataclass(slots=True)
class Peak:
    """The largest count of any one key, for keys that come roughly in order."""

    keep: int
    open: dict[Any, int] = field(default_factory=dict)
    most: int = 0
    early: dict[Any, int] = field(default_factory=dict)

    def add(self, key: Any, count: int) -> None:
        """Count; the oldest keys are forgotten once `keep` are open."""
        total = self.open.get(key, 0) + count
        self.open[key] = total
        if total > self.most:
            self.most = total
        if len(self.open) > self.keep:
            self.early = self.early or dict(islice(self.open.items(), _EDGE))
            for old in list(self.open)[: self.keep // 2]:
                del self.open[old]

    def edges(self) -> dict[Any, int]:
        """Counts of the first and the last keys: another file may hold the rest of them."""
        keys = list(self.open)
        last = {key: self.open[key] for key in keys[-_EDGE:]}
        return (self.early or {key: self.open[key] for key in keys[:_EDGE]}) | last


def edges_of(counts: dict[int, int]) -> dict[int, int]:
    """Counts of the first and the last times: another file may hold the rest of them."""
    times = sorted(counts)
    return {time: counts[time] for time in (*times[:_EDGE], *times[-_EDGE:])}


@dataclass(slots=True)
class RouteCount:
    """Everything counted about one route. `spots` holds the line of a metric that stands elsewhere than `first`.

    `minutes` counts requests by minute since 1970 (UTC), `minute_peak` the busiest of those no longer in it.
    """

    first: Spot
    statuses: Counter[int] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    minutes: Counter[int] = field(default_factory=Counter)
    minute_peak: int = 0
    spots: dict[str, Spot] = field(default_factory=dict)
    size: int = 0
    size_max: int = 0
    page_max: int = -1
    timed: int = 0
    total_us: int = 0  # whole, so that a sum does not depend on its order
    max_us: int = -1
    times: Histogram = field(default_factory=Histogram)  # of ms

    @property
    def requests(self) -> int:
        """All requests of the route."""
        return self.statuses.total()

    @property
    def per_minute(self) -> int:
        """Requests in the busiest minute."""
        return max(self.minute_peak, max(self.minutes.values(), default=0))

    def status(self, low: int, high: int) -> int:
        """Requests answered with a status in low..high."""
        return sum(count for status, count in self.statuses.items() if low <= status <= high)

    def close(self) -> None:
        """Forget the minutes between the first ones and the last ones, but for the busiest."""
        times = sorted(self.minutes)
        self.minute_peak = self.per_minute
        for time in times[_EDGE:-_KEPT_MINUTES]:
            del self.minutes[time]

    def merge(self, other: "RouteCount") -> None:
        """Take over what was counted elsewhere or under another name."""
        self._merge_spots(other)
        self.first = min(self.first, other.first)
        self.statuses.update(other.statuses)
        self.methods.update(other.methods)
        self.minutes.update(other.minutes)
        self.minute_peak = max(self.minute_peak, other.minute_peak)
        self.size += other.size
        self.size_max = max(self.size_max, other.size_max)
        self.page_max = max(self.page_max, other.page_max)
        self.timed += other.timed
        self.total_us += other.total_us
        self.max_us = max(self.max_us, other.max_us)
        self.times.merge(other.times)

    def _merge_spots(self, other: "RouteCount") -> None:
        """The line of the larger value; of equal ones, and of a status, the earlier line."""
        largest = {
            "size": (self.size_max, other.size_max),
            "time": (self.max_us, other.max_us),
            "page": (self.page_max, other.page_max),
        }
        for name, spot in other.spots.items():
            mine, theirs = largest.get(name, (0, 0))
            if name not in self.spots or theirs > mine or (theirs == mine and spot < self.spots[name]):
                self.spots[name] = spot


@dataclass(slots=True)
class SignIns:
    """Refused sign-ins of one route; client addresses are kept in memory only while the file is read.

    `minutes` is (client, minute) -> refusals and the line of the first; `worst` the most of those no longer in it.
    """

    first: Spot
    failures: int = 0
    clients: set[bytes] = field(default_factory=set)
    minutes: dict[tuple[bytes, int], tuple[int, Spot]] = field(default_factory=dict)
    worst: tuple[int, bytes, Spot] | None = None
    closed: bool = False

    def add(self, client: bytes, minute: int, spot: Spot, count: int = 1) -> None:
        """Count refusals of a client in a minute."""
        self.failures += count
        self.first = min(self.first, spot)
        if len(self.clients) < _CLIENTS:
            self.clients.add(client)
        before, first = self.minutes.get((client, minute), (0, spot))
        self.minutes[client, minute] = before + count, min(first, spot)
        if len(self.minutes) > _REFUSALS:
            self.worst, self.closed = self.most(), True
            self.minutes.clear()

    def merge(self, other: "SignIns") -> None:
        """Take over what was counted elsewhere."""
        for (client, minute), (count, spot) in other.minutes.items():
            self.add(client, minute, spot, count)
        self.closed = self.closed or other.closed

    def most(self) -> tuple[int, bytes, Spot]:
        """(refusals, client, line of the first) of the worst client and minute; the earliest of equal ones."""
        found = [(count, client, spot) for (client, _), (count, spot) in self.minutes.items()]
        return min([*found, *([self.worst] if self.worst else [])], key=lambda worst: (-worst[0], worst[2]))


@dataclass(slots=True)
class Traffic:
    """The whole file: totals and the course of time, in UTC.

    `seconds` is minute since 1970 -> requests in each of its seconds; `minutes` requests and `failures` 5xx by minute.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    size: int = 0
    bots: int = 0
    tests: int = 0  # made by a tool for load tests
    first: int | None = None  # seconds since 1970
    last: int | None = None
    seconds: "dict[int, array[int]]" = field(default_factory=dict)
    second_peak: int = 0
    minutes: Counter[int] = field(default_factory=Counter)
    failures: Counter[int] = field(default_factory=Counter)
    start: Spot | None = None
    closed: bool = False

    @property
    def requests(self) -> int:
        """All requests of the file."""
        return self.statuses.total()

    @property
    def window_s(self) -> int:
        """Seconds between the first and the last request; 0 when there is only one instant."""
        return 0 if self.first is None or self.last is None else self.last - self.first

    @property
    def per_second(self) -> int:
        """Requests in the busiest second."""
        return max(self.second_peak, max(map(max, self.seconds.values()), default=0))

    def seen(self, seconds: Iterable[tuple[int, int]]) -> None:
        """Count (second since 1970, requests)."""
        for epoch, count in seconds:
            self.first = epoch if self.first is None or epoch < self.first else self.first
            self.last = epoch if self.last is None or epoch > self.last else self.last
            minute, second = divmod(epoch, 60)
            if minute not in self.minutes and len(self.minutes) >= _ALL_MINUTES:
                self.closed = True
                continue
            self.minutes[minute] += count
            if minute not in self.seconds:
                self._open(minute)
            self.seconds[minute][second] += count

    def _open(self, minute: int) -> None:
        if len(self.seconds) >= _MINUTES:
            self.closed, self.second_peak = True, self.per_second
            for old in sorted(self.seconds)[_EDGE:-_KEPT_MINUTES]:
                del self.seconds[old]
        self.seconds[minute] = array("I", bytes(240))

    def merge(self, other: "Traffic") -> None:
        """Take over what was counted elsewhere."""
        self.statuses.update(other.statuses)
        self.size += other.size
        self.bots += other.bots
        self.tests += other.tests
        times = [time for time in (self.first, self.last, other.first, other.last) if time is not None]
        self.first, self.last = min(times, default=None), max(times, default=None)
        for minute, counts in other.seconds.items():
            mine = self.seconds.get(minute)
            self.seconds[minute] = array("I", map(sum, zip(mine, counts, strict=True))) if mine else counts
        self.second_peak = max(self.second_peak, other.second_peak)
        self.minutes.update(other.minutes)
        self.failures.update(other.failures)
        self.start = min((spot for spot in (self.start, other.start) if spot), default=None)
        self.closed = self.closed or other.closed or len(self.seconds) > _MINUTES

    def edge_seconds(self) -> dict[int, int]:
        """Requests of the first and the last seconds that had any."""
        minutes = edges_of(dict.fromkeys(self.seconds, 0))
        found = {
            60 * minute + at: count for minute in minutes for at, count in enumerate(self.seconds[minute]) if count
        }
        return edges_of(found)

    def windows(self) -> dict[int, tuple[int, int]]:
        """Five minutes, counted from 1970 -> (requests, 5xx)."""
        requests: Counter[int] = Counter()
        for minute, count in self.minutes.items():
            requests[minute // WINDOW_MINUTES] += count
        errors: Counter[int] = Counter()
        for minute, count in self.failures.items():
            errors[minute // WINDOW_MINUTES] += count
        return {window: (count, errors[window]) for window, count in requests.items()}


def worst_window(windows: dict[int, tuple[int, int]], at_least: int) -> float | None:
    """The largest share of 5xx in any five minutes with at least so many requests, None without such a window."""
    return max((errors / requests for requests, errors in windows.values() if requests >= at_least), default=None)


def by_class(statuses: Counter[int]) -> Iterator[tuple[str, int]]:
    """("status_2xx", count) for the five classes."""
    for first in range(1, 6):
        yield f"status_{first}xx", sum(count for status, count in statuses.items() if status // 100 == first)
