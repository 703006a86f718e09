"""Jobs wait and nobody works."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, worst_each

IDLE_AGE_S = 300  # sensu-plugins-sidekiq: critical


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """No worker, or workers that take nothing although jobs are old; an empty queue needs nobody."""
    for row in worst_each(evidence.having("queue.counts", "waiting", "workers"), "waiting"):
        if row.metrics["waiting"] <= threshold.value or row.attrs.get("paused"):
            continue
        idle = row.metrics.get("active", 1.0) == 0 and row.metrics.get("oldest_age_s", 0.0) > IDLE_AGE_S
        if row.metrics["workers"] == 0 or idle:
            yield _hit(row, threshold.value)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = f"Jobs waiting in {row.subject}: {told(row, 'waiting')} (limit none without a worker); workers connected: "
    said += told(row, "workers")
    if row.metrics["workers"] > 0:
        said += f"; jobs being worked on: {told(row, 'active')}"
    if "oldest_age_s" in row.metrics:
        said += f"; the oldest waits {told(row, 'oldest_age_s')}"
    return Hit(
        subject=Subject("queue", row.subject),
        title=f"Nobody works on {row.subject}",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=True,
        queues=(row.subject,),
    )


RULE = Rule(
    id="QU002",
    slug="stalled-consumers",
    area="queues",
    mechanism="stalled-consumers",
    title="Nobody works on a queue",
    needs=(("queue.counts", "waiting"), ("queue.counts", "workers")),
    threshold=Threshold(
        0,
        "1",
        "Work without a worker never ends, however little it is.",
        "awesome-prometheus-alerts, RabbitMQ queue without consumers",
    ),
    degradation=1.0,
    why="Jobs were accepted, but nothing processes them. The customer sees success and gets nothing.",
    fix=(
        "Start the worker, and see in its log why it ended.",
        "Run it under a supervisor or as a service of its own, with a health check.",
        "Alert when jobs wait and no worker is connected for a minute.",
    ),
    first_slice=FirstSlice("Start the worker under a supervisor", 3),
    effort=Effort(0.25, 0.75, 1.5),
    removes=0.9,
    verify="workers is above 0 in every count, and the oldest job is younger than 60 s.",
    rollback="Stop the worker; jobs stay in the queue.",
    references=("BullMQ, Workers https://docs.bullmq.io/guide/workers",),
    check=check,
)
