"""Work that must be done within a cycle: seconds = jobs x S / slots against the cycle.

Flow balance with the slots always busy (utilisation law, Denning and Buzen 1978): a lower bound. The last round may
leave slots idle, and jobs that wait on a third party hold theirs. At a ratio of 1 cycles begin to overlap. Slots are
counted whole, but the middle of a range of them need not be.
"""

from reviews.capacity.formulas.little import most_per_second, pool_for
from reviews.capacity.formulas.operational import used as share_used
from reviews.capacity.formulas.sane import counted, not_negative, positive


def duration(jobs: float, hold: float, slots: float) -> float:
    """Seconds that so many jobs of `hold` seconds take, `slots` side by side."""
    not_negative(jobs=jobs, hold=hold)
    positive(slots=slots)
    return counted(jobs * hold / slots)


def used(jobs: float, hold: float, slots: float, cycle: float) -> float:
    """Share of the cycle that the work takes; 1 and more overlaps with the next."""
    return share_used(duration(jobs, hold, slots), cycle)


def most_jobs(hold: float, slots: float, cycle: float, utilisation: float = 1.0) -> float:
    """Jobs at which the cycle is filled to `utilisation`: where it breaks, at 1."""
    positive(cycle=cycle)
    return counted(most_per_second(slots, hold, utilisation) * cycle)


def slots_for(jobs: float, hold: float, cycle: float, utilisation: float = 1.0) -> int:
    """Slots that do the work within the cycle, filled to `utilisation`."""
    positive(cycle=cycle)
    return pool_for(jobs / cycle, hold, utilisation)


def over(count: float, cycle: float, window: float) -> float:
    """What `count` in every cycle makes in a window: 5 calls in 300 s are 60 in an hour. The other way round too."""
    not_negative(count=count)
    positive(cycle=cycle, window=window)
    return counted(count * window / cycle)
