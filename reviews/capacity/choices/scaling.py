"""Up before out: the next size of each part, what running several instances asks for, and how far doubling carries.

`vertical_of`: [{"resource", "when", "state": "now" | "near" | "not needed" | "not known", "reason", "next", "value",
                 "limit", "unit", "grade", "uses", "source", "needs"}]
`horizontal_of`: {"said", "ready": bool | None, "open": int, "rows": [criterion rows with "met" = prerequisite holds]}
`runway_of`: {"said", "multiple", "multiple_low", "multiple_high", "resource", "growth", "grade", "needs",
              "steps": [{"doublings", "carries": multiple, "lasts": words of a time | None}]}
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from reviews.capacity.choices.base import Criterion
from reviews.capacity.choices.criteria import MET, NOT_MEASURED, NOT_MET, criterion_row
from reviews.capacity.facts import Facts
from reviews.capacity.inputs import Inputs, Missing
from reviews.capacity.measured import measure_of
from reviews.capacity.policies.base import NEAR, WARNING
from reviews.capacity.reached import reached
from reviews.capacity.readiness.base import NOT_APPLICABLE
from reviews.report.figures import digits, plural
from reviews.report.figures import figure as printed

Row = dict[str, Any]
# What a larger machine has more of. A pool, a quota or a table is not moved by one.
GROWN = ("cpu", "memory", "disk", "workers", "connections", "level")
DOUBLINGS = 3  # sizes of a provider's instances double; three steps are what the guide calls plenty of runway
_SOURCE = "right-sized guide, vertical before horizontal"
PROS_AND_CONS = "Simple, no change of code, predictable. It has a ceiling, and each unit costs more."


@dataclass(frozen=True, slots=True)
class Size:
    """A part that can be made larger, the measure that asks for it, and what the next size is."""

    resource: str
    measure: str
    limit_of: str  # the measure whose alarm in the policy is the limit
    bigger: str


SIZES = (
    Size("Database processor", "postgres.cpu_share", "host.cpu_share", "The next instance: twice the cores"),
    Size("Database disk", "postgres.disk_share", "host.cpu_share", "The next class of disk: twice the operations"),
    Size("Application processor", "host.cpu_share", "host.cpu_share", "Twice the cores for each instance"),
    Size("Application memory", "host.memory_share", "host.memory_share", "Twice the memory for each instance"),
    Size("Workers", "queue.oldest_age_s", "queue.oldest_age_s", "Twice the slots, on a machine of the next size"),
)

PREREQUISITES = (
    Criterion("The application keeps no state in its process", "horizontal.stateless", ("PL072",)),
    Criterion("Sessions are stored outside the application", "horizontal.sessions"),
    Criterion("Files are stored outside the application", "horizontal.files"),
    Criterion("Rate limits are counted for all instances together", "horizontal.rate-limits", ("SE014",)),
)


def vertical_of(facts: Facts) -> list[Row]:
    """The parts that can grow, those first that ask for it."""
    return [_size_row(size, facts) for size in SIZES]


def _size_row(size: Size, facts: Facts) -> Row:
    limit, source = _limit(size, facts)
    measure = measure_of(size.measure)
    row: Row = {
        "resource": size.resource,
        "when": f"{measure.title} above {printed(limit, measure.unit)}",
        "next": size.bigger,
        "limit": limit,
        "unit": measure.unit,
        "source": source,
    }
    found = facts.measured(size.measure)
    if isinstance(found, Missing):
        needs = found.needs[0]
        nothing: Row = {"state": "not known", "value": None, "grade": None, "uses": list(found.keys), "needs": [needs]}
        return row | nothing | {"reason": f"Not measured: needs {needs}."}
    state = "now" if found.value > limit else "near" if found.value >= NEAR * limit else "not needed"
    value = printed(found.value, measure.unit)
    return row | {
        "state": state,
        "value": found.value,
        "grade": found.grade.word,
        "uses": list(found.uses),
        "needs": [],
        "reason": f"{measure.title}: {value} ({found.grade.word}), limit {printed(limit, measure.unit)}.",
    }


def _limit(size: Size, facts: Facts) -> tuple[float, str]:
    """The alarm, or the trigger, that the policy sets for the part."""
    found = [entry for entry, _ in facts.policy.thresholds() if entry.measure == size.limit_of and not entry.use]
    best = min(found, key=lambda entry: entry.role != WARNING)
    return best.value, best.source


def horizontal_of(facts: Facts) -> Row:
    """What must hold before a second instance: a finding against it, or the client's answer, decides each."""
    rows = [_prerequisite(entry, facts) for entry in PREREQUISITES]
    held = sum(row["state"] == MET for row in rows)
    unknown = sum(row["state"] == NOT_MEASURED for row in rows)
    ready = True if held == len(rows) else None if held + unknown == len(rows) else False
    said = f"{held} of {len(rows)} prerequisites hold" + (f", {unknown} not answered." if unknown else ".")
    return {"said": said, "ready": ready, "open": len(rows) - held, "rows": rows}


