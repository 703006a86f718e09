"""Keys of one pattern stay for ever where others of the cache expire."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.redis_use import evicts, is_queue_key, only_server

ENOUGH_KEYS = 100
NEAR_LIMIT = 0.8
RELEVANT = 0.1  # of the keys that were looked at


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A pattern of which some keys expire was meant to expire; in a server that may evict, or fills, all of it was."""
    rows = worst_each(evidence.having("redis.pattern", "keys", "no_expiry"), "no_expiry")
    looked_at = sum(row.metrics["keys"] for row in rows)
    server = only_server(evidence)
    for row in rows:
        lasting, keys = row.metrics["no_expiry"], row.metrics["keys"]
        few = lasting < ENOUGH_KEYS or keys < RELEVANT * looked_at
        if few or lasting <= threshold.value * keys or is_queue_key(row.subject):
            continue
        if lasting < keys or (server and (evicts(server) or _fills(server))):
            yield _hit(row, server, threshold.value * keys)
        elif server is None:
            yield CannotTell(f"INFO of this Redis: whether {row.subject} is a cache or a store")


def _fills(server: Evidence) -> bool:
    full = server.metrics.get("memory_share", 0.0) > NEAR_LIMIT
    return full or server.metrics.get("oom_errors", 0.0) > 0 or server.metrics.get("evicted_keys", 0.0) > 0


def _hit(row: Evidence, server: Evidence | None, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, 'no_expiry')} of {told(row, 'keys')} keys of {row.subject} have no time to live (limit "
        f"{shown(limit, '1')})"
    )
    lost = server is not None and server.metrics.get("evicted_keys", 0.0) > 0
    if server and lost:
        said += f", and Redis evicted {told(server, 'evicted_keys')} keys to make room"
    if server:
        told.also(server, "memory_share")
    told.also(row, "bytes")
    return Hit(
        subject=Subject("key pattern", row.subject),
        title=f"{row.subject} never expires",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=lost,
        utilisation=server.metrics.get("memory_share") if server and not lost else None,
    )


RULE = Rule(
    id="RD022",
    slug="lasting-pattern",
    area="redis",
    mechanism="no-expiry",
    title="A key pattern never expires",
    needs=(("redis.pattern", "no_expiry"), ("redis.pattern", "keys")),
    threshold=Threshold(
        0.5,
        "share",
        "Where some keys of a pattern expire, all were meant to; more than half without an end is a path that forgot.",
        "House limit; Upstash, best practices for Redis (a TTL on every key)",
    ),
    degradation=0.3,
    why="One kind of entry is written without an end date. It grows with every visit and pushes out what is in use.",
    fix=(
        "Find the writers of the pattern: a SET or HSET without EX or EXPIRE, often in a second code path.",
        "Set a time to live in all of them, with some random spread.",
        "Give the existing keys one in batches (SCAN and EXPIRE), outside the peak.",
    ),
    first_slice=FirstSlice("Set a time to live in all writers of the pattern", 4),
    effort=Effort(0.25, 0.75, 1.5),
    removes=0.9,
    verify="In the next sample of keys fewer than a tenth of the pattern have no time to live.",
    rollback="PERSIST on a key, or the old write call; nothing is lost but cached copies.",
    references=("Redis, EXPIRE https://redis.io/docs/latest/commands/expire/",),
    check=check,
)
