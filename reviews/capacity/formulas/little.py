"""Little's law, N = lambda R: from a rate and the time something is held to how many are held at once.

Source: J. D. C. Little, "A proof for the queuing formula L = lambda W", Operations Research 9 (1961).
Assumes a stationary window and the same boundary for all three; speaks of means only, never of a p95. Size on the peak
rate (p99 of one-minute rates), not on the daily mean; a hold time measured without the wait for the pool is too short.
"""

from reviews.capacity.formulas.sane import counted, enough, not_negative, positive, target

DAY_S = 86_400


def in_flight(rate: float, hold: float) -> float:
    """N = lambda R: how many are held at once, of `rate` per second each held for `hold` seconds."""
    not_negative(rate=rate, hold=hold)
    return counted(rate * hold)


def pool_for(rate: float, hold: float, utilisation: float = 1.0) -> int:
    """Slots that carry `rate` per second at `hold` seconds each, filled to `utilisation`: N / utilisation, rounded up.

    At utilisation 1 it is the bound itself, where waiting has no end: choose less (0.8) for a pool that is to be built.
    """
    return slots_for(in_flight(rate, hold), utilisation)


def slots_for(held: float, utilisation: float = 1.0) -> int:
    """Slots for so many that are held at once, filled to `utilisation`."""
    not_negative(held=held)
    target(utilisation=utilisation)
    return enough(held / utilisation)


def most_per_second(slots: float, hold: float, utilisation: float = 1.0) -> float:
    """The rate that `slots` carry when each is held for `hold` seconds and they are filled to `utilisation`."""
    positive(slots=slots, hold=hold)
    target(utilisation=utilisation)
    return counted(slots * utilisation / hold)


def longest_hold(slots: float, rate: float, utilisation: float = 1.0) -> float:
    """Seconds that one may hold a slot so that `slots` still carry `rate` per second at `utilisation`."""
    positive(slots=slots, rate=rate)
    target(utilisation=utilisation)
    return counted(slots * utilisation / rate)


def peak_factor(peak: float, mean: float) -> float:
    """Peak rate over mean rate, in any one unit; at least 1, or the two were not measured over the same window."""
    positive(peak=peak, mean=mean)
    return counted(peak / mean)
