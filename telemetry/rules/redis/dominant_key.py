"""One key holds a large part of all memory, or is asked for ten times as often as any other."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.redis_use import is_queue_key, only_server
from telemetry.rules.shapes import first_of

# The counter of use grows by the logarithm: 255 are a million uses and more, 142 are a hundred thousand (Redis, LFU).
MOST_USED, TENTH_OF_IT = 250.0, 142.0
WORTH_BYTES = 50 * 1024 * 1024  # a server with less is nearly empty, and every share in it is large


def _by_use(evidence: EvidenceSet, _: Threshold) -> Iterator[Hit]:
    """The most used pattern, where every other one has a tenth of its uses at most."""
    rows = worst_each(evidence.of("redis.pattern"), "use_max")
    if len(rows) < 2 or rows[0].metrics["use_max"] < MOST_USED or rows[1].metrics["use_max"] > TENTH_OF_IT:
        return
    told, row = Told(), rows[0]
    said = (
        f"Redis counts {told(row, 'use_max')} for the use of one key of {row.subject} (limit {shown(MOST_USED, '1')}) "
        f"and {told(rows[1], 'use_max')} for the next one; the counter goes by the logarithm, so this is ten times as "
        "much and more."
    )
    yield Hit(
        subject=Subject("key pattern", row.subject),
        title=f"{row.subject} is asked for most",
        said=said,
        cites=told.cites,
        limit=MOST_USED,
    )


def _by_memory(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A key that holds a quarter of the memory also gets its traffic, and no second server can take half of it."""
    server = only_server(evidence)
    used = server.metrics.get("used_memory") if server else None
    for row in worst_each(evidence.of("redis.pattern"), "bytes_max"):
        large = row.metrics["bytes_max"] > WORTH_BYTES * threshold.value and not is_queue_key(row.subject)
        if large and (server is None or used is None):
            yield CannotTell("INFO of the Redis that was scanned (one server): its memory as a whole")
        elif large and server and used and used > WORTH_BYTES and row.metrics["bytes_max"] > threshold.value * used:
            told = Told()
            limit = threshold.value * used
            said = (
                f"One key of {row.subject} holds {told(row, 'bytes_max')} (limit {shown(limit, 'bytes')}) of "
                f"{told(server, 'used_memory')}; what it serves cannot be spread over a second server."
            )
            yield Hit(
                subject=Subject("key pattern", row.subject),
                title=f"{row.subject} carries much of Redis",
                said=said,
                cites=told.cites,
                limit=limit,
                utilisation=min(1.0, row.metrics["bytes_max"] / used),
            )


RULE = Rule(
    id="RD021",
    slug="dominant-key",
    area="redis",
    mechanism="hot-key",
    title="One key carries much of Redis",
    needs=(),
    needs_any=(("redis.pattern", "bytes_max"), ("redis.pattern", "use_max")),
    threshold=Threshold(
        0.25,
        "share",
        "A quarter of the memory in one key: it cannot be split over servers, and it is moved, copied and freed whole. "
        "By use: a million (counter 250) where the next key has a tenth.",
        "House limit; Redis, cluster specification (a key lives in one slot), and the table of the LFU counter",
    ),
    degradation=0.3,
    why="A large part of the store hangs on one single entry. A second server cannot take any of it over, so growth "
    "ends at what one machine can do.",
    fix=(
        "Find what the key is for, and how it is read: whole, or by element.",
        "Split it by a part of the id into sixteen or more keys, so that each can live elsewhere.",
        "Keep a copy of what is read most in the application's memory for a second.",
    ),
    first_slice=FirstSlice("Write new elements to split keys and read both", 6),
    effort=Effort(0.5, 1.5, 3),
    removes=0.8,
    verify="No key holds more than a tenth of used_memory in the next --memkeys.",
    rollback="Read and write the one key again; the split ones expire.",
    references=(
        "Redis, Cluster specification https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/",
    ),
    check=first_of(_by_memory, _by_use),
)
