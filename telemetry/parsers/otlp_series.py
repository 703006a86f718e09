"""Points of one OTLP metric added up over a file: delta and cumulative, numbers and distributions.

A cumulative point counts since its start, and a new start (or a value that fell) is a restart of the process; a delta
point counts since the one before (https://opentelemetry.io/docs/specs/otel/metrics/data-model/#temporality). Buckets of
an exponential histogram grow by 2**(2**-scale); of two scales the coarser one holds both
(https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram).
"""

import math
from dataclasses import dataclass, field

DELTA, CUMULATIVE = 1, 2


@dataclass(slots=True)
class Numbers:
    """A gauge or a sum. `rising` is a sum that only grows."""

    rising: bool = False
    temporality: int = 0
    points: int = 0
    total: float = 0.0  # of all values, for the mean of a gauge
    least: float = math.inf
    most: float = -math.inf
    first: float = 0.0
    last: float = 0.0
    grown: float = 0.0  # from the first point on
    start: int = 0  # of the last point
    first_start: int = 0
    since: int = 0
    until: int = 0

    def add(self, value: float, start: int, moment: int) -> None:
        """Count a point; times are ns since 1970, 0 when they are not told."""
        if not self.points:
            self.first, self.first_start = value, start
            self.grown = value if self.temporality == DELTA else 0.0
        elif self.temporality == DELTA:
            self.grown += value
        elif self.rising:
            restarted = start != self.start or value < self.last
            self.grown += value if restarted else value - self.last
        self.points, self.total = self.points + 1, self.total + value
        self.least, self.most = min(self.least, value), max(self.most, value)
        self.last, self.start, self.until = value, start, max(self.until, moment)
        self.since = min(self.since or moment, moment) if moment else self.since

    def metrics(self) -> dict[str, float]:
        """What the points say; the last of delta points is no value of its own."""
        found = {"points": float(self.points)}
        grown, since = self.grown, self.since
        if self.rising and self.first_start and (self.temporality == DELTA or self.points == 1):
            since = self.first_start  # a delta counts from there, and of one cumulative point nothing else is known
            grown = self.grown if self.temporality == DELTA else self.last
        window = (self.until - since) / 1e9 if since else 0.0
        if window > 0:
            found["window_s"] = window
        if self.rising:
            found["value"] = grown if self.temporality == DELTA else self.last
            return found | ({"increase": grown, "per_s": grown / window} if window > 0 else {})
        if self.temporality == DELTA:
            return found | {"increase": self.total}
        found |= {"value": self.last, "first": self.first, "min": self.least, "max": self.most}
        return found | {"mean": self.total / self.points}


@dataclass(slots=True)
class Counts:
    """What one point of a histogram holds; `bins` are counts by upper bound, or by index of an exponential scale."""

    count: float
    total: float | None
    bins: dict[float, float] = field(default_factory=dict)
    scale: int | None = None
    zero: float = 0.0

    def plus(self, other: "Counts") -> "Counts":
        """Both together; of two sets of explicit bounds that differ only the counts are kept."""
        total = None if self.total is None or other.total is None else self.total + other.total
        scale, mine, theirs = self.scale, self.bins, other.bins
        if scale is not None and other.scale is not None:
            scale = min(scale, other.scale)
            mine, theirs = _coarser(mine, self.scale or 0, scale), _coarser(theirs, other.scale, scale)
        elif mine and theirs and set(mine) != set(theirs):
            mine, theirs = {}, {}
        bins = dict(mine)
        for bound, count in theirs.items():
            bins[bound] = bins.get(bound, 0.0) + count
        return Counts(self.count + other.count, total, bins, scale, self.zero + other.zero)

    def bounds(self) -> dict[float, float]:
        """Counts up to each bound, as Prometheus keeps them; empty where they are not told."""
        if not self.bins and not self.zero:
            return {}
        if self.scale is None:
            return _cumulated(self.bins, 0.0)
        indexes = {int(index): count for index, count in self.bins.items() if count}
        edges = {edge_of(index + 1, self.scale): count for index, count in indexes.items()}
        for index in indexes:
            edges.setdefault(edge_of(index, self.scale), 0.0)  # nothing lies between two filled buckets
        found = _cumulated(edges, self.zero) | {math.inf: self.zero + sum(indexes.values())}
        return ({0.0: self.zero} if self.zero else {}) | found


def edge_of(index: int, scale: int) -> float:
    """The lower bound of an exponential bucket; infinite when it is beyond what a number holds."""
    power = index * 2.0**-scale
    return 2.0**power if -1_000 < power < 1_000 else math.inf if power > 0 else 0.0


def width_of(scale: int) -> float:
    """How much wider a bucket's upper bound is than its lower one, as a share: how far a percentile may be off."""
    return edge_of(1, scale) - 1 if scale > -9 else math.inf


def _coarser(bins: dict[float, float], scale: int, target: int) -> dict[float, float]:
    if scale == target:
        return bins
    found: dict[float, float] = {}
    for index, count in bins.items():
        wider = float(int(index) >> (scale - target))
        found[wider] = found.get(wider, 0.0) + count
    return found


def _cumulated(bins: dict[float, float], so_far: float) -> dict[float, float]:
    found: dict[float, float] = {}
    for bound in sorted(bins):
        so_far += bins[bound]
        found[bound] = so_far
    return found


@dataclass(slots=True)
class Distribution:
    """A histogram of either kind over the file: the last point of every start, or the sum of all deltas."""

    temporality: int = 0
    points: int = 0
    closed: Counts | None = None  # starts that ended with a restart
    current: Counts | None = None
    start: int = 0
    since: int = 0
    until: int = 0
    least: float = math.inf
    most: float = -math.inf

    def add(self, counts: Counts, start: int, moment: int) -> None:
        """Count a point; times are ns since 1970, 0 when they are not told."""
        self.points += 1
        self.since = self.since or start or moment
        self.until = max(self.until, moment)
        if self.current is None:
            self.current = counts
        elif self.temporality == DELTA:
            self.current = self.current.plus(counts)
        elif start != self.start or counts.count < self.current.count:
            self.closed = self.closed.plus(self.current) if self.closed else self.current
            self.current = counts
        else:
            self.current = counts
        self.start = start

    def whole(self) -> Counts | None:
        """Everything that was observed, restarts bridged."""
        return self.closed.plus(self.current) if self.closed and self.current else self.current
