"""When something that grows reaches a threshold: t = (T - y0) / b on a line, t = ln(T / y0) / ln(1 + g) compounding.

The rate comes from snapshots (Theil and Sen's slope, of the logarithms when it compounds) or is stated. Assumes that
the regime goes on: backfills, purges and seasons break it. So the answer is a range; less than 14 days or three
snapshots give a rate but no trend, which is said. `reach` puts a trend and a threshold together.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reviews.capacity.formulas.sane import OutOfRange, TooLittle, counted, not_negative, positive
from reviews.capacity.formulas.theil_sen import slope_of

ENOUGH_DAYS, ENOUGH_SNAPSHOTS = 14.0, 3
MONTH_DAYS = 30.0


@dataclass(frozen=True, slots=True)
class Trend:
    """A rate of growth from snapshots.

    `rate`: units a day, or of a compounding one the share it grows by in a day (0.01 = 1 %); the ends None when two
    snapshots give none. `last` is the newest value, `span` the days between the first and the last snapshot.
    """

    compounding: bool
    rate: float
    low: float | None
    high: float | None
    last: float
    span: float
    snapshots: int

    @property
    def rough(self) -> str:
        """Why this is a rate and no trend; "" when it is one."""
        few = self.snapshots < ENOUGH_SNAPSHOTS or self.span < ENOUGH_DAYS
        return f"{self.snapshots} snapshots over {self.span:.3g} days are a rate, not a trend" if few else ""

    def days_to(self, threshold: float, rate: float) -> float | None:
        """Days from the last snapshot at a given rate; 0 when already there, None when never."""
        if self.last >= threshold:
            return 0.0
        if rate <= 0 or (self.compounding and self.last <= 0):
            return None
        if self.compounding:
            return _never_beyond(math.log(threshold / self.last) / math.log1p(rate))
        return _never_beyond((threshold - self.last) / rate)


def linear(snapshots: Sequence[tuple[float, float]]) -> Trend:
    """The trend of (day, value) on a line; days may start anywhere."""
    return _trend(snapshots, compounding=False)


def exponential(snapshots: Sequence[tuple[float, float]]) -> Trend:
    """The trend of (day, value) that compounds; all values above 0."""
    for _, value in snapshots:
        positive(value=value)
    return _trend(snapshots, compounding=True)


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
    """Rows that pile up in a day: so many units fetched so often, each time so many rows."""
    not_negative(units=units, runs_per_day=runs_per_day, rows_each=rows_each)
    return counted(units * runs_per_day * rows_each)


def per_month(per_day: float) -> float:
    """A daily amount over a month of 30 days."""
    return counted(per_day * MONTH_DAYS)


def _trend(snapshots: Sequence[tuple[float, float]], *, compounding: bool) -> Trend:
    rows = sorted(snapshots)
    if len(rows) < 2:
        raise TooLittle("growth needs at least two snapshots at different times, better eight over two weeks")
    fitted = slope_of([(day, math.log(value)) for day, value in rows] if compounding else rows)
    ends = (fitted.value, fitted.low, fitted.high)
    rate, low, high = (_daily(end) for end in ends) if compounding else ends
    return Trend(compounding, rate or 0.0, low, high, rows[-1][1], rows[-1][0] - rows[0][0], len(rows))


def _daily(log_slope: float | None) -> float | None:
    """The share grown in a day from the slope of the logarithms; more than a number can hold is refused."""
    if log_slope is None:
        return None
    return math.expm1(log_slope) if log_slope < 700 else counted(math.inf)


def _never_beyond(days: float) -> float | None:
    """A time too long to be counted is never."""
    return days if math.isfinite(days) else None
