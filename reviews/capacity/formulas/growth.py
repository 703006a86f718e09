"""Growth that compounds: its rate from monthly values, and when something has grown to a factor, t = ln(f) / ln(1 + g).

The rate is Theil and Sen's slope of the logarithms with its bootstrap interval, or is stated. Assumes that the regime
goes on: backfills, purges and seasons break it. So the answer is a range, and nothing is said beyond three times the
time observed: a trend of a month does not carry a date in a year (METHOD 2.A; as the USL refuses to extrapolate).
"""

import math
from collections.abc import Sequence

from reviews.capacity.formulas.ranges import Range
from reviews.capacity.formulas.sane import OutOfRange, TooLittle, counted, not_negative, positive
from reviews.capacity.formulas.theil_sen import slope_of

ENOUGH_MONTHS = 3
MONTH_DAYS = 30.0
BEYOND = 3.0  # times the observed span


def growth_a_month(values: Sequence[tuple[float, float]]) -> Range[float]:
    """The share that (month, value) grow by in a month, with its 95 % interval; 0.2 is 20 %.

    Months may start anywhere and leave gaps; values must be above 0. TooLittle with fewer than three.
    """
    for _, value in values:
        positive(value=value)
    if len(values) < ENOUGH_MONTHS:
        raise TooLittle(f"growth needs at least {ENOUGH_MONTHS} months")
    fitted = slope_of([(month, math.log(value)) for month, value in values])
    low, high = (fitted.value if end is None else end for end in (fitted.low, fitted.high))
    return Range(_share(fitted.value), _share(low), _share(high))


def months_to(factor: float, growth_per_month: float) -> float | None:
    """Months until something is `factor` times as large at a stated growth (0.2 = 20 % a month); None when never."""
    positive(factor=factor)
    if not (math.isfinite(growth_per_month) and growth_per_month > -1):
        raise OutOfRange(f"growth per month must be above -1 (0.2 is 20 %), not {growth_per_month}")
    if factor <= 1:
        return 0.0
    return _never_beyond(math.log(factor) / math.log1p(growth_per_month)) if growth_per_month > 0 else None


def grown(value: float, growth_per_month: float, months: float) -> float:
    """What a value becomes after so many months of compounding growth."""
    not_negative(value=value, months=months)
    positive(factor_of_a_month=1 + growth_per_month)
    try:
        return counted(value * (1 + growth_per_month) ** months)
    except OverflowError:
        return counted(math.inf)


def rows_per_day(units: float, runs_per_day: float, rows_each: float) -> float:
    """Rows that pile up in a day: so many units fetched so often, each time so many rows.

    The arithmetic of METHOD O23 and X4. The model takes `table.<name>.rows_per_day` as one input instead, measured or
    stated, because three rates in one document are how the audit came to contradict itself.
    """
    not_negative(units=units, runs_per_day=runs_per_day, rows_each=rows_each)
    return counted(units * runs_per_day * rows_each)


def per_month(per_day: float) -> float:
    """A daily amount over a month of 30 days (METHOD O23); the model dates thresholds in days and needs no month."""
    return counted(per_day * MONTH_DAYS)


def _share(log_slope: float) -> float:
    """The share grown in a month from the slope of the logarithms; more than a number can hold is refused."""
    return math.expm1(log_slope) if log_slope < 700 else counted(math.inf)


def _never_beyond(days: float) -> float | None:
    """A time too long to be counted is never."""
    return days if math.isfinite(days) else None
