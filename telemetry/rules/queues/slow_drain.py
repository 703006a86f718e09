"""A backlog would take an hour or more to work off, even if nothing came in."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.queue_use import SETTLED_S, dead_letters

HOUR_S = 3_600


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Little's law: waiting = rate x time. The rate is the broker's, or that between two counts ten minutes apart."""
    done = {
        row.subject: row
        for row in evidence.having("queue.counts.change", "processed_per_s", "window_s")
        if row.metrics["window_s"] >= SETTLED_S
    }
    places = dead_letters(evidence)
    for row in worst_each(evidence.of("queue.counts"), "waiting"):
        rates = [(row, "out_per_s"), (done.get(row.subject, row), "processed_per_s")]
        rate = next(((one, metric) for one, metric in rates if one.metrics.get(metric, 0.0) > 0), None)
        if rate is None or row.attrs.get("paused") or row.subject in places:
            continue
        limit = max(threshold.value, rate[0].metrics[rate[1]] * HOUR_S)
        if row.metrics["waiting"] > limit:
            yield _hit(row, *rate, limit)


def _hit(row: Evidence, rate: Evidence, metric: str, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, 'waiting')} jobs wait in {row.subject} (limit {shown(limit, '1')}: an hour's work) and "
        f"{told(rate, metric)} a second are done."
    )
    told.also(row, "in_per_s", "workers", "oldest_age_s")
    return Hit(
        subject=Subject("queue", row.subject),
        title=f"{row.subject} takes hours to drain",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        queues=(row.subject,),
    )


RULE = Rule(
    id="QU021",
    slug="slow-drain",
    area="queues",
    mechanism="backlog",
    title="A backlog takes hours to drain",
    needs=(("queue.counts", "waiting"),),
    needs_any=(("queue.counts", "out_per_s"), ("queue.counts.change", "processed_per_s")),
    threshold=Threshold(
        100,
        "1",
        "More than an hour's work at the present pace, and a hundred jobs or more: after a peak it must be gone before "
        "the next one.",
        "Little's law; house limit of an hour",
    ),
    degradation=0.3,
    why="So much has piled up that customers wait for hours, even if nothing new came in. The next peak starts on top "
    "of it.",
    fix=(
        "Decide what may be dropped or done later, and move it to a slow queue.",
        "Start more workers until the pace is twice the arrivals, then take them away again.",
        "Batch what the jobs write, so that each takes less time.",
    ),
    first_slice=FirstSlice("Start more workers for the backlog", 3),
    effort=Effort(0.25, 1, 3),
    removes=0.8,
    verify="waiting divided by the pace stays below five minutes at the peak.",
    rollback="Stop the additional workers; jobs stay in the queue.",
    references=("RabbitMQ, Queues https://www.rabbitmq.com/docs/queues",),
    check=check,
)
