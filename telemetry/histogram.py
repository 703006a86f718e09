"""Percentiles of a stream in little memory, never more than one percent off.

Buckets grow by a constant factor, as in DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile
sketch with relative-error guarantees", VLDB 2019): with growth g the answer is within (g - 1) / (g + 1) of the truth.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

GROWTH = 1.02  # (1.02 - 1) / (1.02 + 1) = 0.99 %
ZERO = -(10**9)
_LOG = math.log(GROWTH)


def bucket_of(value: float) -> int:
    """The bucket of a value; zero and below have one of their own."""
    return math.ceil(math.log(value) / _LOG) if value > 0 else ZERO


def value_of(bucket: int) -> float:
    """The value that stands for a bucket: at most one percent from everything in it."""
    return 0.0 if bucket == ZERO else 2 * GROWTH**bucket / (GROWTH + 1)


class Histogram:
    """Counts by bucket."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()

    def add(self, buckets: Iterable[int]) -> None:
        """Count values by their `bucket_of`."""
        self.counts.update(buckets)

    def merge(self, other: "Histogram") -> None:
        """Count everything the other counted."""
        self.counts.update(other.counts)

    def quantile(self, share: float) -> float:
        """The smallest value that at least this share of all values does not exceed (nearest rank); 0 when empty."""
        return quantile_of(self.counts, share)


def quantile_of(counts: Mapping[int, int], share: float) -> float:
    """`Histogram.quantile` of counts by bucket, in whatever unit the values had."""
    rank = math.ceil(share * sum(counts.values()))
    for bucket in sorted(counts):
        rank -= counts[bucket]
        if rank <= 0:
            return value_of(bucket)
    return 0.0