def _prerequisite(entry: Criterion, facts: Facts) -> Row:
    """A criterion's row: a finding denies it and only the client's word affirms it. That nothing was found does not."""
    row = criterion_row(entry, _SOURCE, facts)
    if row["findings"]:
        return row | {"state": NOT_MET}
    said = facts.answers.get(entry.check)
    if said is None:
        return criterion_row(replace(entry, rules=()), _SOURCE, facts)
    return row | {"state": MET} if said == NOT_APPLICABLE else row


def runway_of(facts: Facts, breaking_points: Sequence[Row]) -> Row:
    """How long today's size lasts, and each doubling after it, at the growth there is.

    `breaking_points` are the rows of the document, first to break first; the first that a larger machine moves counts.
    Source: a resource that breaks at m times today's load, doubled k times, carries m · 2^k; growth g reaches that
    after ln(m · 2^k) / ln(1 + g) months. Limits: that the load stays linear and the machine can be doubled.
    """
    first = next((row for row in breaking_points if row["kind"] in GROWN and row["multiple"] is not None), None)
    if first is None:
        needs = ["processor, memory or connections of one machine, at its busiest"]
        return _no_runway(f"Not computed: needs {needs[0]}.", needs)
    growth = facts.inputs.get(f"{first['driver']}.growth")
    low, high = first["multiple_low"], math.inf if first["multiple_high"] is None else first["multiple_high"]
    steps = [
        {
            "doublings": k,
            "carries": first["multiple"] * 2**k,
            "lasts": _lasts(facts.inputs, first["driver"] or "", low * 2**k, high * 2**k),
        }
        for k in range(DOUBLINGS + 1)
    ]
    return {
        "said": _runway_said(first, steps),
        "multiple": first["multiple"],
        "multiple_low": low,
        "multiple_high": first["multiple_high"],
        "resource": first["resource"],
        "steps": steps,
        "growth": None if growth is None else growth.value,
        "grade": first.get("grade"),
        "needs": [] if growth else ["growth_per_month of what moves it, in the intake"],
    }


def _no_runway(said: str, needs: list[str]) -> Row:
    nothing: Row = dict.fromkeys(("multiple", "multiple_low", "multiple_high", "resource", "growth", "grade"))
    return nothing | {"said": said, "steps": [], "needs": needs}


def _lasts(inputs: Inputs, driver: str, low: float, high: float) -> str | None:
    """When today's load has grown to the multiple; None when no growth is known."""
    when = reached(inputs, driver, low, high, None)
    return None if when is None else str(when["words"])


def _runway_said(first: Row, steps: Sequence[Row]) -> str:
    today = f"First to break: {first['title']}, at {digits(first['multiple'])} × today's load"
    if first["multiple"] < 1:
        fits = next((step["doublings"] for step in steps if step["carries"] >= 1), None)
        carry = "carries" if fits == 1 else "carry" if fits else "do not carry"
        sizes = f"{plural(fits or DOUBLINGS, 'size')} up {carry} it"
        return f"{today}: over its limit already; {sizes}."
    lasts = [step["lasts"] for step in steps]
    if lasts[0] is None:
        carried = digits(steps[1]["carries"])
        return f"{today}; one size up carries {carried} ×. When: not computed, needs the growth."
    return f"{today}, {lasts[0]}; one size up, {lasts[1]}; {plural(DOUBLINGS, 'size')} up, {lasts[DOUBLINGS]}."
