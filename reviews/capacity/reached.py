"""When something that grows with the load reaches a limit: in months, as dates where today is known, and in words.

Source: compound growth, t = ln(limit / value) / ln(1 + g) (METHOD 2.A, time to threshold), at the ends of value and
growth, in months of 30 days. Limits: the growth goes on as it is. Growth that was observed carries a date at most
three times as far as it was watched; beyond that only "in more than N months" is said. None is carried beyond five
years.

Phases, triggers, breaking points and the runway hold one shape:

    {"months_low": float | None, "months_high": float | None,   # earliest and latest; None: never, or too far to say
     "from": ISO date | None, "to": ISO date | None, "words": str, "uses": [keys of the inputs behind the time]}
"""

import math
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from reviews.capacity.formulas.growth import BEYOND, MONTH_DAYS, months_to
from reviews.capacity.inputs import USERS, Figure, Inputs

Machine = dict[str, Any]
HORIZON_MONTHS = 60.0  # five years: no growth rate of a young product is known for longer
NEARLY_ONE = 0.05  # ends that differ by less are said as one
# Below so many months a time is said in this unit, of so many months.
UNITS = (
    (2 / MONTH_DAYS, 1 / 24 / MONTH_DAYS, "hour"),
    (14 / MONTH_DAYS, 1 / MONTH_DAYS, "day"),
    (2.0, 7 / MONTH_DAYS, "week"),
)


def reached(inputs: Inputs, driver: str, low: float, high: float, as_of: date | None) -> Machine | None:
    """The time between the earliest (`low` times today's load, fastest growth) and the latest; None without growth."""
    growth = inputs.get(f"{driver}.growth")
    if growth is None:
        return None
    seen = inputs.get(f"{driver}.observed_months")
    uses = [growth.key, *([seen.key] if seen else [])]
    bound = horizon(seen.value if seen else None)
    return span(_grown_to(low, growth.high), _grown_to(high, growth.low), bound, as_of, uses)


def limit_reached(inputs: Inputs, figure: Figure, limit: float, as_of: date | None) -> Machine | None:
    """When a figure that grows in proportion to its driver, else to the users, comes to a limit from below."""
    low, high = (limit / end if end > 0 else math.inf for end in (figure.high, figure.low))
    return reached(inputs, mover_of(inputs, figure), low, high, as_of)


def mover_of(inputs: Inputs, figure: Figure) -> str:
    """The driver behind a figure whose growth is known; the users when it has none of its own."""
    own = (key for key in figure.uses if key.startswith("driver."))
    return next((key for key in own if inputs.get(f"{key}.growth") is not None), USERS)


def horizon(seen_months: float | None) -> float:
    """How many months ahead a growth carries that was watched for so long; None: it was not watched but stated."""
    return HORIZON_MONTHS if seen_months is None else min(HORIZON_MONTHS, BEYOND * seen_months)


def span(
    earliest: float | None, latest: float | None, bound: float, as_of: date | None, uses: list[str] | None = None
) -> Machine:
    """Both ends in months (None: never), as dates, and in words; nothing is said beyond `bound` months."""
    beyond = earliest is not None and earliest > bound
    if beyond:
        earliest, latest = bound, None
    elif latest is not None and latest > bound:
        latest = None
    return {
        "months_low": earliest,
        "months_high": latest,
        "from": _day(as_of, earliest),
        "to": _day(as_of, latest),
        "words": _words(earliest, latest, beyond),
        "uses": uses or [],
    }


def _grown_to(multiple: float, growth: float) -> float | None:
    return months_to(max(multiple, 1.0), growth) if math.isfinite(multiple) else None


def _day(as_of: date | None, months: float | None) -> str | None:
    return None if as_of is None or months is None else (as_of + timedelta(days=round(months * MONTH_DAYS))).isoformat()


def _words(earliest: float | None, latest: float | None, beyond: bool) -> str:
    if earliest is None:
        return "not reached at this growth"
    if beyond:
        return f"in more than {_said(earliest, math.floor)}"
    if latest == 0:
        return "already reached"
    if latest is None:
        return f"not before {_said(earliest, math.floor)}" if earliest else "from now on, or later"
    if earliest == 0:
        return f"between now and {_said(latest, math.ceil)}"
    return _between(earliest, latest)


def _between(earliest: float, latest: float) -> str:
    """Outwards in whole units; one figure where both ends are nearly the same."""
    if latest - earliest < NEARLY_ONE * latest:
        return f"in about {_said((earliest + latest) / 2, round)}"
    size, unit = _unit(latest)
    return f"in {math.floor(earliest / size)} to {_count(math.ceil(latest / size), unit)}"


def _said(months: float, rounded: Callable[[float], int]) -> str:
    size, unit = _unit(months)
    return _count(rounded(months / size), unit)


def _count(count: int, unit: str) -> str:
    return f"{count:,} {unit}{'s' * (count != 1)}"


def _unit(months: float) -> tuple[float, str]:
    return next(((size, unit) for below, size, unit in UNITS if months < below), (1.0, "month"))
