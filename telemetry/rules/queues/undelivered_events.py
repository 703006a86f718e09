"""The payment provider could not deliver its events."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, worst_each
from telemetry.rules.shapes import beyond_chance

ENOUGH_EVENTS = 100


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for all types: they go to the same endpoint. One event that waits may be a deployment's minute."""
    rows = worst_each(evidence.having("ops.payment_event", "events"), "pending_old")
    events = sum(row.metrics["events"] for row in rows)
    waiting = sum(row.metrics["pending_old"] for row in rows)
    worst = largest(rows, "pending_old")
    if worst is None or not waiting:
        return
    if beyond_chance(waiting, events, threshold.value, ENOUGH_EVENTS):
        yield _hit(worst, rows, threshold.value)
    elif events < ENOUGH_EVENTS:
        yield CannotTell("a longer list of the payment provider's events")


def _hit(worst: Evidence, rows: list[Evidence], limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(worst, 'pending_old')} of {told(worst, 'events')} events of {worst.subject} still waited for their "
        "delivery an hour later: the endpoint does not take them."
    )
    for row in rows[:5]:
        told.also(row, "pending_old", "events")
    return Hit(
        subject=Subject("queue", "payment events"),
        title="Payment events do not arrive",
        said=said,
        cites=told.cites,
        limit=limit * worst.metrics["events"],
        breach=True,
        queues=("payment events",),
    )


RULE = Rule(
    id="QU052",
    slug="undelivered-events",
    area="queues",
    mechanism="failing-jobs",
    title="Payment events do not arrive",
    needs=(("ops.payment_event", "pending_old"), ("ops.payment_event", "events")),
    threshold=Threshold(
        0.01,
        "share",
        "An endpoint that works takes an event within seconds; more than one in a hundred still waiting after an hour "
        "were refused.",
        "House limit; Stripe sends an event again for up to three days",
    ),
    degradation=1.0,
    why="Customers have paid and your system does not know it. After three days the provider stops trying, and the "
    "order is lost.",
    fix=(
        "Open the endpoint at the provider and read which status it answers.",
        "Mend it: mostly a changed secret, a timeout, a redirect or an address that moved.",
        "Let the provider send the events again that wait, after making sure that a second delivery does no harm.",
        "Compare payments with orders once a day, and alert on a difference.",
    ),
    first_slice=FirstSlice("Find why the endpoint refuses, and send again", 4),
    effort=Effort(0.25, 0.5, 2),
    removes=0.8,
    verify="No event older than an hour is pending in the next export.",
    rollback="Disable the endpoint; the provider keeps the events.",
    references=(
        "Stripe, Event delivery behaviors https://docs.stripe.com/webhooks#event-delivery-behaviors",
        "Stripe, The Event object https://docs.stripe.com/api/events/object",
    ),
    check=check,
)
