"""From incidents to evidence: each one, its component, and all of them together."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.parsers.ops_values import mean, seconds_between, widen

MAX_INCIDENTS = 2_000
MAX_COMPONENTS = 200
REPEAT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as any tool tells it. A moment without a time zone is naive; seconds are the tool's own counts."""

    number: str
    component: str
    severity: str | None
    started: datetime | None
    resolved: datetime | None
    is_open: bool
    place: Place
    ack_s: float | None = None
    duration_s: float | None = None

    @property
    def seconds(self) -> float | None:
        """From start to resolution, None when unknown."""
        if self.duration_s is not None:
            return self.duration_s
        return seconds_between(self.started, self.resolved)


@dataclass(slots=True)
class Incidents:
    """Incidents of one file by component; beyond the bounds they are only counted."""

    result: ParseResult
    by_component: dict[str, list[Incident]] = field(default_factory=dict)
    local: int = 0
    count: int = 0

    def add(self, incident: Incident) -> None:
        """Count an incident and keep the row of the first 2,000."""
        name = incident.component
        if name not in self.by_component and len(self.by_component) >= MAX_COMPONENTS:
            name = "other"
        self.by_component.setdefault(name, []).append(incident)
        self.count += 1
        self.local += incident.started is not None and incident.started.tzinfo is None
        widen(self.result, incident.started, incident.resolved)
        if self.count <= MAX_INCIDENTS:
            self.result.evidence.append(_row(incident))

    def finish(self) -> None:
        """Put components, totals and notes into the result."""
        every = [incident for group in self.by_component.values() for incident in group]
        rows = [("all", every), *sorted(self.by_component.items())] if every else []
        self.result.evidence += [Evidence("ops.component", name, _sums(group), group[0].place) for name, group in rows]
        self.result.records = self.count
        open_ones = sum(incident.is_open for incident in every)
        self.result.totals = {"incidents": self.count, "resolved": self.count - open_ones, "open": open_ones}
        self.result.totals["components"] = len(self.by_component)
        self.result.enables = ["How long incidents take to end", "Components that fail again and again"]
        if self.local:
            self.result.notes.append(
                f"{self.local:,} incidents have times without a time zone: when they began is unknown, and how long "
                "they took may be an hour off where clocks were changed in between."
            )
        if self.count > MAX_INCIDENTS:
            self.result.notes.append(f"Only the first {MAX_INCIDENTS:,} incidents have a row; all are counted.")


def _row(incident: Incident) -> Evidence:
    metrics = {"listed": 1.0, "open": float(incident.is_open)}
    if incident.seconds is not None:
        metrics["duration_s"] = incident.seconds
    if incident.ack_s is not None:
        metrics["ack_s"] = incident.ack_s
    attrs: dict[str, object] = {"component": incident.component}
    if incident.severity:
        attrs["severity"] = incident.severity
    if incident.started and incident.started.tzinfo:
        attrs["started_at"] = incident.started.astimezone(UTC).isoformat()
    return Evidence("ops.incident", incident.number, metrics, incident.place, attrs=attrs)


def _sums(group: list[Incident]) -> dict[str, float]:
    starts = sorted(one.started for one in group if one.started and one.started.tzinfo)
    acks = [one.ack_s for one in group if one.ack_s is not None]
    open_ones = sum(one.is_open for one in group)
    sums = {"incidents": float(len(group)), "resolved": float(len(group) - open_ones), "open": float(open_ones)}
    sums |= mean([one.seconds for one in group if one.seconds is not None])
    if any(one.severity for one in group):
        sums["high"] = float(sum(one.severity == "high" for one in group))
    if acks:
        sums["ack_mean_s"] = sum(acks) / len(acks)
    if len(starts) == len(group):
        sums |= {"window_s": (starts[-1] - starts[0]).total_seconds(), "most_30d": float(_most(starts))}
    return sums


def _most(starts: list[datetime]) -> int:
    """The most starts within any 30 days; they come sorted."""
    most = first = 0
    for last, start in enumerate(starts):
        while start - starts[first] > REPEAT:
            first += 1
        most = max(most, last - first + 1)
    return most
