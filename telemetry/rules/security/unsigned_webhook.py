"""Callbacks are accepted from anyone."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.places import NEEDS_CODE, Places

check = Places(
    "unsigned_webhook",
    "endpoint",
    "{name} believes every sender",
    "{name} acts on what it is sent, and nothing in its code verifies a signature or a shared secret.",
    snippet="const event = stripe.webhooks.constructEvent(await request.text(), "
    'request.headers.get("stripe-signature")!, '
    "process.env.STRIPE_WEBHOOK_SECRET!)",
)

RULE = Rule(
    id="SE010",
    slug="unsigned-webhook",
    area="security",
    mechanism="unsigned-webhook",
    title="A webhook believes every sender",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "The address of a webhook is no secret: one that verifies nothing takes orders from anyone.",
        "Stripe, Verify webhook signatures",
    ),
    degradation=1.0,
    why="Anyone who finds the address can report a payment that never happened, and goods leave the house for nothing.",
    fix=(
        "Verify the sender's signature over the raw body, before the body is parsed.",
        "Refuse with 400 what does not verify, and refuse what is older than five minutes.",
        "Where the sender signs nothing, put a long secret into the address or a header, and compare in constant time.",
        "Send a forged event in a test and expect 400.",
    ),
    first_slice=FirstSlice("Verify the signature in this handler", 4),
    effort=Effort(0.25, 0.5, 1),
    removes=0.95,
    verify="A request without a signature, and one with a wrong one, are answered with 400 and change nothing.",
    rollback="Log what does not verify instead of refusing it, until the secret is right.",
    references=(
        "Stripe, Verify webhook signatures https://docs.stripe.com/webhooks#verify-events",
        "GitHub, Validating webhook deliveries "
        "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
    ),
    check=check,
)
