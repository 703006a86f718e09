"""Breaking points: the multiple of today's load at which each resource reaches its limit, and when that comes.

m = (capacity - fixed) / load that moves, at the busiest minutes (utilisation law put to 1). Of what piles up (rows,
bytes on disk) the load that moves is what comes on top within the horizon, and the date follows from the pile itself.
"""

import math
from collections.abc import Iterable
from datetime import date
from typing import Any

from reviews.capacity.catalogue import need_of
from reviews.capacity.formulas.growth import MONTH_DAYS
from reviews.capacity.formulas.little import DAY_S
from reviews.capacity.inputs import Figure, Inputs, worst
from reviews.capacity.reached import HORIZON_MONTHS, horizon, reached, span
from reviews.capacity.resource import Resource

Machine = dict[str, Any]


def breaking_points(inputs: Inputs, resources: Iterable[Resource], as_of: date | None = None) -> list[Machine]:
    """A row for each resource whose busiest load is known, first to break first.

    A resource that no load moves has a row only when it is over its limit already. `multiple` below 1 is over now.
    Where only the steady load is known there is a row when that alone is over the limit: no peak makes it better.
    """
    rows = [row for part in resources if (row := _row(inputs, part, as_of)) is not None]
    return sorted(rows, key=lambda row: (row["multiple"], row["resource"]))


def multiple_of(part: Resource) -> tuple[float, float, float] | None:
    """The multiple of today's load at which the resource is full, with its ends; None when no load fills it."""
    moving = part.peak or part.mean
    if moving is None or moving.value <= 0:
        return None
    ends = (
        (part.capacity.value, moving.value),
        (part.capacity.low, moving.high),
        (part.capacity.high, moving.low),
    )
    value, low, high = (max(0.0, (limit - part.fixed)) / load if load > 0 else math.inf for limit, load in ends)
    return value, low, high


def _row(inputs: Inputs, part: Resource, as_of: date | None) -> Machine | None:
    found, moving = multiple_of(part), part.peak or part.mean
    if found is None or moving is None or (found[0] > 1 and not (part.driver and part.peak)):
        return None
    value, low, high = found
    driver = inputs.get(part.driver) if part.driver else None
    when = _pile(inputs, part, as_of) if part.grows else _when(inputs, part, low, high, as_of)
    uses = [*part.capacity.uses, *moving.uses, *([driver.key] if driver else [])]
    if when is not None:
        uses += when["uses"]
    return {
        "resource": part.id,
        "title": part.title,
        "kind": part.kind,
        "component": part.component,
        "critical": part.critical,
        "multiple": value,
        "multiple_low": low,
        "multiple_high": high if math.isfinite(high) else None,
        "driver": part.driver or None,
        "at_value": driver.value * value if driver and not part.grows else None,
        "reached": when,
        "grade": worst((part.capacity.grade, moving.grade, part.follows)).word,
        "formula": _formula(part),
        "uses": list(dict.fromkeys(uses)),
        "why": _why(part),
        "note": part.note,
        "needs": _needs(inputs, part, when),
    }


def _needs(inputs: Inputs, part: Resource, when: Machine | None) -> list[str]:
    """What would tell the value of the driver and the date, where they are not told."""
    keys = [part.driver] if part.driver else []
    keys += [f"{part.driver}.growth"] if part.driver and when is None else []
    return [need_of(key) for key in keys if inputs.get(key) is None]


def _when(inputs: Inputs, part: Resource, low: float, high: float, as_of: date | None) -> Machine | None:
    if high <= 1:
        return span(0.0, 0.0, HORIZON_MONTHS, as_of)
    if not part.driver:
        return None
    return reached(inputs, part.driver, low, high, as_of)


def _pile(inputs: Inputs, part: Resource, as_of: date | None) -> Machine | None:
    """When what piles up reaches the limit: at the latest with today's rate, sooner when the rate grows with load."""
    if part.per_day is None:
        return None
    growth = inputs.get(f"{part.driver}.growth") if part.driver else None
    fastest = growth.high if growth is not None else 0.0
    earliest = _months(part.capacity.low - part.fixed, part.per_day.high, fastest)
    slowest = growth.low if growth is not None else 0.0
    latest = _months(part.capacity.high - part.fixed, part.per_day.low, min(slowest, 0.0))
    seen = inputs.get(f"watched.{part.per_day.uses[0]}")
    bound = horizon(seen.value / DAY_S / MONTH_DAYS if seen else None)
    uses = [*part.per_day.uses, *([growth.key] if growth else []), *([seen.key] if seen else [])]
    return span(earliest, latest, bound, as_of, uses)


def _months(room: float, per_day: float, growth: float) -> float | None:
    """Months until `room` is filled by a daily amount that grows by a share a month: r (G^t - 1) / ln G = room."""
    if room <= 0:
        return 0.0
    if per_day <= 0:
        return None
    flat = room / (per_day * MONTH_DAYS)
    if abs(growth) < 1e-9:
        return flat
    reach = 1 + flat * math.log1p(growth)
    return math.log(reach) / math.log1p(growth) if reach > 0 else None


def _formula(part: Resource) -> str:
    fixed = " − what does not grow" if part.fixed and not part.grows else ""
    level = " − level now" if part.grows else ""
    if part.peak is None:
        return f"(capacity{fixed}{level}) ÷ steady load; the peak is not known, and can only be higher"
    return f"(capacity{fixed}{level}) ÷ load at the busiest minutes" if fixed or level else "capacity ÷ busiest load"


def _why(part: Resource) -> str:
    load: Figure = part.peak or part.mean or part.capacity
    return f"capacity: {part.capacity.formula}; load: {load.formula}"
