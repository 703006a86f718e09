"""When Redis is full, and what a backlog of jobs weighs.

t = (maxmemory - used) / net growth; net = writes x size - (expired + evicted) x size; jobs x bytes of a job.
Source: Redis documentation, "Key eviction" and INFO. Two INFO snapshots give the net growth; a sample of keys (SCAN and
MEMORY USAGE, at least 1,000 for a prefix) gives the share without expiry. Fragmentation (RSS above used) comes on top,
and a policy that evicts hides growth: read the policy before saying that data is lost.
"""

from reviews.capacity.formulas.sane import OutOfRange, counted, not_negative, positive
from telemetry.rules.numbers import wilson_lower


def net_growth(written: float, removed: float, size: float) -> float:
    """Bytes per second that stay: keys written less keys expired, evicted and deleted, of `size` bytes each."""
    not_negative(written=written, removed=removed, size=size)
    return counted((written - removed) * size)


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


def hit_share(hits: float, misses: float) -> float | None:
    """Share of lookups that found a key; None when there were none."""
    not_negative(hits=hits, misses=misses)
    return hits / (hits + misses) if hits + misses else None


def share_between(part: float, sampled: float) -> tuple[float, float]:
    """The 95 % Wilson interval of a share in a sample: keys without expiry among the keys looked at."""
    not_negative(part=part)
    positive(sampled=sampled)
    if part > sampled:
        raise OutOfRange("a part cannot be larger than the sample it is of")
    return wilson_lower(part, sampled), 1 - wilson_lower(sampled - part, sampled)
