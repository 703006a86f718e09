"""What runs out in each phase of size, from the one the client is in: the resources that reach their limit there.

`with_what_runs_out(...)` adds to each phase of `phases_of`:

    "runs_out": [{"resource", "title", "multiple": of today's load, "reached": words | None, "latest": bool, "grade",
                  "said"}]          # first to run out first

A resource moved by what the phases count stands where its load belongs; any other by its earliest date, where growth
gives dates to it and to the phases. `latest`: only the steady load is known, so it runs out then at the latest. A
resource that cannot be placed stands nowhere.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reviews.capacity.breaking import multiple_of
from reviews.capacity.inputs import Figure, Inputs, Missing, worst
from reviews.capacity.phases import current_phase
from reviews.capacity.reached import reached
from reviews.capacity.resource import Resource
from reviews.report.figures import digits

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limit:
    """When a resource is full: at a multiple of today's load, and by dates (see `reviews.capacity.reached`)."""

    part: Resource
    multiple: float
    when: Mapping[str, Any] | None
    grade: str


def with_what_runs_out(
    phases: Sequence[Row],
    size: Figure | Missing,
    inputs: Inputs,
    resources: Sequence[Resource],
    points: Sequence[Mapping[str, Any]],
    as_of: date | None = None,
) -> list[Row]:
    """The phases with what runs out in each. `size` is what they count, `points` are the breaking points."""
    current, inside = current_phase(phases), dict[int, list[Limit]]()
    if current is not None and isinstance(size, Figure):
        known = {point["resource"]: point for point in points}
        limits = [_limit(part, known.get(part.id), inputs, as_of) for part in resources]
        for limit in sorted(filter(None, limits), key=lambda limit: (limit.multiple, limit.part.id)):
            if (n := _phase(limit, phases, current, size)) is not None:
                inside.setdefault(n, []).append(limit)
    return [phase | {"runs_out": [_row(limit) for limit in inside.get(phase["n"], ())]} for phase in phases]


def _limit(part: Resource, point: Mapping[str, Any] | None, inputs: Inputs, as_of: date | None) -> Limit | None:
    """By its breaking point; where only the steady load is known, by that."""
    if point is not None:
        return Limit(part, point["multiple"], point["reached"], point["grade"])
    if part.mean is None or part.peak is not None or not part.driver or part.grows:
        return None
    if (found := multiple_of(part)) is None:
        return None
    grade = worst((part.capacity.grade, part.mean.grade, part.follows)).word
    return Limit(part, found[0], reached(inputs, part.driver, found[1], found[2], as_of), grade)


def _phase(limit: Limit, phases: Sequence[Row], current: int, size: Figure) -> int | None:
    """The number of the phase in which it runs out; None when nothing tells it."""
    if limit.multiple <= 1:
        return current
    if limit.part.driver in size.uses and not limit.part.grows:
        at = size.value * limit.multiple
        return next((phase["n"] for phase in phases if phase["to"] is None or at < phase["to"]), None)
    when, ahead = limit.when, [phase for phase in phases if phase["n"] > current]
    if not when or when["months_low"] is None or when["months_high"] is None:
        return None
    if not all(phase["reached"] for phase in ahead):
        return None
    begun = [phase["n"] for phase in ahead if _begins(phase) <= when["months_low"]]
    return max(begun, default=current)


def _begins(phase: Row) -> float:
    months: float | None = phase["reached"]["months_low"]
    return math.inf if months is None else months


def _row(limit: Limit) -> Row:
    part, latest = limit.part, limit.part.peak is None
    return {
        "resource": part.id,
        "title": part.title,
        "multiple": limit.multiple,
        "reached": limit.when and limit.when["words"],
        "latest": latest,
        "grade": limit.grade,
        "said": f"{part.title}, {_said(limit, latest)}",
    }


def _said(limit: Limit, latest: bool) -> str:
    if limit.multiple <= 1:
        return "full at today's load"
    when = f" {limit.when['words']}" if limit.when else ""
    if limit.part.grows:
        return f"full{when}"
    at_most = ", at the latest: its peak is not known" if latest else ""
    return f"full at {digits(limit.multiple)} times today's load{',' if when else ''}{when}{at_most}"
