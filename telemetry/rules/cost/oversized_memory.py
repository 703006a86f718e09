"""Memory is paid for that was never used."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.shapes import Standing, Wording, as_kind, first_of

GB = 1024**3
DAY_S = 86_400
OF_REDIS = 0.1

RULE = Rule(
    id="CO005",
    slug="oversized-memory",
    area="cost",
    mechanism="over-provisioned",
    title="Paid memory is never used",
    needs=(),
    needs_any=(("lambda.function", "memory_share"), ("redis.server", "peak_memory")),
    threshold=Threshold(
        0.3,
        "share",
        "A function that never used a third of 1 GB or more, over 1,000 calls and a day; a Redis of 4 GB or more that "
        "never used a tenth in a week.",
        "House limit; AWS, Lambda power tuning",
    ),
    degradation=0.1,
    why="Memory is paid for by size, used or not. Most of this was never used.",
    fix=(
        "Measure time and cost at half of the memory: a function also gets less processor with it.",
        "Take the smallest size at which it is not slower.",
        "Take a smaller node for Redis, with twice the highest use.",
    ),
    first_slice=FirstSlice("Measure the function at half of its memory", 2),
    effort=Effort(0.1, 0.25, 1),
    removes=0.8,
    verify="The p95 of the function is unchanged, and the next bill is lower.",
    rollback="Set the size back; it takes a minute.",
    references=(
        "AWS, Lambda memory https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
        "AWS, Lambda power tuning https://docs.aws.amazon.com/lambda/latest/operatorguide/profile-functions.html",
    ),
    check=first_of(
        Beyond(
            kind="lambda.function",
            metric="memory_share",
            subject=as_kind("component"),
            wording=Wording(
                title="{name} has far too much memory",
                said="{name} never used more than {value} of its {memory_size} (limit {limit}), in {requests} calls.",
                also=("memory_max", "window_s", "p95_ms"),
            ),
            standing=Standing(breach=False),
            where=lambda row: row.metrics.get("memory_size", 0.0) >= GB and row.metrics.get("requests", 0.0) >= 1_000,
            floor=True,
            doubt=at_least("window_s", DAY_S, "a day of logs of {name}"),
        ),
        Beyond(
            kind="redis.server",
            metric="peak_memory",
            subject=lambda row: Subject("component", "redis"),
            wording=Wording(
                title="Redis has far too much memory",
                said="Redis never used more than {value} of {maxmemory} (limit {limit}) in {uptime_s}.",
                also=("used_memory", "keys"),
            ),
            standing=Standing(breach=False),
            where=lambda row: row.metrics.get("maxmemory", 0.0) >= 4 * GB,
            limit=lambda row: OF_REDIS * row.metrics.get("maxmemory", 0.0),
            floor=True,
            doubt=at_least("uptime_s", 7 * DAY_S, "INFO of a Redis that has run for a week"),
        ),
    ),
)
