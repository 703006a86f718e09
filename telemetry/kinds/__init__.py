"""Every kind of evidence and the unit of each of its metrics.

A parser emits only what stands here and a rule may only need what stands here; the conformance tests hold both to it.
Units: "1" is a count, "share" lies in 0..1, times are ms, s or us as named, sizes are bytes or 8 kB blocks.
"""

from telemetry.kinds import http, platform, postgres, queues, redis, repository

Units = dict[str, str]

KINDS: dict[str, Units] = {
    **postgres.KINDS,
    **redis.KINDS,
    **queues.KINDS,
    **http.KINDS,
    **platform.KINDS,
    **repository.KINDS,
}


def unit_of(kind: str, metric: str) -> str:
    """Unit of a metric; KeyError when the vocabulary does not hold it."""
    return KINDS[kind][metric]
