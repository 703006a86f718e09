"""Memory grows from one INFO to the next and reaches its limit at a known time."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.redis_use import SETTLED_S, evicts, latest_servers, redis_subject

DAY_S = 86_400
AHEAD = 30  # growth is carried on for thirty times as long as it was seen, no further
WORTH = 0.2  # of the limit: an empty server that starts to fill says nothing yet


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A server that may evict fills up by design. A short look tells only of a limit that is near."""
    for row in latest_servers(evidence):
        used, most = row.metrics.get("used_memory"), row.metrics.get("maxmemory")
        change = _change(evidence, row)
        if change is None or not used or not most or evicts(row):
            continue
        grown, window = change.metrics["used_memory_change"], change.metrics["window_s"]
        if grown <= 0 or used >= most:
            continue
        left_s = (most - used) * window / grown
        if left_s > threshold.value * DAY_S:
            continue
        if window >= SETTLED_S and left_s <= AHEAD * window and used > WORTH * most:
            yield _hit(evidence, row, change, left_s / DAY_S, threshold.value)
        else:
            yield CannotTell(
                "two INFO of this Redis some days apart: the growth that was seen is too short to carry on"
            )


def _change(evidence: EvidenceSet, row: Evidence) -> Evidence | None:
    changes = evidence.having("redis.change", "used_memory_change", "window_s")
    return next((one for one in changes if one.file == row.file), None)


def _hit(evidence: EvidenceSet, row: Evidence, change: Evidence, days: float, limit_days: float) -> Hit:
    told = Told()
    limit = (row.metrics["maxmemory"] - row.metrics["used_memory"]) * change.metrics["window_s"] / limit_days / DAY_S
    said = (
        f"Redis grew by {told(change, 'used_memory_change')} in {told(change, 'window_s')} (limit "
        f"{shown(limit, 'bytes')}) to {told(row, 'used_memory')} of {told(row, 'maxmemory')}; going on like that it is "
        "full within a month."
    )
    return Hit(
        subject=redis_subject(evidence, row),
        title="Redis will be full soon",
        said=said,
        cites=told.cites,
        limit=limit,
        days_to_limit=days,
        shared=True,
    )


RULE = Rule(
    id="RD031",
    slug="memory-runs-out",
    area="redis",
    mechanism="memory-growth",
    title="Redis memory runs out",
    needs=(("redis.change", "used_memory_change"), ("redis.server", "maxmemory")),
    threshold=Threshold(
        30,
        "days",
        "A month is the time in which a limit can be raised or a cause mended without haste; growth is carried on at "
        "most thirty times as long as it was seen.",
        "House limit",
    ),
    degradation=0.6,
    why="Redis fills up at a steady pace, and the day on which it is full can be told. On that day it refuses to store "
    "anything new.",
    fix=(
        "Compare two samples of keys, to see which pattern grows.",
        "Set a time to live on it, or a limit to what the queue keeps.",
        "Raise maxmemory, leaving a third of the machine's memory free.",
        "Alert at 80 %.",
    ),
    first_slice=FirstSlice("Name the growing pattern and give it an end", 5),
    effort=Effort(0.5, 1, 2),
    removes=0.8,
    verify="used_memory at the same hour of two days differs by less than 1 %.",
    rollback="PERSIST on the keys; CONFIG SET takes maxmemory back.",
    references=("Redis, EXPIRE https://redis.io/docs/latest/commands/expire/",),
    check=check,
)
