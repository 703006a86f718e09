"""When a multiple of today's load comes, by the growth of what moves it: in months, as dates where today is known.

Growth that was observed carries a date at most three times as far as it was watched (METHOD 2.A); beyond that only
"in more than N months" is said. No growth at all is carried beyond five years.
"""

import math
from datetime import date, timedelta
from typing import Any

from reviews.capacity.eta import HORIZON_MONTHS
from reviews.capacity.formulas.growth import MONTH_DAYS, months_to
from reviews.capacity.formulas.reach import BEYOND
from reviews.capacity.inputs import Inputs

Machine = dict[str, Any]
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
    earliest, latest = months_to(max(low, 1.0), growth.high), months_to(max(high, 1.0), growth.low)
    seen = inputs.get(f"{driver}.observed_months")
    bound = min(HORIZON_MONTHS, BEYOND * seen.value) if seen is not None else HORIZON_MONTHS
    return span(earliest, latest, bound, as_of) | {"uses": [growth.key, *([seen.key] if seen else [])]}


def span(earliest: float | None, latest: float | None, bound: float | None, as_of: date | None) -> Machine:
    """Both ends in months (None: never), as dates, and in words."""
    beyond = bound is not None and earliest is not None and earliest > bound
    if beyond:
        earliest, latest = bound, None
    elif bound is not None and latest is not None and latest > bound:
        latest = None
    return {
        "months_low": earliest,
        "months_high": latest,
        "from": _day(as_of, earliest),
        "to": _day(as_of, latest),
        "words": _words(earliest, latest, beyond),
    }


def _day(as_of: date | None, months: float | None) -> str | None:
    if as_of is None or months is None or months * MONTH_DAYS > 365 * 100:
        return None
    return (as_of + timedelta(days=round(months * MONTH_DAYS))).isoformat()


def _words(earliest: float | None, latest: float | None, beyond: bool) -> str:
    if earliest is None:
        return "not reached at this growth"
    if beyond:
        return f"in more than {_said(earliest, math.floor)}"
    if latest == 0:
        return "already reached"
    if latest is None:
        return f"not before {_said(earliest, math.floor)}"
    if earliest == 0:
        return f"between now and {_said(latest, math.ceil)}"
    return _between(earliest, latest)


def _between(earliest: float, latest: float) -> str:
    """Outwards in whole units; one figure where both ends are nearly the same."""
    if latest - earliest < 0.05 * latest:
        return f"in about {_said((earliest + latest) / 2, round)}"
    size, unit = _unit(latest)
    return f"in {math.floor(earliest / size)} to {_count(math.ceil(latest / size), unit)}"


def _said(months: float, rounded: Any) -> str:
    size, unit = _unit(months)
    return _count(rounded(months / size), unit)


def _count(count: int, unit: str) -> str:
    return f"{count:,} {unit}{'s' * (count != 1)}"


def _unit(months: float) -> tuple[float, str]:
    return next(((size, unit) for below, size, unit in UNITS if months < below), (1.0, "month"))
