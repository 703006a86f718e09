"""Work arrives faster than it is done."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.queue_use import dead_letters, oldest_s

MANY_FOR_A_WORKER = 100  # awesome-prometheus-alerts, Sidekiq queue size above 100
MANY = 1_000  # the same, RabbitMQ messages ready: where the workers are not counted


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """The age of the oldest job decides; a large but young queue is a burst. Delayed jobs are not due yet.

    Exports without ages are judged by jobs waiting for each connected worker.
    """
    places = dead_letters(evidence)
    for row in worst_each(evidence.of("queue.counts"), "waiting"):
        if row.subject in places:
            continue  # nobody is meant to work on these
        waiting, age = row.metrics["waiting"], oldest_s(row, threshold.value)
        if waiting <= 0 or row.metrics.get("workers") == 0:
            continue
        if row.attrs.get("paused"):
            yield CannotTell(f"whether {row.subject} is paused on purpose")
        elif age is not None and age > threshold.value:
            yield _hit(row, "oldest_age_s", threshold.value)
        elif age is None and waiting > _many(row):
            yield _hit(row, "waiting", _many(row))


def _many(row: Evidence) -> float:
    return MANY_FOR_A_WORKER * row.metrics["workers"] if "workers" in row.metrics else MANY


def _hit(row: Evidence, metric: str, limit: float) -> Hit:
    told = Told()
    if metric == "waiting":
        said = f"{told(row, 'waiting')} jobs wait in {row.subject} (limit {shown(limit, '1')})"
    else:
        said = (
            f"The oldest job of {row.subject} has waited {told(row, 'oldest_age_s')} (limit {shown(limit, 's')}) "
            "behind "
            f"{told(row, 'waiting')} others"
        )
    if "workers" in row.metrics:
        said += f"; workers connected: {told(row, 'workers')}"
    told.also(row, "active", "delayed")
    return Hit(
        subject=Subject("queue", row.subject),
        title=f"{row.subject} falls behind",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=True,
        queues=(row.subject,),
    )


RULE = Rule(
    id="QU001",
    slug="backlog",
    area="queues",
    mechanism="backlog",
    title="A queue falls behind",
    needs=(("queue.counts", "waiting"),),
    threshold=Threshold(
        120,
        "s",
        "A job that waits two minutes is late for a person who expects a mail; without ages, 100 for each worker.",
        "sensu-plugins-sidekiq (120 s warning); awesome-prometheus-alerts (Sidekiq queue size 100)",
    ),
    degradation=0.3,
    why="Confirmations, mails and exports come later and later, because more work arrives than is done. A backlog "
    "never shrinks by itself while the rush goes on.",
    fix=(
        "Measure arrivals and completions a minute; workers needed = arrivals x job time.",
        "Raise the workers' concurrency to that, within what the provider behind them allows.",
        "Split urgent jobs from bulk ones into queues of their own.",
        "Alert on the age of the oldest job at 60 s.",
    ),
    first_slice=FirstSlice("Raise the concurrency of the workers and watch the age fall", 3),
    effort=Effort(0.5, 1, 3),
    removes=0.8,
    verify="The oldest job is younger than 60 s over a business peak.",
    rollback="Set the concurrency back; jobs stay in the queue.",
    references=("BullMQ, Concurrency https://docs.bullmq.io/guide/workers/concurrency",),
    check=check,
)
