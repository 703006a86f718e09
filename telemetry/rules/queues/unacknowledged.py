"""Messages were handed out and are not confirmed."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

HELD_S = 300  # in the consumers' hands, by Little's law
A_CONSUMER = 250  # RabbitMQ advises a prefetch of 100 to 300


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Many in the hands of few, or for long: a quick consumer with a large prefetch holds many for a moment."""
    for row in worst_each(evidence.having("queue.counts", "workers"), "active"):
        if row.attrs.get("system") != "rabbitmq" or row.metrics["active"] <= threshold.value:
            continue
        workers, pace = row.metrics["workers"], row.metrics.get("out_per_s")
        held_long = pace is not None and row.metrics["active"] > HELD_S * pace
        too_many = pace is None and row.metrics["active"] > A_CONSUMER * workers
        if workers > 0 and (held_long or too_many):
            yield _hit(row, threshold.value)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, 'active')} messages of {row.subject} are in the hands of its consumers and not confirmed (limit "
        f"{shown(limit, '1')}); consumers: {told(row, 'workers')}"
    )
    if "out_per_s" in row.metrics:
        said += f"; confirmed a second: {told(row, 'out_per_s')}"
    told.also(row, "waiting", "redelivered_per_s")
    return Hit(
        subject=Subject("queue", row.subject),
        title=f"{row.subject} is handed out, not done",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=True,
        degradation=0.3,
        queues=(row.subject,),
    )


RULE = Rule(
    id="QU023",
    slug="unacknowledged",
    area="queues",
    mechanism="stalled-consumers",
    title="Messages are handed out, not done",
    needs=(("queue.counts", "active"), ("queue.counts", "workers")),
    threshold=Threshold(
        1_000,
        "1",
        "A thousand unconfirmed messages, held for five minutes or more than 250 for each consumer.",
        "awesome-prometheus-alerts, RabbitMQ unacknowledged messages; RabbitMQ, Consumer Prefetch (100 to 300)",
    ),
    degradation=0.6,
    why="Consumers took the work and neither finish it nor give it back. Nobody else can do it, and when they end all "
    "of it is done once more.",
    fix=(
        "See what a consumer does: waiting for a partner, or an acknowledgement that is never sent.",
        "Set a prefetch of what one consumer finishes in some seconds.",
        "Acknowledge in a finally block, and reject what can never work.",
        "Set consumer_timeout, so that a stuck channel is closed.",
    ),
    first_slice=FirstSlice("Set the prefetch and watch the confirmations", 3),
    effort=Effort(0.25, 1, 2),
    removes=0.8,
    verify="Unconfirmed messages stay below the prefetch times the consumers.",
    rollback="Set the prefetch back.",
    references=("RabbitMQ, Consumer prefetch https://www.rabbitmq.com/docs/consumer-prefetch",),
    check=check,
)
