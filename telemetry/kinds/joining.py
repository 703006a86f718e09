"""The ways in which a metric of several files becomes one number, as `telemetry.kinds.joins` declares them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from telemetry.evidence import Evidence
from telemetry.histogram import quantile_of

Answer = tuple[float, Evidence] | None  # the number, and the part whose line it stands on; None: not measured


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows of one subject in the order of time, and what is known of the whole series.

    `window_s` is the span from the first to the last event of the series. `total` sums a metric over all rows of a kind
    in the series, `count` counts the subjects of a kind.
    """

    parts: Sequence[Evidence]
    window_s: float
    total: Callable[[str, str], float]
    count: Callable[[str], int]
    _sketches: dict[str, dict[int, int]] = field(default_factory=dict)

    def sketch(self, name: str) -> dict[int, int]:
        """The counts of a sketch in all parts."""
        known = self._sketches.get(name)
        if known is None:
            known = self._sketches[name] = {}
            for part in self.parts:
                for bucket, count in part.sketches.get(name, {}).items():
                    known[bucket] = known.get(bucket, 0) + count
        return known

    def having(self, metric: str) -> list[Evidence]:
        """The parts that measured this."""
        return [part for part in self.parts if metric in part.metrics]

    def sum(self, *metrics: str) -> float:
        """These metrics over all parts; a minus in front takes one off."""
        return sum(
            -part.metrics.get(name[1:], 0.0) if name[0] == "-" else part.metrics.get(name, 0.0)
            for part in self.parts
            for name in metrics
        )

    def first(self, *metrics: str) -> Evidence:
        """The first part in which one of these is not zero, else the first that measured one, else the first."""
        known: Evidence | None = None
        for part in self.parts:
            for name in metrics:
                if part.metrics.get(name):
                    return part
                if known is None and name in part.metrics:
                    known = part
        return known or self.parts[0]


class Join(Protocol):
    """One way. `exact` is false where the files do not hold enough: the number is then at least so large."""

    @property
    def exact(self) -> bool: ...

    def __call__(self, metric: str, scope: Scope) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Total:
    """Counts and sums add up. Where the rows of `shown_by` count some, the log shows them, and none here is a zero."""

    shown_by: str = ""
    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        values: list[float] = [part.metrics[metric] for part in scope.parts if metric in part.metrics]
        if not values and self.shown_by and scope.total(self.shown_by, metric):
            values = [0.0]
        return (sum(values), scope.first(metric)) if values else None


@dataclass(frozen=True, slots=True)
class Most:
    """The largest value, where it stands."""

    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        worst: Answer = None
        for part in scope.parts:
            value = part.metrics.get(metric)
            if value is not None and (worst is None or value > worst[0]):
                worst = value, part
        return worst


@dataclass(frozen=True, slots=True)
class MostShare:
    """The largest part of a sum that one client (not known across files) has: in one file of what all files have."""

    over: str
    exact: bool = False

    def __call__(self, metric: str, scope: Scope) -> Answer:
        whole = scope.sum(self.over)
        parts = [(part.metrics[metric] * part.metrics.get(self.over, 0.0), part) for part in scope.having(metric)]
        most = max(parts, key=lambda pair: pair[0], default=None)
        return (most[0] / whole, most[1]) if most and whole else None


@dataclass(frozen=True, slots=True)
class Mean:
    """A share or mean of each part, weighted by what it is a share or mean of: a metric, or the values of a sketch."""

    over: tuple[str, ...] = ()
    sketch: str = ""
    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        weights = [(part, self._weight(part)) for part in scope.having(metric)]
        whole = sum(weight for _, weight in weights)
        if not whole:
            return None
        mean = sum(part.metrics[metric] * weight for part, weight in weights) / whole
        return mean, scope.first(metric)

    def _weight(self, part: Evidence) -> float:
        if self.sketch:
            return sum(part.sketches.get(self.sketch, {}).values())
        return sum(part.metrics.get(name, 0.0) for name in self.over)


