"""The cache does not absorb the reads."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.redis_use import CACHE_LOOKUPS, latest_servers, queue_witness, recent, redis_subject

POOR = 0.5


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Only a rate that is free of scans and of a queue's own look-ups says something about the cache.

    The rate between two INFO decides where there is one: the days before it are over.
    """
    for row in latest_servers(evidence):
        told_by = recent(evidence, row, "hit_share")
        if told_by.metrics.get("lookups", 0.0) < CACHE_LOOKUPS:
            told_by = row
        if told_by.metrics.get("lookups", 0.0) < CACHE_LOOKUPS:
            yield CannotTell("an INFO with at least 10,000 look-ups since the server started")
        elif "hit_share" not in told_by.metrics:
            yield CannotTell("INFO everything: without commandstats the hits of scans cannot be taken out")
        elif told_by.metrics["hit_share"] < threshold.value:
            if queue_witness(evidence, row):
                yield CannotTell("look-ups by prefix: a queue reads this Redis too, so the rate is not the cache's")
                continue
            told = Told()
            said = (
                f"Redis finds {told(told_by, 'hit_share')} of {told(told_by, 'lookups')} look-ups (limit "
                f"{shown(threshold.value, 'share')}); the others go to the database."
            )
            told.also(told_by, "keyspace_hits", "keyspace_misses", "evicted_keys", "evicted_per_min")
            poor = told_by.metrics["hit_share"] < POOR
            yield Hit(
                subject=redis_subject(evidence, row),
                title="The cache misses too often",
                said=said,
                cites=told.cites,
                limit=threshold.value,
                breach=poor,
            )


RULE = Rule(
    id="RD006",
    slug="low-hit-rate",
    area="redis",
    mechanism="low-hit-rate",
    title="The cache misses too often",
    needs=(("redis.server", "lookups"),),
    threshold=Threshold(
        0.8,
        "share",
        "Below four hits of five, a cache adds a round trip to most reads that it was to save; below one of two it "
        "costs more than it gives.",
        "Amazon ElastiCache, CacheHitRate (keys are missing or evicted below about 0.8)",
    ),
    degradation=0.3,
    why="The cache should take most of the reads off the database. It finds too little, so the database carries the "
    "load that you pay the cache for.",
    fix=(
        "Count hits and misses by prefix in the application for a day.",
        "Look at what is cached: keys that are too exact (per visitor, per time) are never asked for twice.",
        "Raise the time to live where the data allows, and warm the keys after each release.",
        "If keys are evicted before they are read, set expiries on the others or add memory.",
    ),
    first_slice=FirstSlice("Count hits and misses by prefix", 4),
    effort=Effort(0.5, 1.5, 3),
    removes=0.7,
    verify="The hit rate between two INFO files of the same day exceeds 80 %.",
    rollback="Revert key and expiry; a cache holds nothing that cannot be read again.",
    references=("Redis, INFO https://redis.io/docs/latest/commands/info/",),
    check=check,
)
