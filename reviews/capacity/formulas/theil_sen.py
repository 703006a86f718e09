"""The median of all slopes between pairs of points, with a bootstrap interval: a line that outliers do not bend.

Source: Theil 1950, Sen 1968; bootstrap of pairs with the percentile interval, Efron and Tibshirani 1993. Breaks down
when 29 % of the points are wild. Points of a time series depend on each other, so that the interval is rather too
narrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reviews.capacity.formulas.sane import OutOfRange, TooLittle

RESAMPLES = 400
MOST = 60  # points; more are thinned evenly, since the pairs grow with the square
SEED = 20_260  # any number: the same points always give the same interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Slope:
    """Units of y for one of x; the ends hold 95 % of the resamples, None with fewer than three points."""

    value: float
    low: float | None
    high: float | None


def slope_of(points: Sequence[tuple[float, float]]) -> Slope:
    """The slope through (x, y); TooLittle when all have one x."""
    import numpy as np  # here, not above: it costs a web process a quarter of a second to load

    if len(points) < 2:
        raise TooLittle("a slope needs at least two points at different times")
    xy = np.array(_thinned(sorted(points)), dtype=float)
    if not np.isfinite(xy).all():
        raise OutOfRange("a point is not a number")
    first, second = np.triu_indices(len(xy), 1)
    value = float(_medians(xy, first[None, :], second[None, :])[0])
    if np.isnan(value):
        raise TooLittle("a slope needs at least two points at different times")
    if np.isinf(value):
        raise OutOfRange("points lie too close in time for their values: no slope can be counted")
    if len(xy) < 3:
        return Slope(value, None, None)
    draws = np.random.default_rng(SEED).integers(0, len(xy), (RESAMPLES, len(xy)))
    medians = _medians(xy, draws[:, first], draws[:, second])
    low, high = np.percentile(medians[np.isfinite(medians)], [2.5, 97.5])
    return Slope(value, min(float(low), value), max(float(high), value))


def _medians(xy: "Matrix", first: "Matrix", second: "Matrix") -> "Matrix":
    """The median slope of each row of pairs; pairs at one time have none, a row of only such gives NaN."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slopes = (xy[second, 1] - xy[first, 1]) / (xy[second, 0] - xy[first, 0])
    slopes[xy[second, 0] == xy[first, 0]] = np.nan
    slopes.sort(axis=1)  # NaN last
    known = (~np.isnan(slopes)).sum(axis=1)
    row = np.arange(len(slopes))
    with np.errstate(invalid="ignore"):
        medians: Matrix = (slopes[row, np.maximum(known - 1, 0) // 2] + slopes[row, known // 2]) / 2
    return medians


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most MOST of the points, evenly, the first and the last among them."""
    if len(points) <= MOST:
        return points
    step = (len(points) - 1) / (MOST - 1)
    return [points[round(i * step)] for i in range(MOST)]
