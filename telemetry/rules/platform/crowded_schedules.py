"""Several schedules start in every minute, together."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, worst_each

EVERY_MINUTE = 60


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Five or more that run each minute; it hurts when the platform was seen to refuse requests."""
    rows = [
        row
        for row in worst_each(evidence.of("platform.cron"), "runs_per_hour")
        if row.metrics["runs_per_hour"] >= EVERY_MINUTE
    ]
    if len(rows) < threshold.value:
        return
    throttled = next((row for row in evidence.having("function.server", "throttled") if row.metrics["throttled"]), None)
    told = Told()
    said = f"{told(rows[0], 'runs_per_hour')} times an hour, all in the same second, start "
    said += ", ".join(row.subject for row in rows[:4])
    said += " and others" if len(rows) > 4 else ""
    for row in rows[1:]:
        told.also(row, "runs_per_hour")
    if throttled:
        said += f"; the platform refused {told(throttled, 'throttled')} requests"
    yield Hit(
        subject=Subject("account", "schedules"),
        title="Many schedules start in every minute",
        said=said + ".",
        cites=told.cites,
        limit=threshold.value,
        breach=throttled is not None,
        routes=tuple(row.subject for row in rows),
        shared=True,
        snippet='{\n  "crons": [\n    { "path": "/api/cron/a", "schedule": "*/5 * * * *" },\n'
        '    { "path": "/api/cron/b", "schedule": "2-59/5 * * * *" }\n  ]\n}',
    )


RULE = Rule(
    id="PL047",
    slug="crowded-schedules",
    area="platform",
    mechanism="throttling",
    title="Many schedules start in every minute",
    needs=(("platform.cron", "runs_per_hour"),),
    threshold=Threshold(
        5,
        "1",
        "Five schedules that all start at second 0 of each minute open their functions and connections at once.",
        "House limit; Vercel, Concurrency scaling",
    ),
    degradation=0.3,
    why="In the first second of every minute many programs start together and take functions and database connections "
    "from visitors.",
    fix=(
        "Ask of each whether it must run every minute; most may run every five.",
        "Spread their minutes, so that they do not meet.",
        "Let one schedule fill a queue, and workers do the work at a steady pace.",
    ),
    first_slice=FirstSlice("Spread the schedules over the minutes", 1),
    effort=Effort(0.1, 0.5, 1.5),
    removes=0.8,
    verify="Fewer than three schedules share a minute, and connections show no peak at second 0.",
    rollback="Set the schedules back.",
    references=("Vercel, Cron jobs https://vercel.com/docs/cron-jobs",),
    check=check,
)
