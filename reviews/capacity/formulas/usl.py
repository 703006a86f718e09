"""The universal scalability law: throughput against concurrency, its peak, and where it is silent.

X(N) = gamma N / (1 + sigma (N - 1) + kappa N (N - 1)); N_max = sqrt((1 - sigma) / kappa); without kappa it has no peak
and approaches gamma / sigma. Source: N. J. Gunther, Guerrilla Capacity Planning (2007), ch. 4-6; the fits of the R
package usl and of usl4j are the oracles. Assumes steady state at each point, one hardware and one mix. Points at low N
alone give any peak (56 instead of 36 from the first eight of 32), so at least six over a wide range are asked for, and
nothing is said beyond twice the largest N observed.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reviews.capacity.formulas.ranges import Range
from reviews.capacity.formulas.sane import OutOfRange, TooLittle, counted, positive
from reviews.capacity.formulas.student import two_sided

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENOUGH_POINTS = 6  # at different N: usl4j's README and Gunther, as in METHOD 2.A
APART = 1.1  # two levels of load differ by a tenth at least: in flight, no two runs have exactly the same
WIDE = 4.0  # largest N over smallest: two doublings, below which contention and coherency look alike
BEYOND = 2.0  # times the largest N observed
EXACT = {"ftol": 1e-14, "xtol": 1e-14, "gtol": 1e-14}  # the default stops at six digits
NOTHING = 1e-3  # of the denominator at the largest N: so little coherency delay cannot be told from none


@dataclass(frozen=True)
class Fit:
    """The fitted law. `gamma` is the throughput of one, `sigma` contention, `kappa` coherency delay (0: none seen).

    `largest` is the largest N observed; `explained` the share of the variance of X that the law explains (R squared);
    the covariance is that of the fitted parameters, in their order.
    """

    gamma: float
    sigma: float
    kappa: float
    largest: float
    points: int
    explained: float
    covariance: tuple[tuple[float, ...], ...]

    @property
    def reach(self) -> float:
        """The largest N about which the fit says anything."""
        return BEYOND * self.largest

    @property
    def ceiling(self) -> float | None:
        """gamma / sigma, which throughput approaches without reaching it: only without coherency delay."""
        return counted(self.gamma / self.sigma) if self.kappa == 0 and self.sigma > 0 else None

    @property
    def peak(self) -> float | None:
        """N_max, beyond which more makes it slower; None when there is none within reach."""
        found = math.sqrt((1 - self.sigma) / self.kappa) if self.kappa > 0 else math.inf
        return max(1.0, found) if found <= self.reach else None

    @property
    def most(self) -> Range[float] | None:
        """The highest throughput, at the peak, with its 95 % interval; None when the peak is not within reach."""
        return None if self.peak is None else self.throughput(self.peak)

    @cached_property
    def peak_between(self) -> tuple[float, float | None] | None:
        """The 95 % interval of N_max; its upper end None when it lies beyond reach. None without a peak above 1."""
        if self.peak is None or self.peak <= 1:
            return None
        spread = math.exp(min(700.0, self._margin((0.0, -1 / (2 * (1 - self.sigma)), -1 / (2 * self.kappa)))))
        high = self.peak * spread
        return self.peak / spread, high if high <= self.reach else None

    def throughput(self, n: float) -> Range[float]:
        """X(N) with the 95 % interval of the fitted curve there; TooLittle beyond reach."""
        positive(n=n)
        if n > self.reach:
            raise TooLittle(
                f"N = {n:g} lies beyond twice the largest measured ({self.largest:g}): load it that far and measure"
            )
        value = law(n, self.gamma, self.sigma, self.kappa)
        under = self.gamma * n / value
        slope = (value / self.gamma, -value * (n - 1) / under, -value * n * (n - 1) / under)
        margin = self._margin(slope)
        return Range(value, max(0.0, value - margin), value + margin)

    def _margin(self, slope: tuple[float, float, float]) -> float:
        """Half of the 95 % interval of something with these derivatives by the parameters (delta method)."""
        free = len(self.covariance)
        variance = sum(slope[i] * slope[j] * self.covariance[i][j] for i in range(free) for j in range(free))
        return two_sided(self.points - free) * math.sqrt(max(0.0, variance))


def law(n: Any, gamma: float, sigma: float, kappa: float) -> Any:
    """X(N), of a number or of an array of them."""
    return gamma * n / (1 + sigma * (n - 1) + kappa * n * (n - 1))


def fit(points: Sequence[tuple[float, float]]) -> Fit:
    """The law through (N, X), X in any unit per time; TooLittle when the points do not carry a fit."""
    import numpy as np

    _carry(points)
    n, x = np.array(sorted(points), dtype=float).T
    (gamma, sigma, kappa), covariance = _fitted(n, x, 3)
    largest = float(n[-1])
    if kappa * largest * (largest - 1) < NOTHING * (1 + sigma * (largest - 1)):
        (gamma, sigma), covariance = _fitted(n, x, 2)
        kappa = 0.0
    if not np.isfinite(covariance).all():
        raise TooLittle("these points fit many curves alike: measure at more levels of load")
    rows = tuple(tuple(float(cell) for cell in row) for row in covariance)
    missed, spread = np.sum((x - law(n, gamma, sigma, kappa)) ** 2), np.sum((x - np.mean(x)) ** 2)
    explained = float(1 - missed / spread) if spread > 0 else 0.0
    return Fit(float(gamma), float(sigma), float(kappa), largest, len(points), explained, rows)


def levels(amounts: Iterable[float]) -> int:
    """Different levels of load among them: each a tenth above the one before."""
    count, last = 0, 0.0
    for amount in sorted(amounts):
        if amount >= last * APART:
            count, last = count + 1, amount
    return count


def _carry(points: Sequence[tuple[float, float]]) -> None:
    for n, x in points:
        positive(concurrency=n, throughput=x)
        if n < 1:
            raise OutOfRange(f"concurrency must be at least 1, not {n}")
    steps = {n for n, _ in points}
    if (found := levels(steps)) < ENOUGH_POINTS:
        raise TooLittle(f"{found} levels of load were measured: a fit needs {ENOUGH_POINTS}, over a wide range")
    if max(steps) < WIDE * min(steps):
        raise TooLittle(
            f"load was measured from {min(steps):g} to {max(steps):g}: measure up to {WIDE * min(steps):g} at least"
        )


def _fitted(n: "NDArray[Any]", x: "NDArray[Any]", parameters: int) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """Least squares over gamma, sigma and (with three parameters) kappa, scaled so that a step is a step in each."""
    import numpy as np
    from scipy.optimize import curve_fit

    one, last = float(np.max(x / n)), float(n[-1])
    scale = np.array([one, 1.0, 1.0 / last**2])[:parameters]

    def scaled(at: "NDArray[Any]", *values: float) -> Any:
        return law(at, *[*list(values * scale), 0.0][:3])

    start = np.array([1.0, 0.05, 0.5])[:parameters]
    bounds = ([1e-9, 0.0, 0.0][:parameters], [np.inf, 1.0, np.inf][:parameters])
    try:
        values, covariance = curve_fit(scaled, n, x, p0=start, bounds=bounds, max_nfev=5000, **EXACT)
    except RuntimeError:
        raise TooLittle("no curve of this law fits these points: measure each level again, in steady state") from None
    return values * scale, covariance * np.outer(scale, scale)
