"""What retries add to a load: attempts per call = 1 + p + p^2 ... + p^r.

A geometric sum; Google, Site Reliability Engineering, ch. 21-22 on why layers multiply. Assumes that attempts fail
independently of each other: in an outage p goes to 1 and every call makes r + 1. Load that makes attempts fail feeds
itself, which the simulation shows and this does not.
"""

from reviews.capacity.formulas.sane import counted, not_negative, share, whole


def attempts(failing: float, retries: int, layers: int = 1) -> float:
    """Attempts that reach the last layer for each call: `failing` is the share of attempts that fail.

    Each of `layers` retries on its own, so that they multiply; with one layer it is the plain sum.
    """
    share(failing=failing)
    not_negative(retries=retries)
    whole(layers=layers)
    once = retries + 1.0 if failing == 1 else (1 - failing ** (retries + 1)) / (1 - failing)
    try:
        return counted(once**layers)
    except OverflowError:
        return counted(float("inf"))


def attempts_per_second(rate: float, failing: float, retries: int, layers: int = 1) -> float:
    """The load in attempts per second behind `rate` calls per second."""
    not_negative(rate=rate)
    return counted(rate * attempts(failing, retries, layers))


def gives_up(failing: float, retries: int) -> float:
    """Share of calls that fail after all retries."""
    share(failing=failing)
    not_negative(retries=retries)
    return failing ** (retries + 1)
