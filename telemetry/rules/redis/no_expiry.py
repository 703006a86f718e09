"""Keys of a cache without a time to live fill it."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.redis_use import evicts, latest_servers, policy, queue_keys, queue_witness, redis_subject

ENOUGH_KEYS = 1_000
NEAR_LIMIT = 0.8


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """A cache that is full or filling, most of whose keys would stay for ever; jobs of a queue are not its fault."""
    for row in latest_servers(evidence):
        if row.metrics.get("no_expiry_share", 0.0) <= threshold.value or row.metrics.get("keys", 0.0) < ENOUGH_KEYS:
            continue
        if _is_cache(row) and _is_filling(row) and _cache_share(evidence, row) > threshold.value:
            yield _hit(evidence, row, threshold.value)


def _is_cache(row: Evidence) -> bool:
    """Allowed to evict, or with some keys that expire: a plain store has neither."""
    return evicts(row) or row.metrics.get("keys_with_expiry", 0.0) > 0


def _is_filling(row: Evidence) -> bool:
    numbers = row.metrics
    lost = numbers.get("evicted_keys", 0.0) > 0 or numbers.get("oom_errors", 0.0) > 0
    return lost or numbers.get("memory_share", 0.0) > NEAR_LIMIT


def _cache_share(evidence: EvidenceSet, row: Evidence) -> float:
    """Share of keys without expiry, the queue's own jobs taken out of it.

    Where any key may be evicted the jobs were thinned out like the rest: as many of them are left, as a share, as of
    all keys. A volatile policy never drops a key without expiry.
    """
    keys = row.metrics["keys"]
    jobs = min(queue_keys(evidence), keys) if queue_witness(evidence, row) else 0.0
    if policy(row).startswith("allkeys"):
        jobs *= keys / (keys + row.metrics.get("evicted_keys", 0.0))
    lasting = row.metrics["no_expiry_share"] * keys
    return max(0.0, lasting - jobs) / max(1.0, keys - jobs)


def _hit(evidence: EvidenceSet, row: Evidence, limit: float) -> Hit:
    told, lost = Told(), row.metrics.get("evicted_keys", 0.0) > 0
    said = (
        f"{told(row, 'no_expiry_share')} of {told(row, 'keys')} keys have no time to live (limit "
        f"{shown(limit, 'share')})"
    )
    if "memory_share" in row.metrics:
        said += f"; memory is at {told(row, 'memory_share')} of its limit"
    said += f" and {told(row, 'evicted_keys')} keys were evicted to make room." if lost else "."
    told.also(row, "keys_with_expiry", "used_memory", "oom_errors")
    return Hit(
        subject=redis_subject(evidence, row),
        title="Cached keys never expire",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=lost,
        utilisation=None if lost else row.metrics.get("memory_share"),
        shared=True,
        snippet="# count keys without expiry by prefix, from a sample\nredis-cli --scan --pattern 'cache:*' | head "
        "-1000 | "
        'while read -r key; do\n  [ "$(redis-cli ttl "$key")" = -1 ] && echo "${key%:*}"; done | sort | uniq -c',
    )


RULE = Rule(
    id="RD001",
    slug="no-expiry",
    area="redis",
    mechanism="no-expiry",
    title="Cached keys never expire",
    needs=(("redis.server", "no_expiry_share"), ("redis.server", "keys")),
    threshold=Threshold(
        0.5,
        "share",
        "In a cache every key has a time to live; when more than half have none and memory is full or filling, it "
        "grows with everything anyone ever looked at.",
        "Upstash, best practices for Redis (a TTL on every key)",
    ),
    degradation=0.3,
    why="The cache keeps everything it ever saw. When it is full it throws away what is in use, and every page pays "
    "for it with a trip to the database.",
    fix=(
        "Find the prefixes without a time to live with a sampled scan.",
        "Set a time to live wherever the application writes them, with some random spread.",
        "Give the existing keys one in batches (SCAN and EXPIRE), outside the peak.",
        "Add a test that no cache write goes without expiry.",
    ),
    first_slice=FirstSlice("Set a time to live on the largest prefix", 4),
    effort=Effort(0.5, 1, 2),
    removes=0.9,
    verify="Keys without expiry fall below a tenth in the next INFO, and evictions stop.",
    rollback="PERSIST on a key, or the old write call; nothing is lost but cached copies.",
    references=("Redis, Key eviction https://redis.io/docs/latest/develop/reference/eviction/",),
    check=check,
)
