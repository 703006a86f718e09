"""Sizing a database pool, and putting every size back through Little's law before it is recommended.

start = 2 cores + effective spindles; deadlock-free minimum = threads (connections - 1) + 1; a fleet must fit:
instances x pool of each <= max_connections - reserved. Source: HikariCP wiki, "About Pool Sizing", after the PostgreSQL
wiki. The start is the number of *active* statements a server does well; many more clients may wait in front of a
transaction pooler. It is to be load-tested; I/O-bound mixes and long transactions need others.
"""

import math
from dataclasses import dataclass

from reviews.capacity.formulas.little import longest_hold, most_per_second, pool_for
from reviews.capacity.formulas.operational import utilisation as busy_share
from reviews.capacity.formulas.sane import counted, not_negative, positive, whole


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


def start_size(cores: int, spindles: int = 1) -> int:
    """Connections to begin a load test with: 2 x cores + effective spindles.

    Hyper-threads are no cores; spindles are 0 when everything is cached, and 1 for one disk.
    """
    whole(cores=cores)
    not_negative(spindles=spindles)
    return 2 * int(cores) + int(spindles)


def deadlock_free(threads: int, connections_each: int) -> int:
    """The smallest pool that cannot lock up when each of `threads` holds `connections_each` at once.

    T x (C - 1) + 1 (HikariCP wiki, METHOD O12). No export says how many connections one thread holds, so that nothing
    printed calls it; it stands here with its worked cases for a consultant who knows.
    """
    whole(threads=threads, connections_each=connections_each)
    return threads * (connections_each - 1) + 1


def put_back(size: int, rate: float, hold: float, utilisation: float = 0.8) -> PutBack:
    """A size under `rate` per second held `hold` seconds each; no size is recommended without it."""
    whole(size=size)
    positive(rate=rate, hold=hold)
    busy = busy_share(rate, hold, size)
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


def opened(instances: float, pool_each: float) -> float:
    """Connections that so many processes, or instances of a function, open when each fills a pool of its own."""
    not_negative(instances=instances, pool_each=pool_each)
    return counted(instances * pool_each)


def allowed(max_connections: float, reserved: float) -> float:
    """Connections that a server leaves to applications: a fleet fits when what it opens is not more."""
    not_negative(max_connections=max_connections, reserved=reserved)
    return max(0.0, max_connections - reserved)


def largest_pool(instances: float, connections: float) -> int:
    """Connections each of so many equal processes may open to share so many; 0 when there are more processes."""
    positive(instances=instances)
    not_negative(connections=connections)
    return math.floor(counted(connections / instances) * (1 + 1e-12))
