"""Retries make up a relevant part of the work."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.queue_use import counted
from telemetry.rules.shapes import beyond_chance

ENOUGH = 100


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """By task where its retries are counted, else by failed attempts of a queue."""
    for row in counted(evidence, "queue.task", "retried"):
        done = sum(row.metrics.get(name, 0.0) for name in ("succeeded", "failed"))
        yield from _judge(row, "retried", "succeeded", done + row.metrics["retried"], threshold.value)
    for row in counted(evidence, "queue.counts", "failed_attempts", "attempts"):
        yield from _judge(row, "failed_attempts", "attempts", row.metrics["attempts"], threshold.value)


def _judge(row: Evidence, metric: str, beside: str, whole: float, share: float) -> Iterator[Hit | CannotTell]:
    part = row.metrics[metric]
    if beyond_chance(part, whole, share, ENOUGH):
        yield _hit(row, metric, beside, share * whole)
    elif whole < ENOUGH and part > max(1.0, share * whole):
        yield CannotTell(f"counts of {row.subject} over at least {ENOUGH} attempts")


def _hit(row: Evidence, metric: str, beside: str, limit: float) -> Hit:
    told = Told()
    is_task = metric == "retried"
    said = f"{row.subject} was tried again {told(row, metric)} times (limit {shown(limit, '1')})"
    if not is_task:
        said = f"{told(row, metric)} attempts of {row.subject} failed (limit {shown(limit, '1')})"
    if beside in row.metrics:
        said += f" beside {told(row, beside)} that succeeded" if is_task else f" of {told(row, beside)}"
    told.also(row, "failed", "retrying")
    return Hit(
        subject=Subject("task" if is_task else "queue", row.subject),
        title=f"{row.subject} is tried again and again",
        said=said + "; each try costs what a job costs.",
        cites=told.cites,
        limit=limit,
        breach=True,
        queues=() if is_task else (row.subject,),
        snippet="new Queue(name, {\n  connection,\n  defaultJobOptions: { attempts: 5, backoff: { type: "
        '"exponential", delay: 1000 } },\n});',
    )


RULE = Rule(
    id="QU027",
    slug="retry-storm",
    area="queues",
    mechanism="retry-storm",
    title="Retries multiply the load",
    needs=(),
    needs_any=(("queue.task", "retried"), ("queue.counts", "failed_attempts"), ("queue.task.change", "retried")),
    threshold=Threshold(
        0.2,
        "share",
        "One attempt of five is a repeat, by the lower end of the 95 % interval: a quarter more load than work.",
        "Google SRE, Addressing cascading failures (retry budget of 10 %), twice that",
    ),
    degradation=0.3,
    why="What fails is tried again at once, and again. The retries take the capacity from work that would succeed, and "
    "keep a struggling partner from recovering.",
    fix=(
        "Group the failures by reason; stop at once what can never work.",
        "Retry with exponential backoff and a random part, five times at most.",
        "Stop asking a partner that fails for a minute (circuit breaker).",
        "Keep retries under a tenth of all attempts, and alert above it.",
    ),
    first_slice=FirstSlice("Set backoff and attempts for the worst task", 3),
    effort=Effort(0.25, 1, 2),
    removes=0.8,
    verify="Between two counts a day apart fewer than one attempt of ten is a retry.",
    rollback="Set attempts and backoff back.",
    references=(
        "Google SRE, Addressing cascading failures https://sre.google/sre-book/addressing-cascading-failures/",
        "BullMQ, Retrying failing jobs https://docs.bullmq.io/guide/retrying-failing-jobs",
    ),
    check=check,
)
