"""One Redis without a replica holds what exists nowhere else."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.redis_use import latest_servers, queue_names, queue_witness

DAY_S = 86_400
ENOUGH_KEYS = 1_000
MANAGED = frozenset({"elasticache", "memorydb", "upstash"})  # their replicas do not always show in INFO


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """In real use only: a queue, a day of uptime and a thousand keys. A cache that is lost can be filled again.

    A server that writes every change to disk starts with its jobs again: it makes them late, and loses none.
    """
    for row in latest_servers(evidence):
        witness = queue_witness(evidence, row)
        if witness is None or row.attrs.get("role") not in (None, "master") or row.attrs.get("server") in MANAGED:
            continue
        if row.metrics.get("aof_enabled", 0.0) > 0:
            continue
        used = row.metrics.get("uptime_s", 0.0) >= DAY_S and row.metrics.get("keys", 0.0) >= ENOUGH_KEYS
        if used and row.metrics.get("connected_replicas", 1.0) <= threshold.value:
            yield _hit(evidence, row, witness)


def _hit(evidence: EvidenceSet, row: Evidence, witness: tuple[Evidence, str]) -> Hit:
    told = Told()
    said = (
        f"The Redis that holds the queue has {told(row, 'connected_replicas')} replicas (limit at least one) and "
        f"{told(row, 'keys')} keys; while it is down no job is taken or done."
    )
    told.also(*witness)
    told.also(row, "uptime_s")
    return Hit(
        subject=Subject("component", "redis"),
        title="The queue hangs on one Redis",
        said=said,
        cites=told.cites,
        limit=1,
        queues=queue_names(evidence),
        shared=True,
    )


RULE = Rule(
    id="PL037",
    slug="single-redis",
    area="platform",
    mechanism="single-point-of-failure",
    title="The queue hangs on one Redis",
    needs=(("redis.server", "connected_replicas"),),
    threshold=Threshold(
        0,
        "1",
        "A queue that cannot be reached stops what depends on it; one replica and a fail-over end that within seconds.",
        "Redis, High availability with Sentinel",
    ),
    degradation=0.6,
    why="If this one machine ends, orders are no longer worked on, and jobs of the last moments are gone. Nothing "
    "takes "
    "over.",
    fix=(
        "Start a replica on another machine, and a fail-over (Sentinel, or the provider's).",
        "Let the clients reconnect by name and not by address.",
        "Try it: end the first server on a quiet day and watch the workers.",
    ),
    first_slice=FirstSlice("Start a replica and check that it is in step", 4),
    effort=Effort(0.5, 1.5, 3),
    removes=0.8,
    verify="After the first server is ended on purpose, jobs go on within a minute.",
    rollback="Remove the replica; the first server is not changed.",
    references=(
        "Redis, High availability with Sentinel "
        "https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/",
    ),
    check=check,
)
