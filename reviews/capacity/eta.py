"""When a number that grows in proportion to a driver reaches a limit: a range of months, and of dates from a day on.

Source: compound growth, t = ln(limit / value) / ln(1 + g) (METHOD 2.A, time to threshold). Limits: the growth goes on
as it is. The ends come from the ends of value and growth; beyond `HORIZON_MONTHS` only that it is later is said.

`{"months_low": float, "months_high": float | None, "from": ISO date | None, "to": ISO date | None, "words": str}`;
`months_high` None: at the slow end of growth the limit is not reached.
"""

from datetime import date, timedelta
from typing import Any

from reviews.capacity.formulas import growth as growing
from reviews.capacity.inputs import Figure, Input, Inputs
from reviews.report.figures import digits

Row = dict[str, Any]
HORIZON_MONTHS = 60.0  # five years: no growth rate of a young product is known for longer
DAYS_PER_MONTH = 365.25 / 12


def growth_of(inputs: Inputs, figure: Figure) -> Input | None:
    """The monthly growth of the driver behind a figure; of the users when it has no driver of its own."""
    own = (inputs.get(f"{key}.growth") for key in figure.uses if key.startswith("driver."))
    return next((entry for entry in own if entry is not None), None) or inputs.get("driver.users.growth")


def months_to(value: float, limit: float, growth: float) -> float | None:
    """Months until `value` has grown to `limit` at `growth` a month; 0 when it is there, None when it never is."""
    if value >= limit:
        return 0.0
    return None if value <= 0 or growth <= 0 else growing.months_to(limit / value, growth)


def reach(figure: Figure, limit: float, growth: Input | None, today: date | None = None) -> Row | None:
    """When the figure reaches the limit; None when nobody knows the growth, or nothing grows."""
    if growth is None:
        return None
    soonest = months_to(figure.high, limit, growth.high)
    if soonest is None:
        return None
    latest = months_to(figure.low, limit, growth.low)
    return {
        "months_low": soonest,
        "months_high": latest,
        "from": _day(soonest, today),
        "to": _day(latest, today),
        "words": in_words(soonest, latest),
    }


def in_words(soonest: float, latest: float | None) -> str:
    """`now`, `in 12.6 months`, `in 9 to 12.6 months`, `in 9 months or later`, `in more than 60 months`."""
    if soonest > HORIZON_MONTHS:
        return f"in more than {digits(HORIZON_MONTHS)} months"
    if latest == 0:
        return "now"
    begin, end = _months(soonest), None if latest is None or latest > HORIZON_MONTHS else _months(latest)
    if end is None:
        return f"in {begin} months or later"
    return f"in {end} {'month' if end == '1' else 'months'}" if begin == end else f"in {begin} to {end} months"


def _months(months: float) -> str:
    return digits(round(months, 1))


def _day(months: float | None, today: date | None) -> str | None:
    if months is None or today is None or months > HORIZON_MONTHS:
        return None
    return (today + timedelta(days=round(months * DAYS_PER_MONTH))).isoformat()
