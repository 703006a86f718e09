"""Workers hold tasks in advance while they are busy with long ones."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.queue_use import mean_s

LONG_S = 10.0
ENOUGH_RUNS = 10


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Celery: held in advance beyond the slots, behind tasks that take ten seconds or more."""
    tasks = list(evidence.having("queue.task", "runs", "runtime_s"))
    long = [row for row in tasks if row.metrics["runs"] >= ENOUGH_RUNS and (mean_s(row) or 0.0) > LONG_S]
    for row in worst_each(evidence.having("queue.counts", "slots"), "waiting"):
        limit = threshold.value * row.metrics["slots"]
        busy = row.metrics.get("active", row.metrics["slots"]) >= row.metrics["slots"]
        if row.attrs.get("system") != "celery" or row.metrics["waiting"] <= limit or not busy:
            continue
        if long:
            yield _hit(row, max(long, key=lambda one: mean_s(one) or 0.0), limit)
        elif not tasks:
            yield CannotTell("Flower's metrics or a worker log: how long the tasks run that others wait behind")


def _hit(row: Evidence, task: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"Workers hold {told(row, 'waiting')} tasks in advance (limit {shown(limit, '1')}) for {told(row, 'slots')} "
        f"slots, and {task.subject} is long ({told(task, 'runtime_s')} in {told(task, 'runs')} runs); a free worker "
        "cannot take over what another holds."
    )
    told.also(row, "active")
    return Hit(
        subject=Subject("queue", row.subject),
        title="Tasks wait behind long ones",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        degradation=0.3,
        queues=(row.subject,),
        snippet="# Celery settings of workers with long tasks\nworker_prefetch_multiplier = 1\ntask_acks_late = True",
    )


RULE = Rule(
    id="QU024",
    slug="prefetched-tasks",
    area="queues",
    mechanism="stalled-consumers",
    title="Tasks wait behind long ones",
    needs=(("queue.counts", "slots"), ("queue.counts", "waiting")),
    threshold=Threshold(
        1,
        "1",
        "With a multiplier of 1 a worker holds no more than it can start next; Celery ships 4.",
        "Celery, Optimizing (prefetch limits)",
    ),
    degradation=0.3,
    why="A busy worker keeps jobs for later that an idle one could do now. Short jobs wait for minutes behind a long "
    "one although there is capacity.",
    fix=(
        "Set worker_prefetch_multiplier = 1 and task_acks_late for workers with long tasks.",
        "Route long tasks to a queue with workers of its own.",
        "Make tasks safe to be run twice, since a late confirmation repeats what a killed worker had begun.",
    ),
    first_slice=FirstSlice("Set the multiplier to 1 and restart the workers", 2),
    effort=Effort(0.1, 0.5, 1.5),
    removes=0.8,
    verify="inspect reserved shows no more tasks than slots while a long one runs.",
    rollback="Remove the two settings.",
    references=("Celery, Optimizing https://docs.celeryq.dev/en/stable/userguide/optimizing.html",),
    check=check,
)
