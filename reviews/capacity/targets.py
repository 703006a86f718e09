"""The table of metrics with their targets: where each stands, where it should be, by which phase, whether it is there.

`targets_of(...)` gives `capacity.targets`, application first, then infrastructure, business, and what else is stated:

    {"metric", "title", "group", "unit", "direction": "at most" | "at least",
     "current": cell | None, "evidence": [{words, file, line}],
     "target": {value, low, high, unit} | None, "grade_of_target": "stated" | "policy" | None, "source",
     "by": phase | None,
     "status": "met" | "missed" | "not measured" | "no target", "status_range": [status at both ends of current],
     "ratio": {value, low, high, said: [low, high] | None} | None, "words": [..], "needs": [..]}

A target comes from [targets] of the intake, else from the chosen policy's profile. Of a range the end that is reached
first is what counts. `ratio` is by how much it has to get better; a factor that was said is checked against it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reviews.capacity.catalogue import need_of, title_of, unit_of
from reviews.capacity.cells import cell
from reviews.capacity.costs.money import ends_of, figure_of
from reviews.capacity.formulas.availability import downtime
from reviews.capacity.goals.kpis import AT_MOST, KPIS, OTHER, direction_of, group_of
from reviews.capacity.goals.ratio import Ratio, ratio_of
from reviews.capacity.inputs import Figure, Inputs, Missing
from reviews.capacity.measured import measure_of, measured
from reviews.capacity.policies.base import CRITICAL, TRIGGER, WARNING, Threshold
from reviews.capacity.policy import Policy
from reviews.intake_capacity import Range, Target
from reviews.report.figures import digits

Row = dict[str, Any]

MET, MISSED, NOT_MEASURED, NO_TARGET = "met", "missed", "not measured", "no target"
STATED, POLICY = "stated", "policy"
FACTOR = ".factor"  # "http.p95_ms.factor" = [5, 10]: so many times better is said
INTAKE = "[targets] of the intake"
_ROLES = (WARNING, CRITICAL, TRIGGER)
_UPTIME = "http.uptime_share"


def targets_of(inputs: Inputs, targets: Mapping[str, Target], policy: Policy | None = None) -> list[Row]:
    """One row for each metric and phase; the shape stands in the module's docstring.

    Of the usual metrics those that are measured or have a target, and every metric that the intake names.
    """
    said = {key.removesuffix(FACTOR): value for key, value in targets.items() if key.endswith(FACTOR)}
    stated = {key: value for key, value in targets.items() if not key.endswith(FACTOR)}
    names = dict.fromkeys([*KPIS, *sorted(stated), *sorted(said)])
    rows = [row for name in names for row in _rows(inputs, name, stated.get(name), said.get(name), policy)]
    order = [*dict.fromkeys(KPIS.values()), OTHER]
    return sorted(rows, key=lambda row: order.index(row["group"]))


def _rows(
    inputs: Inputs, name: str, stated: Target | None, said: Target | None, policy: Policy | None
) -> Iterator[Row]:
    current = _current(inputs, name)
    factor = said if not isinstance(said, Mapping) else None
    if isinstance(stated, Mapping):
        for by, target in stated.items():
            yield _row(inputs, name, current, target, STATED, INTAKE, by, factor)
    elif stated is not None:
        yield _row(inputs, name, current, stated, STATED, INTAKE, None, factor)
    elif policy is not None and (found := _of_policy(policy, name)):
        threshold, phase = found
        source = f"{threshold.source} (policy {policy.profile.name})"
        yield _row(inputs, name, current, threshold.value, POLICY, source, phase, factor)
    elif isinstance(current, Figure) or factor is not None:
        yield _row(inputs, name, current, None, None, "", None, factor)


def _current(inputs: Inputs, name: str) -> Figure | Missing:
    """The metric now: by its measure where a threshold knows it, else the input of this key."""
    try:
        return measured(inputs, name)
    except KeyError:
        entry = inputs.get(name)
        return figure_of(entry) if entry else Missing(_title(name), (name,), (need_of(name),))


def _of_policy(policy: Policy, name: str) -> tuple[Threshold, str | None] | None:
    """The profile's own threshold that tells, else that pages, else that starts the earliest phase's work."""
    own = [threshold for threshold, profile in policy.thresholds() if profile is policy.profile]
    found = [threshold for threshold in own if threshold.measure == name and threshold.role in _ROLES]
    if not found:
        return None
    best = min(found, key=lambda one: (_ROLES.index(one.role), one.phase))
    phases = policy.profile.phases
    return best, phases[min(best.phase, len(phases)) - 1].name if best.role == TRIGGER and best.phase else None


def _row(
    inputs: Inputs,
    name: str,
    current: Figure | Missing,
    target: Range | None,
    grade: str | None,
    source: str,
    phase: str | None,
    said: Range | None,
) -> Row:
    known = current if isinstance(current, Figure) else None
    direction = direction_of(name)
    goal = None if target is None else _goal(target, direction, _unit(name))
    ratio = ratio_of(known, goal, direction, said) if known and goal else None
    statuses = [_status(value, goal, direction) for value in _ends(known)]
    return {
        "metric": name,
        "title": _title(name),
        "group": group_of(name),
        "unit": _unit(name),
        "direction": direction,
        "current": cell(known) if known else None,
        "evidence": _evidence(inputs, known),
        "target": goal,
        "grade_of_target": grade,
        "source": source,
        "by": phase,
        "status": NO_TARGET if goal is None else statuses[0] if known else NOT_MEASURED,
        "status_range": list(dict.fromkeys(statuses[1:])) if goal and known else [],
        "ratio": ratio and ratio.row,
        "words": _words(name, known, goal, ratio),
        "needs": [] if known else list(current.needs) if isinstance(current, Missing) else [],
    }


def _goal(target: Range, direction: str, unit: str) -> Row:
    """A range is reached at its nearer end: the higher one where less is better."""
    _, low, high = ends_of(target)
    return {"value": high if direction == AT_MOST else low, "low": low, "high": high, "unit": unit}


def _ends(known: Figure | None) -> Sequence[float]:
    return () if known is None else (known.value, known.low, known.high)


def _status(value: float, goal: Row | None, direction: str) -> str:
    if goal is None:
        return NO_TARGET
    reached = value <= goal["value"] if direction == AT_MOST else value >= goal["value"]
    return MET if reached else MISSED


def _words(name: str, known: Figure | None, goal: Row | None, ratio: Ratio | None) -> list[str]:
    """How far it is; of uptime in minutes of 30 days, as 99.9 is hardly more than 99.7 but a third of the time down."""
    if name != _UPTIME or goal is None or not 0 <= goal["value"] <= 1:
        return ratio.words if ratio else []
    allowed = f"It allows {_minutes(goal['value'])} of downtime in 30 days"
    was = f"; now it is {_minutes(known.value)}" if known and 0 <= known.value <= 1 else ""
    return [f"{allowed}{was}."]


def _minutes(available: float) -> str:
    return f"{digits(downtime(available) / 60)} minutes"


def _evidence(inputs: Inputs, known: Figure | None) -> list[Row]:
    """Where the numbers behind it stand; those that stand in a file."""
    entries = [entry for key in (known.uses if known else ()) if (entry := inputs.get(key)) and entry.source.file]
    return [{"words": one.source.words, "file": one.source.file, "line": one.source.line} for one in entries]


def _title(name: str) -> str:
    try:
        return measure_of(name).title
    except KeyError:
        return title_of(name)


def _unit(name: str) -> str:
    try:
        return measure_of(name).unit
    except KeyError:
        return unit_of(name)
