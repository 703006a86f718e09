"""A Redis that holds a queue may drop, or has dropped, its keys."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.managed import SERVICE, as_managed
from telemetry.rules.numbers import Told, worst_each
from telemetry.rules.redis_use import evicts, latest_servers, policy, queue_names, queue_witness, redis_subject

SNIPPET = (
    "# redis.conf of the instance that holds queues, locks and sessions\nmaxmemory-policy noeviction\n"
    "appendonly yes\nappendfsync everysec"
)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Evictions in a pure cache are its normal work; beside a queue they take jobs."""
    for row in latest_servers(evidence):
        witness = queue_witness(evidence, row)
        if witness is None or "evicted_keys" not in row.metrics:
            continue
        lost = row.metrics.get("evicted_keys", 0.0) > threshold.value
        if not lost and not policy(row):
            yield CannotTell("maxmemory_policy of the Redis that holds the queue (INFO memory)")
        if policy(row) and not evicts(row):
            if lost:  # under a policy that has been changed since
                yield CannotTell("a second INFO: keys were evicted since the start, and the policy forbids it now")
            continue
        if not lost and not evicts(row):
            continue
        told = Told()
        said = f"Redis evicted {told(row, 'evicted_keys')} keys (limit none for a queue)"
        said += f" under the policy {policy(row)}" if policy(row) else ""
        said += ", and jobs of a queue live in it."
        told.also(*witness)
        told.also(row, "memory_share", "used_memory")
        yield Hit(
            subject=redis_subject(evidence, row),
            title="Queue keys were evicted" if lost else "Queue keys can be evicted",
            said=said,
            cites=told.cites,
            limit=threshold.value,
            breach=lost,
            utilisation=None if lost else row.metrics.get("memory_share"),
            queues=queue_names(evidence),
            shared=True,
            snippet=SNIPPET,
        )
    if not evidence.of("redis.server"):
        yield from _by_configuration(evidence, threshold)
        yield from _managed(evidence, threshold)


def _managed(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Evictions that the provider counts; where queues live in a Redis and one alone was sent, in that one."""
    rows = worst_each(evidence.of(SERVICE), "evicted_keys")
    queues = queue_names(evidence)
    for row in rows:
        if row.metrics["evicted_keys"] <= threshold.value:
            continue
        if not queues:
            yield CannotTell(f"queue counts, or INFO everything: whether jobs, sessions or locks live in {row.subject}")
        elif len(rows) > 1:
            yield CannotTell(f"INFO everything of {row.subject}: whether it is the one that holds the queue")
        else:
            told = Told()
            said = f"{row.subject} evicted {told(row, 'evicted_keys')} keys (limit none for a queue), and jobs of a "
            told.also(row, "memory_share", "points", "window_s")
            yield Hit(
                subject=as_managed(row),
                title="Queue keys were evicted",
                said=said + "queue live in a Redis.",
                cites=told.cites,
                limit=threshold.value,
                breach=True,
                queues=queues,
                shared=True,
            )


def _by_configuration(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """CONFIG GET without an INFO: a limit, a policy that evicts, and a queue that lives in a Redis."""
    rows = list(evidence.having("redis.config", "maxmemory"))
    queues = queue_names(evidence)
    if len(rows) != 1 or not queues or not evicts(rows[0]) or rows[0].metrics["maxmemory"] <= threshold.value:
        return
    told = Told()
    said = (
        f"Above {told(rows[0], 'maxmemory')} this Redis drops keys (limit none for a queue; policy {policy(rows[0])}), "
        "and jobs of a queue live in a Redis."
    )
    yield Hit(
        subject=Subject("server", "redis"),
        title="Queue keys can be evicted",
        said=said,
        cites=told.cites,
        limit=threshold.value,
        queues=queues,
        shared=True,
        snippet=SNIPPET,
    )


RULE = Rule(
    id="RD002",
    slug="eviction-of-durable-keys",
    area="redis",
    mechanism="eviction-of-durable-keys",
    title="Queue keys can be evicted",
    needs=(),
    needs_any=(("redis.server", "evicted_keys"), ("redis.config", "maxmemory"), (SERVICE, "evicted_keys")),
    threshold=Threshold(
        0,
        "1",
        "A job that is evicted is lost without an error; BullMQ requires the policy noeviction.",
        "BullMQ, Going to production (maxmemory-policy)",
    ),
    degradation=1.0,
    why="When memory is full, Redis throws away keys to make room, and some of them are jobs: confirmation mails, "
    "webhooks, payments that are never processed and never reported.",
    fix=(
        "Give the queue a Redis of its own with maxmemory-policy noeviction.",
        "Until then set noeviction here and an expiry on all cached keys, so that the cache cannot fill it.",
        "Alert at 80 % of its memory, since under noeviction a full Redis refuses writes.",
        "Compare orders with jobs done for the days of evictions, and repeat what is missing.",
    ),
    first_slice=FirstSlice("Move the queue to a second Redis with noeviction", 6),
    effort=Effort(0.5, 1, 2),
    removes=0.95,
    verify="INFO of the queue's Redis shows maxmemory_policy:noeviction and evicted_keys:0.",
    rollback="Point the workers back to the old address after it is drained.",
    references=(
        "BullMQ, Going to production https://docs.bullmq.io/guide/going-to-production",
        "Redis, Key eviction https://redis.io/docs/latest/develop/reference/eviction/",
    ),
    check=check,
)
