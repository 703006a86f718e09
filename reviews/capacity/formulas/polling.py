"""Work that is found by looking: what arrives between two looks waits for the next one.

Arrivals at random see the interval at a random point (PASTA, Wolff 1982): the wait until the next look is uniform
between nothing and the whole interval, so its mean is half of it. Arrivals that follow the looks' own rhythm do not.
What the work then waits for a free worker comes on top.
"""

from reviews.capacity.formulas.sane import counted, positive


def mean_wait(interval: float) -> float:
    """Seconds that work waits on average until the next look."""
    return longest_wait(interval) / 2


def longest_wait(interval: float) -> float:
    """Seconds that work waits when it arrives just after a look."""
    positive(interval=interval)
    return counted(interval)
