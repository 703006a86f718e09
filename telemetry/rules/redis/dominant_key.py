"""One key holds a large part of all memory."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.redis_use import is_queue_key, only_server

WORTH_BYTES = 50 * 1024 * 1024  # a server with less is nearly empty, and every share in it is large


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
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
    needs=(("redis.pattern", "bytes_max"),),
    threshold=Threshold(
        0.25,
        "share",
        "A quarter of the memory in one key: it cannot be split over servers, and it is moved, copied and freed whole.",
        "House limit; Redis, cluster specification (a key lives in one slot)",
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
    check=check,
)
