"""Cache and queue share one Redis, one memory and one policy."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.redis_use import evicts, latest_servers, queue_names, queue_witness, redis_subject

_CACHE_COMMANDS = frozenset({"get", "mget", "setex", "psetex", "getex"})


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """A queue beside the traffic of a cache: no policy is right for both."""
    for row in latest_servers(evidence):
        witness = queue_witness(evidence, row)
        if witness is None:
            continue
        reads = [one for one in evidence.having("redis.command", "calls") if _is_cache_read(one, row)]
        calls = sum(one.metrics["calls"] for one in reads)
        if reads and calls > threshold.value and (evicts(row) or row.metrics.get("keys_with_expiry", 0.0) > 0):
            yield _hit(evidence, row, max(reads, key=lambda one: one.metrics["calls"]), witness, threshold.value)


def _is_cache_read(command: Evidence, row: Evidence) -> bool:
    return command.file == row.file and command.subject in _CACHE_COMMANDS


def _hit(evidence: EvidenceSet, row: Evidence, reads: Evidence, witness: tuple[Evidence, str], limit: float) -> Hit:
    told = Told()
    said = (
        f"The Redis that holds a queue also answered {told(reads, 'calls')} {reads.subject.upper()} calls of a cache; "
    )
    said += "its policy may drop jobs." if evicts(row) else "when the cache fills it, the queue cannot take jobs."
    told.also(*witness)
    told.also(row, "evicted_keys", "memory_share", "keys_with_expiry")
    return Hit(
        subject=redis_subject(evidence, row),
        title="Cache and queue share one Redis",
        said=said,
        cites=told.cites,
        limit=limit,
        utilisation=row.metrics.get("memory_share"),
        queues=queue_names(evidence),
        shared=True,
    )


RULE = Rule(
    id="RD009",
    slug="mixed-namespaces",
    area="redis",
    mechanism="mixed-namespaces",
    title="Cache and queue share one Redis",
    needs=(("redis.server", "keys"), ("redis.command", "calls")),
    threshold=Threshold(
        1_000,
        "1",
        "A queue needs noeviction, a cache needs eviction; a thousand cache reads show that both live here.",
        "House limit; Redis, Key eviction (separate instances for cache and persistent keys)",
    ),
    degradation=0.6,
    why="Throw-away copies and orders in progress share one memory. When it is full, either the orders are thrown away "
    "with the copies, or nothing can be stored at all.",
    fix=(
        "Start a second Redis for queues, locks and sessions: noeviction, append-only file.",
        "Point the workers and producers to it, drain the old queue, then switch.",
        "Keep allkeys-lru and no persistence for the cache.",
    ),
    first_slice=FirstSlice("Start the second Redis and move one queue", 6),
    effort=Effort(0.5, 1, 2),
    removes=0.9,
    verify="INFO commandstats of the queue's Redis shows no GET or SETEX of the cache.",
    rollback="Point the producers back to the old address.",
    references=("Redis, Key eviction https://redis.io/docs/latest/develop/reference/eviction/",),
    check=check,
)
