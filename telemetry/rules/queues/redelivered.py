"""Messages are delivered a second time."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.numbers import Told, shown
from telemetry.rules.shapes import FEW, Standing, Wording, beyond_chance, first_of

SHARE = 0.05
ENOUGH_EVENTS = 100
PAYMENTS = "payment events"
_AGAIN = {
    "again": "had come before",
    "repeated": "are about an object that another was about in the same second",
}


def _limit(row: Evidence) -> float:
    return SHARE * row.metrics.get("delivered_per_s", float("inf"))


def _events(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Events of a payment provider that came again; that they were worked on twice, nothing here shows.

    Either the same event, in a log of what was received, or two events of one type about one object in one second.
    An object may be updated twice in a second.
    """
    rows = [row for row in evidence.having("ops.payment_event", "events") if not row.subject.endswith(".updated")]
    events = sum(row.metrics["events"] for row in rows)
    came = {metric: sum(row.metrics.get(metric, 0.0) for row in rows) for metric in _AGAIN}
    metric = max(_AGAIN, key=lambda name: came[name])
    if not came[metric] and not evidence.has("queue.counts", "redelivered_per_s"):
        yield CannotTell("the events that the endpoint received: a list of the provider's shows each once")
    if came[metric] <= threshold.value * events:
        return
    if beyond_chance(came[metric], events, threshold.value, ENOUGH_EVENTS):
        yield _twice(rows, metric, threshold.value)
    else:
        yield CannotTell(f"a log of at least {ENOUGH_EVENTS} received events of the payment provider")


def _twice(rows: list[Evidence], metric: str, share: float) -> Hit:
    worst = max(rows, key=lambda row: (row.metrics.get(metric, 0.0), row.subject))
    limit, told = share * worst.metrics["events"], Told()
    said = f"{told(worst, metric)} of {told(worst, 'events')} events of {worst.subject} {_AGAIN[metric]} (limit "
    for row in rows[:FEW]:
        told.also(row, metric, "events")
    return Hit(
        subject=Subject("queue", PAYMENTS),
        title="Payment events come more than once",
        said=said + f"{shown(limit, '1')}); whoever acts on each does it twice.",
        cites=told.cites,
        limit=limit,
        queues=(PAYMENTS,),
    )


RULE = Rule(
    id="QU026",
    slug="redelivered",
    area="queues",
    mechanism="duplicate-delivery",
    title="Messages are delivered twice",
    needs=(),
    needs_any=(("queue.counts", "redelivered_per_s"), ("ops.payment_event", "repeated")),
    threshold=Threshold(
        SHARE,
        "share",
        "One delivery of twenty, and one each ten seconds at least: a restarted worker gives back a handful once. "
        "Of payment events one of twenty, beyond chance.",
        "House limit; RabbitMQ, Reliability (redelivered flag); Stripe, Handle duplicate events",
    ),
    degradation=0.6,
    why="The same message is worked on more than once. Unless every step is safe to repeat, customers get two mails or "
    "pay twice, and the capacity is spent twice in any case.",
    fix=(
        "Find why messages come back: a consumer that ends, rejects with requeue, or takes longer than its timeout.",
        "Reject without requeue what can never work, into a dead letter exchange.",
        "Give each effect a key, and skip what was done.",
    ),
    first_slice=FirstSlice("Name the reason of the rejections from the consumer's log", 4),
    effort=Effort(0.5, 1.5, 3),
    removes=0.7,
    verify="Redeliveries are below one of a hundred deliveries at the peak.",
    rollback="Set requeue back; the keys of effects do no harm.",
    references=(
        "RabbitMQ, Reliability guide https://www.rabbitmq.com/docs/reliability",
        "Stripe, Handle duplicate events https://docs.stripe.com/webhooks#handle-duplicate-events",
    ),
    check=first_of(
        Beyond(
            kind="queue.counts",
            metric="redelivered_per_s",
            subject=lambda row: Subject("task", row.subject),
            wording=Wording(
                title="{name} is delivered twice",
                said="{value} of {delivered_per_s} deliveries a second of {name} are repeats (limit {limit}).",
                also=("active", "waiting"),
            ),
            standing=Standing(touches="queues"),
            where=lambda row: row.metrics["redelivered_per_s"] >= 0.1 and "delivered_per_s" in row.metrics,
            limit=_limit,
        ),
        _events,
    ),
)
