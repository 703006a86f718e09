"""Events inside the server stop it for longer than a request may take."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

SPIKES = 3
# What each event of the latency monitor says in words.
EVENTS = {
    "command": "slow commands",
    "fast-command": "commands that are quick elsewhere",
    "expire-cycle": "expiring many keys at once",
    "eviction-cycle": "evicting keys",
    "eviction-del": "deleting evicted keys",
    "expire-del": "deleting expired keys",
    "active-defrag-cycle": "defragmenting memory",
    "rdb-unlink-temp-file": "removing a snapshot file",
    "unnamed event": "an event",
}


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Once may be a night long ago: the newest spike, or three of them, must be over the limit."""
    for row in worst_each(evidence.of("redis.latency"), "max_ms"):
        if row.subject not in EVENTS or row.metrics["max_ms"] <= threshold.value:
            continue
        if row.metrics.get("last_ms", 0.0) > threshold.value or row.metrics.get("spikes", 0.0) >= SPIKES:
            yield _hit(row, threshold.value)
        else:
            yield CannotTell(f"LATENCY HISTORY {row.subject}: whether the spike was the only one")


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"Redis stood still for {told(row, 'max_ms')} (limit {shown(limit, 'ms')}) because of {EVENTS[row.subject]} "
        f"({row.subject} of its latency monitor)"
    )
    if "spikes" in row.metrics:
        said += f"; spikes kept: {told(row, 'spikes')}"
    told.also(row, "last_ms", "avg_ms")
    return Hit(
        subject=Subject("command", row.subject),
        title=f"Redis stalls ({row.subject})",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=True,
        shared=True,
    )


RULE = Rule(
    id="RD025",
    slug="latency-spikes",
    area="redis",
    mechanism="blocking-command",
    title="Redis stalls again and again",
    needs=(("redis.latency", "max_ms"),),
    threshold=Threshold(
        100,
        "ms",
        "A tenth of a second in which no client gets an answer; Redis' own monitor is usually set to that.",
        "Redis, Latency monitoring (latency-monitor-threshold 100)",
    ),
    degradation=0.3,
    why="Redis stops for a moment that every page feels, because they all ask it. The moments come again and grow with "
    "the data.",
    fix=(
        "Read LATENCY DOCTOR, which says for each event what to change.",
        "command: find it in the slow log, and ask for less at once.",
        "expire-cycle: spread the times to live by a random part, so that keys do not end together.",
        "eviction: leave room below maxmemory, and set lazyfree-lazy-eviction and lazyfree-lazy-expire.",
    ),
    first_slice=FirstSlice("Name the cause of the largest event and mend it", 4),
    effort=Effort(0.25, 1, 2),
    removes=0.7,
    verify="LATENCY RESET, then LATENCY LATEST after a business peak shows nothing above 100 ms.",
    rollback="CONFIG SET takes the settings back.",
    references=(
        "Redis, Latency monitoring "
        "https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor/",
    ),
    check=check,
)