@dataclass(frozen=True, slots=True)
class Ratio:
    """One sum over another, only where some part measured both; `most` is its largest meaning."""

    part: tuple[str, ...]
    whole: tuple[str, ...]
    most: float = float("inf")
    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        whole = scope.sum(*self.whole)
        needed = [name.removeprefix("-") for name in self.part]
        if not whole or not all(any(name in part.metrics for part in scope.parts) for name in needed):
            return None
        return min(scope.sum(*self.part) / whole, self.most), scope.first(metric, needed[0])


@dataclass(frozen=True, slots=True)
class ShareOf:
    """A sum as a share of what all rows of a kind have together."""

    part: str
    kind: str
    total: str
    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        whole = scope.total(self.kind, self.total)
        if not whole or not scope.having(self.part):
            return None
        return scope.sum(self.part) / whole, scope.first(metric)


@dataclass(frozen=True, slots=True)
class Quantile:
    """A percentile of the joined histogram, never above the largest value; `unit` turns its unit into the metric's."""

    share: float
    sketch: str
    largest: str = ""
    unit: float = 1.0
    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        counts = scope.sketch(self.sketch)
        if not counts:
            return None
        value = quantile_of(counts, self.share) * self.unit
        if (most := Most()(self.largest, scope)) is None:
            return value, scope.first(metric)
        return min(value, most[0]), most[1]


@dataclass(frozen=True, slots=True)
class Peak:
    """The busiest minute or second, also one that is cut in two: the counts at the ends of the files are added up."""

    sketch: str
    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        most = Most()(metric, scope)
        at_ends = max(scope.sketch(self.sketch).values(), default=0)
        return (max(most[0], at_ends), most[1]) if most else None


@dataclass(frozen=True, slots=True)
class Window:
    """The span of the whole series."""

    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        known = scope.window_s or scope.having(metric)
        return (scope.window_s, scope.parts[0]) if known else None


@dataclass(frozen=True, slots=True)
class Rate:
    """A sum, the first of these that is not zero, per `per_s` seconds; less than `at_least_s` is not extrapolated."""

    of: tuple[str, ...]
    per_s: float = 1.0
    at_least_s: float = 0.0
    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        name = next((name for name in self.of if scope.sum(name)), "")
        window_s = max(scope.window_s, self.at_least_s) if scope.window_s else 0.0
        return (scope.sum(name) * self.per_s / window_s, scope.first(metric, name)) if name and window_s else None


@dataclass(frozen=True, slots=True)
class PeakFactor:
    """The busiest minute over the mean one; a part's busiest minute is its factor times its mean."""

    sketch: str
    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        if scope.window_s < 60:
            return None
        busiest = max(scope.sketch(self.sketch).values(), default=0.0)
        for part in scope.having(metric):
            busiest = max(busiest, part.metrics[metric] * part.metrics.get("rps_mean", 0.0) * 60)
        return busiest / (60 * scope.sum("requests") / scope.window_s), scope.first(metric)


@dataclass(frozen=True, slots=True)
class WorstWindow:
    """The largest share in any window with at least so many; windows that are cut in two are added up."""

    part: str
    whole: str
    at_least: int
    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        counts, wholes = scope.sketch(self.part), scope.sketch(self.whole)
        seen: Mapping[int, int] = {key: count for key, count in wholes.items() if count >= self.at_least}
        shares = [counts.get(key, 0) / count for key, count in seen.items()]
        shares += [part.metrics[metric] for part in scope.having(metric)]
        return (max(shares), scope.first(metric)) if shares else None


@dataclass(frozen=True, slots=True)
class Subjects:
    """How many subjects of another kind there are."""

    kind: str
    exact: bool = True

    def __call__(self, metric: str, scope: Scope) -> Answer:
        return (scope.count(self.kind), scope.parts[0]) if scope.having(metric) else None
