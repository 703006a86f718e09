"""When Redis is full, and what a backlog of jobs weighs.

t = (maxmemory - used) / net growth; jobs x bytes of a job. Source: Redis documentation, "Key eviction" and INFO. Two
INFO snapshots give the net growth. Fragmentation (RSS above used) comes on top, and a policy that evicts hides growth:
read the policy before saying that data is lost.
"""

from reviews.capacity.formulas.sane import counted, not_negative, positive


def seconds_to_full(maxmemory: float, used: float, growth: float) -> float | None:
    """Seconds until memory is full at `growth` bytes per second; 0 when it is, None when it does not grow."""
    positive(maxmemory=maxmemory)
    not_negative(used=used)
    if used >= maxmemory:
        return 0.0
    return counted((maxmemory - used) / growth) if growth > 0 else None


def jobs_memory(jobs: float, bytes_each: float) -> float:
    """Bytes of so many waiting jobs. Give a range of sizes through `at_ends`: payloads differ tenfold."""
    not_negative(jobs=jobs, bytes_each=bytes_each)
    return counted(jobs * bytes_each)


def jobs_that_fit(free: float, bytes_each: float) -> float:
    """Jobs that fit into so many free bytes."""
    not_negative(free=free)
    positive(bytes_each=bytes_each)
    return counted(free / bytes_each)
