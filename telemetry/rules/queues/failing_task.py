"""One kind of task fails too often."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.queue_use import counted
from telemetry.rules.shapes import beyond_chance

ENOUGH_RUNS = 100
FEW = 5


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Failed for good, of all that ended; retries have a rule of their own."""
    for row in counted(evidence, "queue.task", "failed", "succeeded"):
        failed, ended = row.metrics["failed"], row.metrics["failed"] + row.metrics["succeeded"]
        if failed >= FEW and beyond_chance(failed, ended, threshold.value, ENOUGH_RUNS):
            yield _hit(row, threshold.value * ended)
        elif ended < ENOUGH_RUNS and failed > max(1.0, threshold.value * ended):
            yield CannotTell(f"counts of {row.subject} over at least {ENOUGH_RUNS} runs")


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, 'failed')} runs of {row.subject} failed (limit {shown(limit, '1')}) beside "
        f"{told(row, 'succeeded')} that succeeded, more than chance explains."
    )
    told.also(row, "retried", "received")
    return Hit(
        subject=Subject("task", row.subject),
        title=f"{row.subject} fails too often",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
    )


RULE = Rule(
    id="QU031",
    slug="failing-task",
    area="queues",
    mechanism="failing-jobs",
    title="A kind of task fails too often",
    needs=(),
    needs_any=(("queue.task", "failed"), ("queue.task.change", "failed")),
    threshold=Threshold(
        0.05,
        "share",
        "One run of twenty, by the lower end of the 95 % interval, so that a few failures do not raise it.",
        "House limit, by the 95 % Wilson interval",
    ),
    degradation=0.6,
    why="One kind of work that customers count on is given up again and again. Its queue looks busy and healthy, since "
    "the other kinds succeed.",
    fix=(
        "Group its failures by exception; a few make most of them.",
        "Retry what is temporary with backoff, and stop at once what can never work.",
        "Keep what is given up where somebody looks, with a way to repeat it.",
    ),
    first_slice=FirstSlice("Name and mend its most frequent exception", 5),
    effort=Effort(0.25, 1, 2),
    removes=0.8,
    verify="Between two counts a day apart fewer than one run of a hundred failed.",
    rollback="Revert the task's code; failed runs stay where they are.",
    references=("Celery, Retrying tasks https://docs.celeryq.dev/en/stable/userguide/tasks.html#retrying",),
    check=check,
)
