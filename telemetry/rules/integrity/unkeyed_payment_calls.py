"""The payment provider saw calls without an idempotency key."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, worst_each
from telemetry.rules.shapes import beyond_chance

ENOUGH_CALLS = 20
# Events that a creating call causes; a repeated update sets the same value again.
_CREATES = re.compile(
    r"(?:charge|refund|transfer|payout|payment_intent|subscription|invoiceitem|topup|order|credit_note)\.created\Z"
    r"|\Acharge\.(?:refunded|succeeded)\Z"
)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for each sort of call; a handful of calls, such as a person's at the dashboard, tells nothing."""
    for row in worst_each(evidence.having("ops.payment_event", "api_events"), "without_key"):
        if not _CREATES.search(row.subject) or not row.metrics["without_key"]:
            continue
        unkeyed, calls = row.metrics["without_key"], row.metrics["api_events"]
        if beyond_chance(unkeyed, calls, threshold.value, ENOUGH_CALLS):
            yield _hit(row, threshold.value)
        elif calls < ENOUGH_CALLS and unkeyed / calls > threshold.value:
            yield CannotTell(f"more events of {row.subject}: a few calls may be a person's")


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, 'without_key')} of {told(row, 'api_events')} calls behind {row.subject} carried no idempotency "
        "key: each moves the money again when it is repeated."
    )
    told.also(row, "repeated", "events")
    return Hit(
        subject=Subject("endpoint", f"{row.subject} at the payment provider"),
        title="Payments are made without a key",
        said=said,
        cites=told.cites,
        limit=limit * row.metrics["api_events"],
    )


RULE = Rule(
    id="IN002",
    slug="unkeyed-payment-calls",
    area="integrity",
    mechanism="missing-idempotency",
    title="The payment provider sees calls without keys",
    needs=(("ops.payment_event", "without_key"), ("ops.payment_event", "api_events")),
    threshold=Threshold(
        0.05,
        "share",
        "A program either sends a key with each creating call or it does not; one call in twenty leaves room for "
        "people at the dashboard.",
        "House limit; Stripe, Idempotent requests",
    ),
    degradation=1.0,
    why="The provider cannot tell a second attempt from a second purchase. A lost answer or a double click then "
    "charges "
    "the customer twice.",
    fix=(
        "Find the code that makes these calls: the request id of the event leads to the provider's request log.",
        "Hand over a key that is made of what is paid for, and keep it with the order.",
        "Refuse a second attempt of the same order while the first one is open.",
    ),
    first_slice=FirstSlice("Hand a key over with the call behind most of these events", 3),
    effort=Effort(0.5, 1, 2),
    removes=0.9,
    verify="The next export of events shows a key in every request that created a payment.",
    rollback="Leave the key out of the call again; nothing else depends on it.",
    references=(
        "Stripe, Idempotent requests https://docs.stripe.com/api/idempotent_requests",
        "Stripe, The Event object https://docs.stripe.com/api/events/object",
    ),
    check=check,
    enabler=True,
)
