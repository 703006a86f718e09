"""A part of Redis' data was moved to disk by the machine."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.shapes import Standing, Wording, first_of

WORTH_BYTES = 100 * 1024 * 1024
WORDING = (
    "Redis occupies {{value}} times its data in the machine's memory (limit {{limit}}), {{{used}}}: the rest is on "
    "disk."
)


def _redis(row: Evidence) -> Subject:
    return Subject("host", "redis")


def _beyond(kind: str, used: str) -> Beyond:
    return Beyond(
        kind=kind,
        metric="fragmentation_ratio",
        subject=_redis,
        wording=Wording(title="Redis is moved to disk", said=WORDING.format(used=used)),
        standing=Standing(shared=True),
        where=lambda row: row.metrics.get(used, 0.0) >= WORTH_BYTES and row.metrics["fragmentation_ratio"] > 0,
        floor=True,
    )


RULE = Rule(
    id="PL036",
    slug="swapped-redis",
    area="platform",
    mechanism="memory-saturation",
    title="Redis is moved to disk",
    needs=(),
    needs_any=(("redis.server", "fragmentation_ratio"), ("redis.memory", "fragmentation_ratio")),
    threshold=Threshold(
        0.9,
        "1",
        "Less memory of the machine than data can only mean that the rest was moved to disk; from 100 MB of data on.",
        "Redis, INFO (mem_fragmentation_ratio below 1 means swapping); netdata, Redis guide",
    ),
    degradation=0.6,
    why="The machine has moved a part of Redis to disk. What took microseconds now takes milliseconds, at random, for "
    "every page that uses it.",
    fix=(
        "See who else takes the machine's memory, and move one of them away.",
        "Lower maxmemory to two thirds of the machine's memory, or add memory.",
        "Turn swap off for the host of a cache, or set vm.swappiness to 1.",
    ),
    first_slice=FirstSlice("Free memory on the host and restart a replica", 3),
    effort=Effort(0.25, 0.5, 1.5),
    removes=0.9,
    verify="mem_fragmentation_ratio is between 1 and 1.5, and vmstat shows no pages moved.",
    rollback="Set swappiness back.",
    references=(
        "Redis, Diagnosing latency issues "
        "https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/",
    ),
    check=first_of(_beyond("redis.server", "used_memory"), _beyond("redis.memory", "used_bytes")),
)
