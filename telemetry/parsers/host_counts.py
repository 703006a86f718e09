"""Samples of a machine, added up: how much on the mean, how much at most and on which line."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.histogram import Histogram, bucket_of
from telemetry.parsers import readers

MAX_SUBJECTS = 200  # disks, interfaces, containers of one file
Spot = tuple[int, str]  # line number and the text on it

# Kind -> measure -> what is told of its samples.
_TOLD: dict[str, dict[str, tuple[str, ...]]] = {
    "host.cpu": {
        "busy": ("mean", "p95", "max"),
        "user": ("mean",),
        "system": ("mean",),
        "iowait": ("mean", "max"),
        "steal": ("mean", "max"),
        "run_queue": ("mean", "max"),
        "load_1m": ("max",),
        "blocked": ("max",),
        "context_switches_per_s": ("max",),
    },
    "host.memory": {
        "available_bytes": ("min",),
        "available_share": ("min",),
        "swap_used_bytes": ("max",),
        "swap_used_share": ("max",),
        "major_faults_per_s": ("max",),
        "swapping": ("samples",),
        "total_bytes": ("",),
    },
    "host.disk": {
        "busy": ("mean", "p95", "max"),
        "await_ms": ("max",),
        "queue": ("mean", "max"),
        "ops_per_s": ("mean", "max"),
        "read_bytes_per_s": ("mean", "max"),
        "write_bytes_per_s": ("mean", "max"),
    },
    "host.network": {
        "busy": ("max",),
        "received_bytes_per_s": ("mean", "max"),
        "sent_bytes_per_s": ("mean", "max"),
        "drops_per_s": ("max",),
    },
    "host.filesystem": dict.fromkeys(
        ("size_bytes", "used_bytes", "available_bytes", "used_share", "inodes_used_share"), ("",)
    ),
    "container.usage": {
        "cpu_cores": ("mean", "max"),
        "cpu_share": ("max",),
        "memory_bytes": ("max",),
        "memory_limit_bytes": ("",),
        "memory_share": ("max",),
        "processes": ("max",),
    },
}


@dataclass(slots=True)
class Samples:
    """The samples of one measure."""

    count: int = 0
    total: float = 0.0
    last: float = 0.0
    least: float = 0.0
    most: float = 0.0
    least_at: Spot = (1, "")
    most_at: Spot = (1, "")
    above_zero: int = 0
    histogram: Histogram = field(default_factory=Histogram)

    def add(self, value: float, spot: Spot) -> None:
        """Count one sample."""
        if not self.count or value > self.most:
            self.most, self.most_at = value, spot
        if not self.count or value < self.least:
            self.least, self.least_at = value, spot
        self.count += 1
        self.total += value
        self.last = value
        self.above_zero += value > 0
        self.histogram.add((bucket_of(value),))

    def told(self, what: str) -> tuple[float, Spot | None]:
        """A number about all samples and the line it stands on, None when it stands on no single line."""
        if what == "max":
            return self.most, self.most_at
        if what == "min":
            return self.least, self.least_at
        if what == "p95":
            return min(self.histogram.quantile(0.95), self.most), None
        if what == "samples":
            return float(self.above_zero), self.most_at
        return (self.last, None) if not what else (self.total / self.count, None)


@dataclass(slots=True)
class Subject:
    """A host, a disk, a container: its measures, its facts, and how often it was sampled."""

    first: Spot
    measures: dict[str, Samples] = field(default_factory=dict)
    facts: dict[str, float] = field(default_factory=dict)
    attrs: dict[str, str] = field(default_factory=dict)


class Hosts:
    """Everything one file says about machines."""

    def __init__(self, result: ParseResult) -> None:
        self.result = result
        self.host = "host"
        self.cpus = 0
        self.restarts = 0
        self._subjects: dict[tuple[str, str], Subject] = {}
        self._left_out: set[tuple[str, str]] = set()

    def sample(
        self, kind: str, subject: str, values: Mapping[str, float], spot: Spot, clock: str = ""
    ) -> Subject | None:
        """Count the values of one sample; None for a subject beyond the bound."""
        key = (kind, subject[:120])
        if key not in self._subjects:
            if sum(known == kind for known, _ in self._subjects) >= MAX_SUBJECTS:
                if len(self._left_out) < 10_000:
                    self._left_out.add(key)
                return None
            self._subjects[key] = Subject(spot)
        found = self._subjects[key]
        for measure, value in values.items():
            samples = found.measures.setdefault(measure, Samples())
            samples.add(value, spot)
            if measure == "busy" and clock and samples.most_at == spot:
                found.attrs["peak_clock"] = clock
        return found

    def state(self, kind: str, facts: Mapping[str, float]) -> None:
        """Put facts such as the window to every subject of a kind."""
        for (known, _), subject in self._subjects.items():
            if known == kind:
                subject.facts.update(facts)

    @property
    def kinds(self) -> set[str]:
        """Kinds that were sampled."""
        return {kind for kind, _ in self._subjects}

    def finish(self) -> None:
        """Put evidence and totals into the result."""
        order = list(_TOLD)
        ranked = sorted(self._subjects.items(), key=lambda pair: order.index(pair[0][0]))
        for (kind, name), subject in ranked:
            self.result.evidence.append(self._row(kind, name, subject))
            if "samples" in self.result.evidence[-1].metrics:
                samples = int(self.result.evidence[-1].metrics["samples"])
                self.result.totals["samples"] = max(samples, int(self.result.totals.get("samples", 0)))
        self.result.totals["subjects"] = len(self._subjects)
        if self._left_out:
            self.result.notes.append(
                f"{len(self._left_out):,} more disks, interfaces or containers than {MAX_SUBJECTS} are left out."
            )

    def _row(self, kind: str, name: str, subject: Subject) -> Evidence:
        metrics, places = dict(subject.facts), {}
        for measure, samples in subject.measures.items():
            for what in _TOLD[kind][measure]:
                metric = f"{measure}_{what}" if what else measure
                metrics[metric], spot = samples.told(what)
                if spot:
                    places[metric] = self._place(spot)
        if kind != "host.filesystem":
            metrics["samples"] = float(max(samples.count for samples in subject.measures.values()))
        if kind == "host.cpu":
            metrics |= {"cpus": float(self.cpus)} if self.cpus else {}
            metrics |= {"restarts": float(self.restarts)} if self.restarts else {}
        return Evidence(kind, name, metrics, self._place(subject.first), places, dict(subject.attrs))

    def _place(self, spot: Spot) -> Place:
        return readers.place(*spot, self.result)
