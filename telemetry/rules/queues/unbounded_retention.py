"""Finished jobs are kept without limit."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

# Systems that keep jobs where a hundred thousand rows are nothing, or keep none.
_ELSEWHERE = frozenset({"pg-boss", "graphile-worker", "sqs", "rabbitmq", "celery", "inngest"})


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Done or failed jobs in Redis; the larger number decides.

    A series of counts whose system is not known may count all that were ever done: only a Redis with as many keys
    shows that they are kept.
    """
    worst: dict[str, tuple[Evidence, str]] = {}
    for metric in ("completed", "failed"):
        for row in worst_each(evidence.of("queue.counts"), metric):
            kept = worst.get(row.subject)
            if kept is None or row.metrics[metric] > kept[0].metrics[kept[1]]:
                worst[row.subject] = (row, metric)
    for row, metric in worst.values():
        if row.metrics[metric] <= threshold.value or row.attrs.get("system") in _ELSEWHERE:
            continue
        if "window_s" in row.metrics and not row.attrs.get("system") and not _kept(evidence, row.metrics[metric]):
            yield CannotTell(f"getJobCounts() of {row.subject}: whether its {metric} jobs are kept, or only counted")
            continue
        yield _hit(row, metric, threshold.value)


def _kept(evidence: EvidenceSet, jobs: float) -> bool:
    """Whether a Redis holds so many keys: BullMQ keeps one for each job."""
    return any(row.metrics["keys"] >= jobs for row in evidence.having("redis.server", "keys"))


def _hit(row: Evidence, metric: str, limit: float) -> Hit:
    told = Told()
    said = f"{row.subject} keeps {told(row, metric)} {metric} jobs in memory (limit {shown(limit, '1')})."
    told.also(row, "completed", "failed")
    return Hit(
        subject=Subject("queue", row.subject),
        title=f"{row.subject} keeps finished jobs",
        said=said,
        cites=told.cites,
        limit=limit,
        queues=(row.subject,),
        snippet="new Queue(name, {\n  connection,\n  defaultJobOptions: { removeOnComplete: { count: 1000 }, "
        "removeOnFail: "
        "{ count: 5000 } },\n});",
    )


RULE = Rule(
    id="QU004",
    slug="unbounded-retention",
    area="queues",
    mechanism="unbounded-retention",
    title="Finished jobs are kept for ever",
    needs=(("queue.counts", "completed"),),
    threshold=Threshold(
        10_000,
        "1",
        "BullMQ keeps every job until told otherwise and advises 1,000 done and 5,000 failed ones; ten thousand are no "
        "choice.",
        "BullMQ, Auto-removal of jobs",
    ),
    degradation=0.3,
    why="Every job that was ever done still takes memory. The store fills up at a steady pace until it refuses the "
    "next order.",
    fix=(
        "Set removeOnComplete and removeOnFail for all queues.",
        "Clean what is kept now in batches (queue.clean), outside the peak.",
        "Write what must be remembered to the database.",
    ),
    first_slice=FirstSlice("Set the two options and clean the largest queue", 2),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.95,
    verify="Done jobs stay at 1,000 in the next counts.",
    rollback="Remove the options; what was cleaned was done.",
    references=("BullMQ, Auto-removal of jobs https://docs.bullmq.io/guide/queues/auto-removal-of-jobs",),
    check=check,
)
