"""Phases of size and the triggers that start the next piece of work: where the client stands, how far each trigger is.

`phases_of(policy, inputs, resources, today)` gives, in order of size:

    {"n": 1.., "name", "from": number, "to": number | None, "unit", "driver": title, "current": bool | None,
     "reached": time | None,             # of its beginning, see `reviews.capacity.reached`; None: passed or unknown
     "needs": [..],                      # what the place or the date would need
     "triggers": [{"measure", "title", "value", "low", "high", "unit", "grade", "formula", "uses",
                   "limit", "direction", "used": share of the way | None, "distance": limit - value | None,
                   "status": "reached" | "near" | "far" | "not measured", "status_range": [..],
                   "eta": time | None, "eta_note", "action", "source", "profile", "own": bool, "needs": [..], "said"}]}

A trigger without a measured number has `value` None, status "not measured" and `needs`. `near`: at least 80 % of the
way (`policies.base.NEAR`). A date is said only where the number grows in proportion to the load; `eta_note` says why
there is none, or what the date takes for granted.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from reviews.capacity.inputs import Figure, Inputs, Missing
from reviews.capacity.measured import measure_of, measured, with_use
from reviews.capacity.policies.base import ABOVE, NEAR, TRIGGER, Phase, Profile, Threshold
from reviews.capacity.policy import Policy
from reviews.capacity.reached import limit_reached
from reviews.capacity.resource import Resource
from reviews.report.figures import figure as printed

Row = dict[str, Any]
NOT_MEASURED = "not measured"
NO_LAW = "no date, since it does not grow in proportion to load"
NO_GROWTH = "no date, since no growth is known"


def phases_of(
    policy: Policy, inputs: Inputs, resources: Sequence[Resource] = (), today: date | None = None
) -> list[Row]:
    """The phases of the chosen profile; the shape stands in the module's docstring."""
    known = with_use(inputs, resources)
    size = measured(known, policy.profile.driver)
    last = len(policy.profile.phases)
    triggers: dict[int, list[Row]] = {n: [] for n in range(1, last + 1)}
    for threshold, profile in policy.thresholds():
        if threshold.role == TRIGGER:
            row = _trigger(threshold, known, today)
            # A profile with fewer phases takes the triggers of later ones into its last.
            triggers[min(threshold.phase, last)].append(
                row | {"profile": profile.name, "own": profile is policy.profile}
            )
    return [
        _phase(n, phase, policy.profile, size, known, today) | {"triggers": triggers[n]}
        for n, phase in enumerate(policy.profile.phases, 1)
    ]


def current_phase(phases: Sequence[Row]) -> int | None:
    """The number of the phase the client is in; None when the size is not known."""
    return next((row["n"] for row in phases if row["current"]), None)


def _phase(n: int, phase: Phase, profile: Profile, size: Figure | Missing, inputs: Inputs, today: date | None) -> Row:
    measure = measure_of(profile.driver)
    row: Row = {
        "n": n,
        "name": phase.name,
        "from": phase.low,
        "to": phase.high,
        "unit": measure.unit,
        "driver": measure.title,
    }
    if isinstance(size, Missing):
        return row | {"current": None, "reached": None, "needs": list(size.needs)}
    inside = phase.low <= size.value and (phase.high is None or size.value < phase.high)
    ahead = size.value < phase.low
    when = limit_reached(inputs, size, phase.low, today) if ahead else None
    needs = ["growth_per_month in the intake"] if ahead and when is None else []
    return row | {"current": inside, "reached": when, "needs": needs}


def _trigger(threshold: Threshold, inputs: Inputs, today: date | None) -> Row:
    measure = measure_of(threshold.measure)
    row: Row = {
        "measure": measure.key,
        "title": measure.title,
        "unit": measure.unit,
        "limit": threshold.value,
        "direction": threshold.direction,
        "action": threshold.action,
        "source": threshold.source,
    }
    found = measured(inputs, measure.key)
    if isinstance(found, Missing):
        return row | _unknown(found)
    return row | _known(threshold, found) | _when(threshold, found, inputs, today)


def _unknown(missing: Missing) -> Row:
    words = f"Not measured: needs {missing.needs[0]}."
    nothing = dict.fromkeys(("value", "low", "high", "grade", "used", "distance", "eta"))
    return nothing | {
        "formula": "",
        "uses": list(missing.keys),
        "status": NOT_MEASURED,
        "status_range": [NOT_MEASURED, NOT_MEASURED],
        "eta_note": "",
        "needs": list(missing.needs),
        "said": words,
    }


def _known(threshold: Threshold, found: Figure) -> Row:
    status = _status(threshold, found.value)
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "grade": found.grade.word,
        "formula": found.formula,
        "uses": list(found.uses),
        "used": threshold.used(found.value),
        "distance": threshold.value - found.value,
        "status": status,
        "status_range": sorted(
            {_status(threshold, end) for end in (found.low, found.high)}, key=("far", "near", "reached").index
        ),
        "needs": [],
        "said": _said(threshold, found, status),
    }


def _status(threshold: Threshold, value: float) -> str:
    if threshold.passed(value):
        return "reached"
    return "near" if threshold.used(value) >= NEAR else "far"


def _said(threshold: Threshold, found: Figure, status: str) -> str:
    measure = measure_of(threshold.measure)
    value, limit = printed(found.value, measure.unit), printed(threshold.value, measure.unit)
    side = "limit is more than" if threshold.direction == ABOVE else "limit is less than"
    done = {"reached": "Reached", "near": "Near", "far": "Far"}[status]
    return f"{done}: {value} ({found.grade.word}); the {side} {limit}."


def _when(threshold: Threshold, found: Figure, inputs: Inputs, today: date | None) -> Row:
    """A date for what grows with the load; otherwise why there is none."""
    if threshold.passed(found.value):
        return {"eta": None, "eta_note": ""}
    if threshold.direction != ABOVE or not measure_of(threshold.measure).scales:
        return {"eta": None, "eta_note": NO_LAW}
    when = limit_reached(inputs, found, threshold.value, today)
    return {"eta": when, "eta_note": measure_of(threshold.measure).assumed if when else NO_GROWTH}
