"""Incidents take too long to end."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown

ENOUGH = 5
GRAVE_S = 4 * 3_600.0
ENOUGH_GRAVE = 3


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """All incidents by their mean, grave ones by the middle one: half of them took longer."""
    row = largest((row for row in evidence.of("ops.component") if row.subject == "all"), "mean_s")
    grave = sorted(
        (one for one in evidence.having("ops.incident", "duration_s") if one.attrs.get("severity") == "high"),
        key=lambda one: (one.metrics["duration_s"], one.subject),
    )
    middle = grave[len(grave) // 2] if len(grave) >= ENOUGH_GRAVE else None
    slow = row is not None and row.metrics["mean_s"] > threshold.value
    if row is not None and slow and row.metrics.get("resolved", 0.0) >= ENOUGH:
        yield _hit(row, threshold.value)
    elif middle is not None and middle.metrics["duration_s"] > GRAVE_S:
        yield _grave(middle, row)
    elif slow:
        yield CannotTell("more incidents: five or more that ended")


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"Incidents took {told(row, 'mean_s')} to end on average (limit {shown(limit, 's')}), {told(row, 'resolved')} "
        f"of them; the longest took {told(row, 'longest_s')}."
    )
    return _found(said, told, limit)


def _grave(middle: Evidence, row: Evidence | None) -> Hit:
    told = Told()
    said = (
        f"Of the incidents of high severity half took {told(middle, 'duration_s')} or longer to end (limit "
        f"{shown(GRAVE_S, 's')})."
    )
    if row is not None:
        told.also(row, "incidents", "mean_s", "longest_s")
    return _found(said, told, GRAVE_S)


def _found(said: str, told: Told, limit: float) -> Hit:
    return Hit(
        subject=Subject("service", "all components"),
        title="Incidents take too long to end",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
    )


RULE = Rule(
    id="RL030",
    slug="slow-recovery",
    area="release",
    mechanism="slow-recovery",
    title="Incidents take too long to end",
    needs=(("ops.component", "mean_s"),),
    threshold=Threshold(
        86_400,
        "s",
        "Teams of the upper half recover within a day; for incidents of high severity four hours are the limit here.",
        "DORA 2024, failed deployment recovery time; House limit for high severity",
    ),
    degradation=0.3,
    why="An hour of outage is forgiven, a day of it is remembered. Every fault costs as much as it takes to end.",
    fix=(
        "Write down for the three most frequent faults how they are seen and what ends them.",
        "Make going back to the last version one command, and practise it.",
        "Name who is called and who decides, outside working hours too.",
        "After each incident, note what took longest, and mend that.",
    ),
    first_slice=FirstSlice("Write the runbook of the most frequent fault", 4),
    effort=Effort(1, 2, 4),
    removes=0.5,
    verify="The next five incidents end within the limit.",
    rollback="None needed: nothing in production changes.",
    references=(
        "DORA, Four keys https://dora.dev/guides/dora-metrics-four-keys/",
        "Google SRE, Effective Troubleshooting https://sre.google/sre-book/effective-troubleshooting/",
    ),
    check=check,
)
