"""Redis takes much more memory from the machine than its data needs."""

from collections.abc import Callable

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule
from telemetry.rules.base import Threshold as Limit
from telemetry.rules.beyond import Beyond
from telemetry.rules.shapes import Standing, Wording, as_server, first_of

# Not in redis.conf: a server without jemalloc does not start with it; the command is refused there and harms nothing.
SNIPPET = "redis-cli CONFIG SET activedefrag yes\nredis-cli CONFIG REWRITE"
WORTH_BYTES = 100 * 1024 * 1024  # below it the program itself weighs more than the data


def _uses(metric: str) -> Callable[[Evidence], bool]:
    return lambda row: row.metrics.get(metric, 0.0) >= WORTH_BYTES


def _beyond(kind: str, used: str) -> Beyond:
    return Beyond(
        kind=kind,
        metric="fragmentation_ratio",
        subject=as_server("redis"),
        wording=Wording(
            title="Redis memory is fragmented",
            said=f"Redis takes {{value}} times the memory of its data (limit {{limit}}), which is {{{used}}}; "
            "maxmemory does not count what is lost between.",
            snippet=SNIPPET,
        ),
        standing=Standing(breach=False, shared=True),
        where=_uses(used),
    )


RULE = Rule(
    id="RD027",
    slug="fragmentation",
    area="redis",
    mechanism="memory-growth",
    title="Redis memory is fragmented",
    needs=(),
    needs_any=(("redis.server", "fragmentation_ratio"), ("redis.memory", "fragmentation_ratio")),
    threshold=Limit(
        1.5,
        "1",
        "Half as much again as the data, from 100 MB of data on: small servers always show a high ratio.",
        "Redis, INFO (mem_fragmentation_ratio above 1.5); netdata, Redis guide",
    ),
    degradation=0.1,
    why="Redis holds on to memory that it does not use. The machine fills up although Redis believes that it has room, "
    "and then the machine ends it.",
    fix=(
        "CONFIG SET activedefrag yes, and watch the processor while it works.",
        "Without jemalloc restart a replica, let it catch up and switch over.",
        "Leave a third of the machine's memory above maxmemory.",
    ),
    first_slice=FirstSlice("Turn on active defragmentation outside the peak", 2),
    effort=Effort(0.1, 0.5, 1),
    removes=0.8,
    verify="mem_fragmentation_ratio of INFO falls below 1.3 within a day.",
    rollback="CONFIG SET activedefrag no.",
    references=(
        "Redis, Memory optimization https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/",
    ),
    check=first_of(_beyond("redis.server", "used_memory"), _beyond("redis.memory", "used_bytes")),
)
