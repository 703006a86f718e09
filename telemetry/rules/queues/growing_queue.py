"""What waits in a queue grows from one count to the next."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.queue_use import SETTLED_S, dead_letters, oldest_s

YOUNG_S = 60
STILL_HIGH = 0.8  # of the highest count: below it the queue is being worked off


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """By a time series, or by two counts of the same queue; jobs that are all young are a burst."""
    places = dead_letters(evidence)
    now = {row.subject: row for row in evidence.having("queue.counts", "waiting")}
    for row in worst_each(evidence.having("queue.counts", "waiting", "window_s"), "waiting_per_min"):
        minutes = row.metrics["window_s"] / 60
        grown = row.metrics["waiting_per_min"] * minutes > threshold.value
        if grown and row.subject not in places and _still_high(row):
            yield _answer(row, row, "waiting_per_min", threshold.value / minutes)
    for row in worst_each(evidence.having("queue.counts.change", "window_s"), "waiting_change"):
        counts = now.get(row.subject)
        if (
            counts
            and row.subject not in places
            and row.metrics["waiting_change"] > threshold.value
            and _still_high(counts)
        ):
            yield _answer(row, counts, "waiting_change", threshold.value)


def _still_high(row: Evidence) -> bool:
    waiting = row.metrics["waiting"]
    age = oldest_s(row, YOUNG_S)
    young = age is not None and age < YOUNG_S
    return not young and waiting >= STILL_HIGH * row.metrics.get("waiting_max", waiting) and not row.attrs.get("paused")


def _answer(row: Evidence, counts: Evidence, metric: str, limit: float) -> Hit | CannotTell:
    if row.metrics["window_s"] < SETTLED_S:
        return CannotTell(f"counts of {row.subject} over at least ten minutes: this may be one burst")
    told = Told()
    grew = f"{told(row, metric)} jobs a minute" if metric == "waiting_per_min" else f"{told(row, metric)} jobs"
    said = (
        f"{row.subject} grew by {grew} (limit {shown(limit, '1')}) over {told(row, 'window_s')}, to "
        f"{told(counts, 'waiting')} that wait: more arrives than is done."
    )
    told.also(counts, "oldest_age_s", "workers", "waiting_max")
    return Hit(
        subject=Subject("queue", row.subject),
        title=f"{row.subject} grows without end",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        queues=(row.subject,),
    )


RULE = Rule(
    id="QU020",
    slug="growing-queue",
    area="queues",
    mechanism="backlog",
    title="A queue grows without end",
    needs=(),
    needs_any=(("queue.counts", "waiting_per_min"), ("queue.counts.change", "waiting_change")),
    threshold=Threshold(
        100,
        "1",
        "A hundred more jobs at the end than at the start, over ten minutes or more, and not on the way down.",
        "awesome-prometheus-alerts, Sidekiq queue size 100",
    ),
    degradation=0.3,
    why="Work comes in faster than it is done, so that each job waits longer than the one before. It does not stop "
    "before the rush does.",
    fix=(
        "Workers needed = arrivals a second x seconds a job; compare with what runs.",
        "Raise the workers' concurrency to that, within what the provider and the database behind them allow.",
        "Take what can wait (exports, statistics) into a queue of its own.",
        "Alert on the age of the oldest job.",
    ),
    first_slice=FirstSlice("Raise the concurrency and watch the count fall", 3),
    effort=Effort(0.25, 1, 3),
    removes=0.8,
    verify="The count at the end of a business peak is not above that at its start.",
    rollback="Set the concurrency back; jobs stay in the queue.",
    references=("BullMQ, Concurrency https://docs.bullmq.io/guide/workers/concurrency",),
    check=check,
)
