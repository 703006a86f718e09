"""Erlang B and C: how long one waits for a slot of a pool or for a worker (M/M/c).

B_k = a B_{k-1} / (k + a B_{k-1}); C = B / (1 - rho + rho B); W_q = C S / (c - a); P(W > t) = C exp(-(c - a) t / S).
Source: A. K. Erlang 1917; Gross and Harris, Fundamentals of Queueing Theory, 2.3; worked examples in the tests.
Assumes Poisson arrivals, exponential hold times, a queue without limit, nobody who gives up. Bursts and heavy tails
wait longer (`uneven` scales the mean), retries feed the rate, cron herds need the simulation. At rho >= 1 there is no
wait time: the answer is how fast the backlog grows.
"""

import math
from dataclasses import dataclass

from reviews.capacity.formulas.drain import Growing
from reviews.capacity.formulas.little import in_flight
from reviews.capacity.formulas.sane import OutOfRange, counted, not_negative, positive, share, whole

MOST = 1_000_000  # servers; the recursion takes a step for each


@dataclass(frozen=True, slots=True)
class Waits:
    """Waiting for one of `c` servers.

    `utilisation` is rho; `probability` that one waits at all; `mean` wait of everyone in seconds; `scale` is
    S / (c - a), the mean wait in seconds of those who wait.
    """

    utilisation: float
    probability: float
    mean: float
    scale: float

    def longer_than(self, seconds: float) -> float:
        """The share that waits longer than this: C x exp(-(c - a) t / S).

        The service level of METHOD O2 and O3, which proves `probability` and `scale`; pages print `percentile`.
        """
        not_negative(seconds=seconds)
        return self.probability * math.exp(-seconds / self.scale)

    def percentile(self, part: float = 0.95) -> float:
        """Seconds that `part` of all wait at most; 0 when fewer than the rest wait at all."""
        share(part=part)
        rest = 1 - part
        if rest <= 0:
            raise OutOfRange("the longest wait has no bound: ask for a part below 1")
        return self.scale * math.log(self.probability / rest) if self.probability > rest else 0.0


def erlang_b(load: float, servers: int) -> float:
    """Share of arrivals that find all servers busy when nobody waits; `load` in erlang (rate x hold)."""
    not_negative(load=load)
    _few(servers)
    blocked = 1.0
    for k in range(1, int(servers) + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Share of arrivals that wait; 1 when the load is not below the servers."""
    if load >= servers:
        not_negative(load=load)
        _few(servers)
        return 1.0
    return _waiting(erlang_b(load, servers), load / servers)


def waits(rate: float, hold: float, servers: int) -> Waits | Growing:
    """Waiting at `rate` arrivals per second, each holding one of `servers` for `hold` seconds on average."""
    load = in_flight(rate, hold)
    positive(hold=hold)
    _few(servers)
    if load >= servers:
        return Growing(max(0.0, rate - servers / hold))
    probability, scale = erlang_c(load, servers), counted(hold / (servers - load))
    return Waits(load / servers, probability, probability * scale, scale)


def mean_wait(rate: float, hold: float, servers: float) -> float | None:
    """Mean wait in seconds, None when the backlog grows without an end: for ranges."""
    whole(servers=servers)
    answer = waits(rate, hold, int(servers))
    return answer.mean if isinstance(answer, Waits) else None


def servers_for_probability(rate: float, hold: float, at_most: float) -> int:
    """The fewest servers at which at most this share of arrivals waits."""
    share(at_most=at_most)
    load = in_flight(rate, hold)
    positive(hold=hold)
    blocked = 1.0
    for servers in range(1, MOST + 1):  # B goes on from step to step
        blocked = load * blocked / (servers + load * blocked)
        if load < servers and _waiting(blocked, load / servers) <= at_most:
            return servers
    raise OutOfRange(f"more than {MOST:,} servers would be needed: check the units of rate and hold time")


def uneven(mean: float, arrivals_cv2: float, hold_cv2: float) -> float:
    """Mean wait when arrivals or hold times are not exponential: W_q (C_a^2 + C_s^2) / 2.

    The two are squared coefficients of variation (variance over squared mean): 1 is exponential, 0 all the same. Allen
    and Cunneen's approximation (A. O. Allen, Probability, Statistics and Queueing Theory, 1990); exact for one server
    with Poisson arrivals (Pollaczek and Khinchine).
    """
    not_negative(mean=mean, arrivals_cv2=arrivals_cv2, hold_cv2=hold_cv2)
    return counted(mean * (arrivals_cv2 + hold_cv2) / 2)


def _waiting(blocked: float, utilisation: float) -> float:
    return blocked / (1 - utilisation + utilisation * blocked)


def _few(servers: int) -> None:
    whole(servers=servers)
    if servers > MOST:
        raise OutOfRange(f"servers must be at most {MOST:,}: split the load into groups")
