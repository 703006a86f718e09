"""What an access log says, counted by route and for the whole file, in memory that does not grow with the file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from telemetry.histogram import Histogram

# Lines of one minute stand together; this many minutes may be mixed (several workers, slow requests).
_OPEN_MINUTES = 64
_OPEN_SECONDS = 4096
WINDOW_S = 300
_EDGE = 4

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

    def merge(self, other: "Peak") -> None:
        """Count what was counted under another name; the peak of both together is at least each one's."""
        early = Counter(self.early or dict(islice(self.open.items(), _EDGE)))
        early.update(other.early or dict(islice(other.open.items(), _EDGE)))
        for key, count in other.open.items():
            self.open[key] = self.open.get(key, 0) + count
        self.open = dict(sorted(self.open.items()))
        self.early = dict(sorted(early.items()))
        self.most = max(self.most, other.most, *self.open.values())


@dataclass(slots=True)
class RouteCount:
    """Everything counted about one route. `spots` holds the line of a metric that stands elsewhere than `first`."""

    first: Spot
    scanned: bool = False  # only scanners ask for it
    statuses: Counter[bytes] = field(default_factory=Counter)
    methods: Counter[bytes] = field(default_factory=Counter)
    minutes: Peak = field(default_factory=lambda: Peak(_OPEN_MINUTES))
    spots: dict[str, Spot] = field(default_factory=dict)
    size: int = 0
    size_max: int = 0
    page_max: int = -1
    timed: int = 0
    total_ms: float = 0.0
    max_ms: float = -1.0
    times: Histogram = field(default_factory=Histogram)

    @property
    def requests(self) -> int:
        """All requests of the route."""
        return self.statuses.total()

    def status(self, low: int, high: int) -> int:
        """Requests answered with a status in low..high."""
        return sum(count for status, count in self.statuses.items() if low <= int(status) <= high)

    def merge(self, other: "RouteCount") -> None:
        """Take over what was counted under another name."""
        self.first = min(self.first, other.first)
        self.statuses.update(other.statuses)
        self.methods.update(other.methods)
        self.minutes.merge(other.minutes)
        self._merge_spots(other)
        self.size += other.size
        self.size_max = max(self.size_max, other.size_max)
        self.page_max = max(self.page_max, other.page_max)
        self.timed += other.timed
        self.total_ms += other.total_ms
        self.max_ms = max(self.max_ms, other.max_ms)
        self.times.merge(other.times)

    def _merge_spots(self, other: "RouteCount") -> None:
        larger = {"size": other.size_max > self.size_max, "time": other.max_ms > self.max_ms}
        larger["page"] = other.page_max > self.page_max
        for name, spot in other.spots.items():
            if name not in self.spots or larger.get(name, name not in larger and spot < self.spots[name]):
                self.spots[name] = spot


@dataclass(slots=True)
class SignIns:
    """Refused sign-ins of one route; client addresses are kept in memory only while the file is read."""

    first: Spot
    failures: int = 0
    clients: set[bytes] = field(default_factory=set)
    by_minute: Peak = field(default_factory=lambda: Peak(_OPEN_SECONDS))
    worst: tuple[int, bytes, Spot] | None = None

    def add(self, client: bytes, minute: bytes, spot: Spot) -> None:
        """Count one refusal."""
        self.failures += 1
        if len(self.clients) < 100_000:
            self.clients.add(client)
        before = self.by_minute.most
        self.by_minute.add((client, minute), 1)
        if self.by_minute.most > before:
            self.worst = self.by_minute.most, client, spot


@dataclass(slots=True)
class Traffic:
    """The whole file: totals, peaks, and five-minute windows as start -> [requests, 5xx]."""

    statuses: Counter[bytes] = field(default_factory=Counter)
    size: int = 0
    bots: int = 0
    first: int | None = None  # seconds since 1970, UTC
    last: int | None = None
    seconds: Peak = field(default_factory=lambda: Peak(_OPEN_SECONDS))
    minutes: Peak = field(default_factory=lambda: Peak(_OPEN_MINUTES))
    windows: dict[int, list[int]] = field(default_factory=dict)
    start: Spot | None = None

    @property
    def requests(self) -> int:
        """All requests of the file."""
        return self.statuses.total()

    @property
    def window_s(self) -> int:
        """Seconds between the first and the last request; 0 when there is only one instant."""
        return 0 if self.first is None or self.last is None else self.last - self.first

    def seen(self, epoch: int) -> None:
        """Widen the observed span."""
        self.first = epoch if self.first is None else min(self.first, epoch)
        self.last = epoch if self.last is None else max(self.last, epoch)

    def window(self, minute_epoch: int) -> list[int]:
        """[requests, 5xx] of the five minutes that a minute lies in."""
        return self.windows.setdefault(minute_epoch // WINDOW_S, [0, 0])

    def edge_windows(self, at: int) -> dict[int, int]:
        """Requests (0) or 5xx (1) of the first and the last two windows: another file may hold the rest of them."""
        keys = sorted(self.windows)
        return {key: self.windows[key][at] for key in (*keys[:2], *keys[-2:])}

    def worst_window(self, at_least: int) -> float | None:
        """The largest share of 5xx in any five minutes with at least so many requests, None without such a window."""
        shares = [errors / requests for requests, errors in self.windows.values() if requests >= at_least]
        return max(shares, default=None)


def by_class(statuses: Counter[bytes]) -> Iterator[tuple[str, int]]:
    """("status_2xx", count) for the five classes."""
    for first in "12345":
        yield f"status_{first}xx", sum(count for status, count in statuses.items() if status[:1] == first.encode())
