"""Jobs wait and nobody works."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.queue_use import dead_letters

IDLE_AGE_S = 300  # sensu-plugins-sidekiq: critical
PAUSED_AGE_S = 3_600  # a release or a repair that pauses a queue takes minutes
MANY = 100  # awesome-prometheus-alerts, Sidekiq queue size: where nobody knows since when a paused queue stands


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """No worker, or workers that take nothing although jobs are old; an empty queue needs nobody.

    A paused queue is one that nobody works on, too; whether on purpose, the time it stands or the jobs in it tell.
    """
    paused, places = list(_paused(evidence)), dead_letters(evidence)
    yield from paused
    stopped = {answer.subject.name for answer in paused if isinstance(answer, Hit)}
    for row in worst_each(evidence.having("queue.counts", "waiting", "workers"), "waiting"):
        left_out = _is_paused(row) or row.subject in stopped or row.subject in places
        if row.metrics["waiting"] <= threshold.value or left_out:
            continue
        idle = row.metrics.get("active", 1.0) == 0 and row.metrics.get("oldest_age_s", 0.0) > IDLE_AGE_S
        if row.metrics["workers"] == 0 or idle:
            yield _hit(row, threshold.value)
    if not evidence.has("queue.counts", "workers") and not stopped:
        yield CannotTell("queue.counts.workers")


def _is_paused(row: Evidence) -> bool:
    """BullMQ moves what waits in a paused queue to a list of its own, and counts it there."""
    return bool(row.attrs.get("paused")) or row.metrics.get("paused", 0.0) > 0


def _paused(evidence: EvidenceSet) -> Iterator[Hit | CannotTell]:
    groups: dict[str, list[Evidence]] = {}
    for row in evidence.having("queue.counts", "waiting"):
        groups.setdefault(row.subject, []).append(row)
    for rows in groups.values():
        fullest = max(rows, key=_stands)
        if not _is_paused(fullest) or not _stands(fullest) or fullest.metrics.get("active", 0.0) > 0:
            continue
        age = fullest.metrics.get("oldest_age_s")
        if (age is not None and age > PAUSED_AGE_S) or (age is None and _stands(fullest) >= MANY):
            yield _stopped(fullest)
        else:
            yield CannotTell(f"whether {fullest.subject} is paused on purpose, and its counts an hour later")


def _stands(row: Evidence) -> float:
    return row.metrics["waiting"] + row.metrics.get("paused", 0.0)


def _stopped(row: Evidence) -> Hit:
    told, aged = Told(), "oldest_age_s" in row.metrics
    metric = max(("waiting", "paused"), key=lambda name: row.metrics.get(name, 0.0))
    age = f"the oldest job of {row.subject} waits {told(row, 'oldest_age_s')}" if aged else ""
    count = f"{told(row, metric)} jobs stand in {row.subject}"
    limit = shown(PAUSED_AGE_S, "s") if aged else shown(MANY, "1")
    said = f"{age} (limit {limit}); {count}" if aged else f"{count} (limit {limit})"
    told.also(row, "waiting", "paused", "active", "workers")
    return Hit(
        subject=Subject("queue", row.subject),
        title=f"{row.subject} is paused",
        said=said[0].upper() + said[1:] + ", which is paused: no worker takes them.",
        cites=told.cites,
        limit=PAUSED_AGE_S if aged else MANY,
        breach=aged,
        queues=(row.subject,),
    )


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
    needs=(("queue.counts", "waiting"),),
    needs_any=(("queue.counts", "workers"), ("queue.counts", "paused"), ("queue.counts", "active")),
    threshold=Threshold(
        0,
        "1",
        "Work without a worker never ends, however little it is. A paused queue: its oldest job waits for an hour, or "
        "100 jobs stand in it where no age is known.",
        "awesome-prometheus-alerts, RabbitMQ queue without consumers, Sidekiq queue size; an hour is a house limit",
    ),
    degradation=1.0,
    why="Jobs were accepted, but nothing processes them. The customer sees success and gets nothing.",
    fix=(
        "Start the worker, and see in its log why it ended; of a paused queue find who paused it, and resume it.",
        "Run it under a supervisor or as a service of its own, with a health check.",
        "Alert when jobs wait and no worker is connected for a minute.",
    ),
    first_slice=FirstSlice("Start the worker under a supervisor", 3),
    effort=Effort(0.25, 0.75, 1.5),
    removes=0.9,
    verify="workers is above 0 in every count, and the oldest job is younger than 60 s.",
    rollback="Stop the worker; jobs stay in the queue.",
    references=(
        "BullMQ, Workers https://docs.bullmq.io/guide/workers",
        "BullMQ, Pausing queues https://docs.bullmq.io/guide/workers/pausing-queues",
    ),
    check=check,
)
