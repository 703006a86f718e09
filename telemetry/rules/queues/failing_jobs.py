"""The share of failed jobs is over its budget."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.queue_use import dead_letters
from telemetry.rules.shapes import beyond_chance, first_of

ENOUGH_JOBS = 100
FEW_FAILURES = 20
AT_LEAST = 5  # failures: three of four are a share, and yet four jobs
MANY_DEAD = 100.0  # awesome-prometheus-alerts, Sidekiq queue size; of how many is not known


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Lifetime counts decide where there are any: what a queue keeps of done and failed jobs is two choices."""
    for row in worst_each(evidence.of("queue.counts"), "failed"):
        numbers = row.metrics
        if numbers.get("processed") and "lifetime_failed" in numbers:
            # BullMQ's metric of done jobs does not hold the failed ones
            whole = numbers["processed"] + numbers["lifetime_failed"]
            if _is_sure(numbers["lifetime_failed"], whole, threshold.value):
                yield _hit(row, "lifetime_failed", "processed", threshold.value * whole)
        elif "completed" in numbers:
            yield from _by_kept(row, threshold.value)


def by_place(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """What lies where a broker puts messages that failed for good."""
    places = dead_letters(evidence)
    for row in worst_each(evidence.of("queue.counts"), "waiting"):
        if row.subject in places and row.metrics["waiting"] > MANY_DEAD:
            yield _dead(row, places[row.subject])
    if not places and not evidence.has("queue.counts", "failed"):
        yield CannotTell("queue.counts.failed")


def _dead(row: Evidence, source: str) -> Hit:
    told, name = Told(), source or row.subject
    said = f"{told(row, 'waiting')} messages{f' of {source}' if source else ''} could not be processed and lie in "
    said += f"{row.subject} (limit {shown(MANY_DEAD, '1')}); nobody will do them by itself."
    told.also(row, "oldest_age_s", "waiting_per_min", "waiting_max")
    return Hit(
        subject=Subject("queue", name),
        title=f"Jobs of {name} fail for good",
        said=said,
        cites=told.cites,
        limit=MANY_DEAD,
        breach=True,
        queues=(name,),
    )


def _by_kept(row: Evidence, limit: float) -> Iterator[Hit | CannotTell]:
    failed, completed = row.metrics["failed"], row.metrics["completed"]
    if completed == 0 and failed > FEW_FAILURES:
        yield CannotTell(
            f"queue metrics of {row.subject}: done jobs are not kept, so the share of failed ones is unknown"
        )
    elif completed and _is_sure(failed, failed + completed, limit):
        yield _hit(row, "failed", "completed", limit * (failed + completed))
    elif completed and limit * (failed + completed) < failed and failed + completed < ENOUGH_JOBS:
        yield CannotTell(f"counts of {row.subject} over at least {ENOUGH_JOBS} jobs")


def _is_sure(failed: float, whole: float, limit: float) -> bool:
    return failed >= AT_LEAST and beyond_chance(failed, whole, limit, ENOUGH_JOBS)


def _hit(row: Evidence, failed: str, beside: str, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, failed)} jobs of {row.subject} failed for good (limit {shown(limit, '1')}) beside "
        f"{told(row, beside)} done ones, more than chance explains."
    )
    told.also(row, "failed_share")
    return Hit(
        subject=Subject("queue", row.subject),
        title=f"Jobs of {row.subject} fail",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        queues=(row.subject,),
    )


RULE = Rule(
    id="QU003",
    slug="failing-jobs",
    area="queues",
    mechanism="failing-jobs",
    title="Jobs fail too often",
    needs=(),
    needs_any=(("queue.counts", "failed"), ("queue.counts", "waiting")),
    threshold=Threshold(
        0.05,
        "share",
        "One job of twenty lost for good, by the lower end of the 95 % interval and from five failures on, so that a "
        "few do not raise it.",
        "House limit, by the 95 % Wilson interval",
    ),
    degradation=0.6,
    why="Work that was promised to customers or partners is tried, fails and is given up. Nobody sees it on a page, "
    "only in what does not arrive.",
    fix=(
        "Group the failed jobs by their reason; a few reasons make most of them.",
        "Retry what is temporary with exponential backoff, and stop at once what can never work.",
        "Move what is given up to a queue of its own, with an owner and a way to repeat it.",
        "Alert on the share of failed jobs an hour.",
    ),
    first_slice=FirstSlice("Name the top three reasons and fix the first", 6),
    effort=Effort(0.5, 1.5, 3),
    removes=0.7,
    verify="Failed jobs stay below 1 % of all over a week.",
    rollback="Set attempts and backoff back; failed jobs stay where they are.",
    references=("BullMQ, Retrying failing jobs https://docs.bullmq.io/guide/retrying-failing-jobs",),
    check=first_of(check, by_place),
)
