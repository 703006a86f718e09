"""Sessions, locks or counters live in a Redis that drops keys."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, worst_each
from telemetry.rules.redis_use import evicts, only_server, policy, recent

NEAR_LIMIT = 0.8
# Words of a key's name for what cannot be read again from anywhere else.
_DURABLE = re.compile(
    r"(?:^|[:._-])(?:sess|session|sessions|lock|locks|mutex|redlock|idempotency|cart|carts|otp|nonce|ratelimit|"
    r"rate-limit|rate_limit)(?:[:._-]|\Z)"
)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A full server that evicts takes them like any copy; a volatile policy only those with a time to live."""
    rows = [row for row in worst_each(evidence.of("redis.pattern"), "keys") if _DURABLE.search(row.subject)]
    server = only_server(evidence)
    for row in rows:
        if server is None or not policy(server):
            yield CannotTell("INFO of this Redis (one server): its policy and evicted_keys")
            continue
        evicted = recent(evidence, server, "evicted_keys")
        lost = evicted.metrics.get("evicted_keys", 0.0) > threshold.value
        full = server.metrics.get("memory_share", 0.0) > NEAR_LIMIT
        if evicts(server) and not _is_spared(server, row) and (lost or full):
            yield _hit(row, server, evicted, lost, threshold.value)


def _is_spared(server: Evidence, row: Evidence) -> bool:
    return policy(server).startswith("volatile") and row.metrics.get("no_expiry", 0.0) >= row.metrics["keys"]


def _hit(row: Evidence, server: Evidence, evicted: Evidence, lost: bool, limit: float) -> Hit:
    told = Told()
    if lost:
        said = f"Redis evicted {told(evicted, 'evicted_keys')} keys (limit none where {row.subject} lives)"
    else:
        said = f"Redis is at {told(server, 'memory_share')} of its memory"
    said += f" under the policy {policy(server)}, and {told(row, 'keys')} keys of {row.subject} may be among the next."
    return Hit(
        subject=Subject("key pattern", row.subject),
        title=f"{row.subject} can be evicted",
        said=said,
        cites=told.cites,
        limit=limit if lost else NEAR_LIMIT,
        breach=lost,
        utilisation=None if lost else min(1.0, server.metrics["memory_share"]),
        snippet="# redis.conf of the instance that holds sessions and locks\nmaxmemory-policy noeviction",
    )


RULE = Rule(
    id="RD023",
    slug="eviction-of-sessions",
    area="redis",
    mechanism="eviction-of-durable-keys",
    title="Sessions and locks can be evicted",
    needs=(("redis.pattern", "keys"),),
    threshold=Threshold(
        0,
        "1",
        "A session that is evicted signs a customer out; a lock that is evicted lets two workers in. What a key is for "
        "is told by its name.",
        "Redis, Key eviction (policies drop any key they cover)",
    ),
    degradation=0.6,
    why="When memory is full, Redis throws away sign-ins, carts and locks together with cached copies. People are "
    "signed out in the middle of an order, at the busiest hour.",
    fix=(
        "Give sessions, locks and counters a Redis of their own with maxmemory-policy noeviction.",
        "Set a time to live on them that fits their use, and alert at 80 % of its memory.",
        "Leave the cache where it is, with allkeys-lru.",
    ),
    first_slice=FirstSlice("Move sessions to a second Redis with noeviction", 6),
    effort=Effort(0.5, 1, 2),
    removes=0.9,
    verify="INFO of the Redis that holds them shows maxmemory_policy:noeviction and evicted_keys:0.",
    rollback="Point the application back to the old address; sessions are created anew.",
    references=("Redis, Key eviction https://redis.io/docs/latest/develop/reference/eviction/",),
    check=check,
)
