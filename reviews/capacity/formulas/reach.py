"""When a trend reaches a threshold, as a range, in days and in words.

The ends come from the ends of the slope. Nothing is said beyond three times the time observed but "in more than that":
a trend of a month does not carry a date in a year (METHOD 2.A; the same thought as refusing to extrapolate the USL).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from reviews.capacity.formulas.growth import MONTH_DAYS, Trend

BEYOND = 3.0  # times the observed span
WEEK_DAYS = 7.0


@dataclass(frozen=True, slots=True)
class Reach:
    """Days from the last snapshot to a threshold.

    `days` as the trend goes, `low` the earliest, `high` the latest; None where it lies beyond what the span supports
    or never comes. `after`: not before so many days, when even the earliest lies beyond. `never`: at no rate of the
    interval. `rough`: why this is not exact.
    """

    days: float | None
    low: float | None
    high: float | None
    after: float | None
    never: bool
    rough: str

    @property
    def words(self) -> str:
        """How it is said: "in 2 to 4 weeks", "in more than 9 months", "not before 3 weeks"."""
        if self.never:
            return "not reached at this rate"
        if self.after is not None:
            return f"in more than {_said(self.after, math.floor)}"
        if self.high == 0:
            return "already reached"
        if self.low is None:
            return f"in about {_said(self.days or 0.0, round)}"
        if self.high is None:
            return f"not before {_said(self.low, math.floor)}"
        return f"in {_between(self.low, self.high)}"


def reached(trend: Trend, threshold: float) -> Reach:
    """When the trend reaches a threshold, as a range; see `Reach`."""
    horizon = BEYOND * trend.span
    days, rough = trend.days_to(threshold, trend.rate), trend.rough
    if trend.low is None or trend.high is None:
        return Reach(
            _within(days, horizon), None, 0.0 if days == 0 else None, _after(days, horizon), days is None, rough
        )
    low, high = trend.days_to(threshold, trend.high), trend.days_to(threshold, trend.low)
    days, soon, late = (_within(when, horizon) for when in (days, low, high))
    return Reach(days, soon, late, _after(low, horizon), low is None, rough)


def _within(days: float | None, horizon: float) -> float | None:
    return days if days is not None and days <= horizon else None


def _after(days: float | None, horizon: float) -> float | None:
    return horizon if days is not None and days > horizon else None


def _between(low: float, high: float) -> str:
    """Both ends in one unit, outwards: 13 to 27 days are 1 to 4 weeks."""
    unit, size = _unit(high)
    first, last = math.floor(low / size), math.ceil(high / size)
    return f"{last} {unit}{'s' * (last != 1)}" if first == last else f"{first} to {last} {unit}s"


def _said(days: float, rounded: Callable[[float], int]) -> str:
    unit, size = _unit(days)
    count = rounded(days / size)
    return f"{count:,} {unit}{'s' * (count != 1)}"


def _unit(days: float) -> tuple[str, float]:
    """Days up to two weeks, weeks up to two months, then months of 30 days."""
    if days < 2 * WEEK_DAYS:
        return "day", 1.0
    return ("week", WEEK_DAYS) if days < 2 * MONTH_DAYS else ("month", MONTH_DAYS)
