"""Redis: memory and its growth, clients, how busy its one thread is, and what happens at its limit."""

import math
from collections.abc import Iterator

from reviews.capacity.formulas.operational import busy
from reviews.capacity.gather.base import computed, derived, longest, measured, most, watched
from reviews.capacity.inputs import Input
from reviews.capacity.systems import IN_REDIS
from telemetry.evidence import Evidence, EvidenceSet

PLAIN = (
    ("redis.used_memory", "used_memory"),
    ("redis.peak_memory", "peak_memory"),
    ("redis.clients", "connected_clients"),
    ("redis.maxclients", "maxclients"),
    ("redis.evicted_per_min", "evicted_per_min"),
    ("redis.hit_share", "hit_share"),
    ("redis.no_expiry_share", "no_expiry_share"),
)
NO_EVICTION = "noeviction"


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """Of several servers the one that uses the most memory: the first to be full."""
    server = most(evidence.of("redis.server"), "used_memory")
    if server is None:
        return
    for key, metric in PLAIN:
        yield from measured(key, server, metric)
    yield from _limit(evidence, server)
    yield from _policy(evidence, server)
    yield from _growth(evidence)
    yield from _busy(evidence, server)


def _limit(evidence: EvidenceSet, server: Evidence) -> Iterator[Input]:
    """`maxmemory` 0 is no limit at all, so there is no number."""
    settings = most(evidence.of("redis.config"), "maxmemory")
    for row in (server, settings):
        if row is not None and row.metrics.get("maxmemory", 0.0) > 0:
            yield from measured("redis.maxmemory", row, "maxmemory")
            return


def _policy(evidence: EvidenceSet, server: Evidence) -> Iterator[Input]:
    policy = server.attrs.get("policy")
    if policy:
        evicts = float(policy != NO_EVICTION)
        yield from derived("redis.evicts", evicts, f"maxmemory-policy is {policy}", server, "maxmemory")
    queues = sorted(
        (row for row in evidence.of("queue.counts") if row.attrs.get("system") in IN_REDIS),
        key=lambda row: (row.file, row.subject),
    )
    if queues:
        metric = next(iter(sorted(queues[0].metrics)), "")
        words = f"{queues[0].attrs['system']} keeps its jobs in Redis"
        yield from derived("redis.holds_jobs", 1.0, words, queues[0], metric)


def _growth(evidence: EvidenceSet) -> Iterator[Input]:
    row = longest(evidence.having("redis.change", "used_memory_change"), "used_memory_change")
    if row is not None and row.metrics["window_s"] > 0 and row.metrics["used_memory_change"] > 0:
        rate = row.metrics["used_memory_change"] / row.metrics["window_s"]
        yield from watched("redis.growth_bytes_per_s", row)
        yield from derived(
            "redis.growth_bytes_per_s", rate, "growth between the two INFO ÷ time", row, "used_memory_change"
        )


def _busy(evidence: EvidenceSet, server: Evidence) -> Iterator[Input]:
    """Time of all commands over the time the server ran: commands run one after the other in one thread."""
    rows = [row for row in evidence.having("redis.command", "time_us") if row.file == server.file]
    uptime = server.metrics.get("uptime_s", 0.0)
    largest = most(rows, "time_us")
    if largest is not None and uptime > 0:
        spent = math.fsum(row.metrics["time_us"] for row in rows) / 1e6
        words = "time of all commands ÷ time since the start"
        yield from computed("redis.busy", lambda: busy(spent, uptime), words, largest, "time_us")
