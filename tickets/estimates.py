"""Three-point estimates and their totals.

Mean and deviation of one estimate are those of PERT: (low + 4 likely + high) / 6 and (high - low) / 6. Estimates of one
team err together, so totals assume a correlation of 0.5 between them; independent ones would look far too certain.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

CORRELATION = 0.5
# 80 % quantile of the standard normal distribution
Z80 = 0.8416212335729143


@dataclass(frozen=True, slots=True)
class Estimate:
    """Low, likely and high, in whatever unit the caller keeps to (here engineer-days or hours)."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.likely <= self.high:
            raise ValueError(f"An estimate must rise from low to high: {self.low}, {self.likely}, {self.high}")

    @property
    def mean(self) -> float:
        """Expected size."""
        return (self.low + 4 * self.likely + self.high) / 6

    @property
    def deviation(self) -> float:
        """Standard deviation."""
        return (self.high - self.low) / 6

    def times(self, factor: float) -> "Estimate":
        """The same estimate for `factor` times the work."""
        return Estimate(self.low * factor, self.likely * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of estimates: expected size, deviation, and the sizes it stays under in 50 % and 80 % of cases."""

    mean: float
    deviation: float
    p50: float
    p80: float


def total(estimates: Sequence[Estimate], correlation: float = CORRELATION) -> Total:
    """Sum of estimates whose errors correlate; the sum is taken as normal, which holds from a few estimates on."""
    mean = sum(estimate.mean for estimate in estimates)
    squares = sum(estimate.deviation**2 for estimate in estimates)
    plain = sum(estimate.deviation for estimate in estimates)
    # (sum)^2 = squares + 2 * cross products
    deviation = math.sqrt(max(0.0, squares + correlation * (plain**2 - squares)))
    return Total(mean, deviation, mean, mean + Z80 * deviation)
