"""Where a value stands on an axis, linear or logarithmic, and the round numbers that are written beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

ROUND = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """From the values `low` to `high` to the places `start` to `end`; what lies outside stands at the nearer end.

    `log`: equal factors are equally far apart; both ends must then be above 0.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """The place of `value`."""
        value = min(max(value, self.low), self.high)
        if self.high <= self.low:
            return self.start
        share = (
            math.log(value / self.low) / math.log(self.high / self.low)
            if self.log
            else (value - self.low) / (self.high - self.low)
        )
        return self.start + share * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Whether `value` lies between the ends, so that its place is its own."""
        return self.low <= value <= self.high

    def ticks(self, count: int = 5) -> list[float]:
        """Round numbers between the ends: about `count` on a linear scale, 1-2-5 or decades on a logarithmic one."""
        return _decades(self.low, self.high, count) if self.log else _steps(self.low, self.high, count)


def reaching(values: Iterable[float], *, room: float = 1.08) -> float:
    """The upper end of an axis from 0 that holds all `values` with a little room above; 1 when there are none."""
    return max((value for value in values if math.isfinite(value)), default=0.0) * room or 1.0


def _steps(low: float, high: float, count: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten (Heckbert, Nice numbers for graph labels, 1990)."""
    if not high > low:
        return [low]
    rough = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(factor for factor in ROUND if factor * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 12) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _decades(low: float, high: float, count: int) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [factor * 10.0**power for power in powers for factor in ROUND[:3] if low <= factor * 10.0**power <= high]
    coarse = [10.0**power for power in powers if low <= 10.0**power <= high]
    return fine if len(fine) <= count * 1.8 or len(coarse) < 2 else coarse[:: max(1, math.ceil(len(coarse) / count))]
