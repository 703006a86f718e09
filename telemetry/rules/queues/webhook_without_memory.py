"""A webhook does its work again when an event comes a second time."""

import re
from collections.abc import Iterator
from dataclasses import replace

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told, largest
from telemetry.rules.places import NEEDS_CODE, Places

by_code = Places(
    "webhook_without_dedupe",
    "endpoint",
    "{name} repeats its work",
    "{name} adds rows or starts work for each event and keeps no id of those it has seen; providers deliver events "
    "more "
    "than once.",
    snippet="CREATE TABLE webhook_events (id text PRIMARY KEY, seen_at timestamptz NOT NULL DEFAULT now());\n"
    "-- in the transaction of the work; no row back means: seen before, answer 200\n"
    "-- INSERT INTO webhook_events (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id",
)
_STRIPE = re.compile(r"stripe|payment|billing", re.I)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Where the provider's own events show deliveries of the same fact, its handler has already worked twice."""
    twice = repeated(evidence)
    for answer in by_code(evidence, threshold):
        if isinstance(answer, Hit) and twice is not None and _STRIPE.search(answer.subject.name):
            yield _happened(answer, twice)
        else:
            yield answer


def repeated(evidence: EvidenceSet) -> Evidence | None:
    """The type of event that came twice most often.

    The same type about the same object in the same second is what Stripe calls a duplicate; an update may well come
    twice in a second. https://docs.stripe.com/webhooks#handle-duplicate-events
    """
    rows = (row for row in evidence.of("ops.payment_event") if not row.subject.endswith(".updated"))
    worst = largest(rows, "repeated")
    return worst if worst is not None and worst.metrics["repeated"] > 0 else None


def _happened(hit: Hit, event: Evidence) -> Hit:
    told = Told()
    said = (
        f"{hit.said} {told(event, 'repeated')} of {told(event, 'events')} events of {event.subject} were such a second "
        "delivery."
    )
    return replace(hit, said=said, cites=(*hit.cites, *told.cites), breach=True)


RULE = Rule(
    id="QU050",
    slug="webhook-without-memory",
    area="queues",
    mechanism="duplicate-delivery",
    title="A webhook repeats its work",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "Every provider promises at least one delivery, none promises at most one.",
        "Stripe, Handle duplicate events",
    ),
    degradation=1.0,
    why="When an event comes twice, the credit is given twice, the mail sent twice, the parcel packed twice. Nobody "
    "notices until the books are closed.",
    fix=(
        "Keep the event's id in a table with a unique key, in the transaction that does the work.",
        "When the id is there already, answer 200 and do nothing.",
        "Hand jobs the event's id as their own, so that a queue refuses the second.",
        "Send the same event twice in a test and expect one effect.",
    ),
    first_slice=FirstSlice("Keep the ids of events and skip those seen", 4),
    effort=Effort(0.5, 1, 2),
    removes=0.9,
    verify="An event that is sent again from the provider's dashboard changes no row.",
    rollback="Skip the check; the table of ids may stay.",
    references=(
        "Stripe, Handle duplicate events https://docs.stripe.com/webhooks#handle-duplicate-events",
        "PostgreSQL, INSERT ON CONFLICT https://www.postgresql.org/docs/current/sql-insert.html",
    ),
    check=check,
    enabler=True,
)
