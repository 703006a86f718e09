"""A webhook works before it answers."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.places import NEEDS_CODE, Places

check = Places(
    "slow_webhook",
    "route",
    "{name} works before it answers",
    "{name} waits for other systems ({work}) before it answers the sender; when they are slow the sender gives up and "
    "sends the event again.",
)

RULE = Rule(
    id="QU051",
    slug="slow-webhook",
    area="queues",
    mechanism="work-in-request",
    title="A webhook works before it answers",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "Senders wait some seconds and then count the delivery as failed; one slow partner is enough.",
        "Stripe, Quickly return a 2xx response",
    ),
    degradation=0.3,
    why="When a mail service or partner is slow, payments seem to fail although they did not, and every event comes "
    "again on top of the load.",
    fix=(
        "Verify the event, keep it in a table or queue, answer 200.",
        "Do the work in a job that takes the event's id, so that a second one is refused.",
        "Watch the age of the oldest event that waits.",
    ),
    first_slice=FirstSlice("Keep the event, answer, and work in a job", 6),
    effort=Effort(0.5, 1, 2),
    removes=0.8,
    verify="The handler answers in under 200 ms while the other system is down.",
    rollback="Call the work in the handler again; the queue may run empty.",
    references=("Stripe, Quickly return a 2xx response https://docs.stripe.com/webhooks",),
    check=check,
)
