"""The cache does not absorb the reads."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.managed import KIND, SERVICE, as_managed, named
from telemetry.rules.numbers import Told, shown, wilson_lower
from telemetry.rules.redis_use import CACHE_LOOKUPS, latest_servers, queue_names, queue_witness, recent, redis_subject

POOR = 0.5
FEW_LOOKUPS = 100
LOOKUPS_PER_S = 1.0  # less is nobody's cache, whatever it finds
WARM_S = 3_600.0  # from an empty start on; a minute's look-ups of a busy site are many, and mostly misses
POINTS = 6  # half an hour of a managed service
BESIDE_A_QUEUE = "look-ups by prefix: a queue reads this Redis too, so the rate is not the cache's"


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Only a rate that is free of scans and of a queue's own look-ups says something about the cache.

    The rate between two INFO decides where there is one: the days before it are over. Few look-ups are a cache that is
    not warm yet, unless what they put in expired before anyone asked again.
    """
    for row in latest_servers(evidence):
        told_by = recent(evidence, row, "hit_share")
        if told_by.metrics.get("lookups", 0.0) < CACHE_LOOKUPS:
            told_by = row
        if told_by.metrics.get("lookups", 0.0) < CACHE_LOOKUPS and not _forgets(told_by):
            yield CannotTell("an INFO with at least 10,000 look-ups since the server started")
        elif told_by is row and row.metrics.get("uptime_s", WARM_S) < WARM_S and not _forgets(row):
            yield CannotTell("an INFO an hour after the start or later: a cache that was just started is empty")
        elif "hit_share" not in told_by.metrics:
            yield CannotTell("INFO everything: without commandstats the hits of scans cannot be taken out")
        elif told_by.metrics["hit_share"] < threshold.value:
            if queue_witness(evidence, row):
                yield CannotTell(BESIDE_A_QUEUE)
                continue
            told = Told()
            said = (
                f"Redis finds {told(told_by, 'hit_share')} of {told(told_by, 'lookups')} look-ups (limit "
                f"{shown(threshold.value, 'share')}); the others go to the database."
            )
            told.also(told_by, "keyspace_hits", "keyspace_misses", "expired_keys", "evicted_keys", "evicted_per_min")
            poor = told_by.metrics["hit_share"] < POOR
            yield Hit(
                subject=redis_subject(evidence, row),
                title="The cache misses too often",
                said=said,
                cites=told.cites,
                limit=threshold.value,
                breach=poor,
            )
    yield from _managed(evidence, threshold)


def _managed(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A managed cache tells its rate, and how many look-ups that is of only where they were asked for, too."""
    lookups = _lookups(evidence)
    rows = sorted(evidence.having(SERVICE, "hit_share"), key=lambda row: -row.metrics["hit_share"])
    for row in {row.subject: row for row in rows}.values():  # the lowest of each
        if row.metrics["hit_share"] >= threshold.value:
            continue
        if queue_names(evidence):
            yield CannotTell(BESIDE_A_QUEUE)
        elif row.metrics.get("points", 0.0) < POINTS or (lookups is not None and lookups < CACHE_LOOKUPS):
            yield CannotTell("CacheHits and CacheMisses of a day with at least 10,000 look-ups")
        else:
            told = Told()
            said = f"{row.subject} finds {told(row, 'hit_share')} of what it is asked for (limit "
            told.also(row, "points", "window_s")
            yield Hit(
                subject=as_managed(row),
                title="The cache misses too often",
                said=said + f"{shown(threshold.value, 'share')}); the rest goes to the database.",
                cites=told.cites,
                limit=threshold.value,
                breach=lookups is not None and row.metrics["hit_share"] < POOR,
            )


def _lookups(evidence: EvidenceSet) -> float | None:
    """Hits and misses of a managed cache, None where they were not asked for."""
    counted = [row for row in evidence.having(KIND, "sum") if named("CacheHits", "CacheMisses")(row)]
    return sum(row.metrics["sum"] for row in counted) if counted else None


def _forgets(row: Evidence) -> bool:
    """A hundred look-ups, one a second or more, mostly misses beyond chance, and half of these expired since."""
    numbers = row.metrics
    lookups = numbers.get("lookups", 0.0)
    misses = lookups * (1 - numbers.get("hit_share", 1.0))
    busy = lookups >= max(FEW_LOOKUPS, LOOKUPS_PER_S * numbers.get("window_s", float("inf")))
    return busy and wilson_lower(misses, lookups) > POOR and numbers.get("expired_keys", 0.0) >= misses / 2


RULE = Rule(
    id="RD006",
    slug="low-hit-rate",
    area="redis",
    mechanism="low-hit-rate",
    title="The cache misses too often",
    needs=(),
    needs_any=(("redis.server", "lookups"), (SERVICE, "hit_share")),
    threshold=Threshold(
        0.8,
        "share",
        "Below four hits of five, a cache adds a round trip to most reads that it was to save; below one of two it "
        "costs more than it gives. Over 10,000 look-ups, or 100 where half of what they missed and put in has expired.",
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
    references=(
        "Redis, INFO https://redis.io/docs/latest/commands/info/",
        "AWS, ElastiCache metrics https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html",
    ),
    check=check,
)
