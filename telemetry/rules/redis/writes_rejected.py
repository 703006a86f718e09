"""Redis refused writes because its memory was full."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.redis_use import (
    latest_servers,
    may_be_over,
    over_or_not,
    queue_names,
    queue_witness,
    recent,
    redis_subject,
)
from telemetry.rules.reported import NEED, Reported


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Counted by the server itself; evicted_keys stays 0 while this happens. Between two INFO only what came
    after the first counts.
    """
    for row in latest_servers(evidence):
        counted = recent(evidence, row, "oom_errors")
        if counted.metrics.get("oom_errors", 0.0) <= threshold.value:
            continue
        if may_be_over(row, counted, row.metrics.get("memory_share")):
            yield over_or_not(row, "refused writes")
            continue
        told, witness = Told(), queue_witness(evidence, row)
        said = f"Redis refused {told(counted, 'oom_errors')} writes because its memory was full (limit none)"
        if "memory_share" in row.metrics:
            said += f"; it is at {told(row, 'memory_share')} of maxmemory"
        if witness is not None:
            said += ", and jobs of a queue live in it"
            told.also(*witness)
        yield Hit(
            subject=redis_subject(evidence, row),
            title="Redis refuses writes",
            said=said + ".",
            cites=told.cites,
            limit=threshold.value,
            breach=True,
            queues=queue_names(evidence) if witness else (),
            shared=True,
            degradation=1.0 if witness else None,
        )


RULE = Rule(
    id="RD003",
    slug="writes-rejected",
    area="redis",
    mechanism="writes-rejected",
    title="Redis refuses writes",
    needs=(),
    needs_any=(("redis.server", "oom_errors"), NEED),
    threshold=Threshold(
        0,
        "1",
        "Each refused write is an error in the application; no healthy server counts any.",
        "Redis, errorstat_OOM of INFO errorstats",
    ),
    degradation=0.6,
    why="Redis is full and says no to every new write. Whatever was to be stored, a cart, a session or a job, failed "
    "at that moment.",
    fix=(
        "Free memory now: expire the largest prefix, or raise maxmemory within the machine's memory.",
        "Separate cache (allkeys-lru) from durable keys (noeviction).",
        "Handle the error OOM in the application: log it, and do without the cache.",
        "Alert at 80 % of maxmemory.",
    ),
    first_slice=FirstSlice("Free a quarter of the memory by expiring the largest prefix", 3),
    effort=Effort(0.5, 1, 2),
    removes=0.9,
    verify="errorstat_OOM does not rise between two INFO files a day apart.",
    rollback="Set maxmemory back with CONFIG SET.",
    references=("Redis, Key eviction https://redis.io/docs/latest/develop/reference/eviction/",),
    check=Reported(
        check=check,
        witnesses=(("redis.server", "oom_errors"),),
        cause="redis_full",
        subject=Subject("server", "redis"),
        title="Redis refuses writes",
        said="Redis refused to store something because its memory was full",
    ),
)
