"""Sizing a database pool, and putting every size back through Little's law before it is recommended.

start = 2 cores + effective spindles; deadlock-free minimum = threads (connections - 1) + 1; a fleet must fit:
sum of instances x pool <= max_connections - reserved. Source: HikariCP wiki, "About Pool Sizing", after the PostgreSQL
wiki. The start is the number of *active* statements a server does well; many more clients may wait in front of a
transaction pooler. It is to be load-tested; I/O-bound mixes and long transactions need others.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from reviews.capacity.formulas.little import in_flight, longest_hold, most_per_second, pool_for
from reviews.capacity.formulas.sane import not_negative, positive, whole


@dataclass(frozen=True, slots=True)
class PutBack:
    """A pool size under the load it is meant for.

    `carries`: the load stays below every slot. `most_per_s` and `longest_hold` are what the size carries at 100 % and
    at the target utilisation; `needed` the size for the target.
    """

    size: int
    utilisation: float
    carries: bool
    most_per_s: float
    most_per_s_at_target: float
    longest_hold: float
    longest_hold_at_target: float
    needed: int


@dataclass(frozen=True, slots=True)
class Fleet:
    """All pools of a fleet against one server. `spare` is below zero by so many connections when it does not fit."""

    connections: int
    allowed: int

    @property
    def spare(self) -> int:
        return self.allowed - self.connections

    @property
    def fits(self) -> bool:
        return self.spare >= 0


def start_size(cores: int, spindles: int = 1) -> int:
    """Connections to begin a load test with: 2 x cores + effective spindles.

    Hyper-threads are no cores; spindles are 0 when everything is cached, and 1 for one disk.
    """
    whole(cores=cores)
    not_negative(spindles=spindles)
    return 2 * int(cores) + int(spindles)


def deadlock_free(threads: int, connections_each: int) -> int:
    """The smallest pool that cannot lock up when each of `threads` holds `connections_each` at once."""
    whole(threads=threads, connections_each=connections_each)
    return threads * (connections_each - 1) + 1


def put_back(size: int, rate: float, hold: float, utilisation: float = 0.8) -> PutBack:
    """A size under `rate` per second held `hold` seconds each; no size is recommended without it."""
    whole(size=size)
    positive(rate=rate, hold=hold)
    busy = in_flight(rate, hold) / size
    return PutBack(
        size,
        busy,
        busy < 1,
        most_per_second(size, hold),
        most_per_second(size, hold, utilisation),
        longest_hold(size, rate),
        longest_hold(size, rate, utilisation),
        pool_for(rate, hold, utilisation),
    )


def recommended(rate: float, hold: float, utilisation: float = 0.8) -> PutBack:
    """The size for a load at a target utilisation, already put back."""
    return put_back(pool_for(rate, hold, utilisation), rate, hold, utilisation)


def fleet(pools: Iterable[tuple[int, int]], max_connections: int, reserved: int) -> Fleet:
    """(instances, pool of each) of everything that connects, against `max_connections` less the reserved ones."""
    not_negative(max_connections=max_connections, reserved=reserved)
    rows = list(pools)
    for instances, pool in rows:
        not_negative(instances=instances, pool=pool)
    return Fleet(sum(instances * pool for instances, pool in rows), max(0, max_connections - reserved))


def largest_pool(instances: int, max_connections: int, reserved: int) -> int:
    """Connections each of so many equal instances may open; 0 when there are more instances than connections."""
    whole(instances=instances)
    not_negative(max_connections=max_connections, reserved=reserved)
    return math.floor(max(0, max_connections - reserved) / instances)
