"""Code moves money without an idempotency key."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.places import NEEDS_CODE, Places

check = Places(
    "charge_without_idempotency_key",
    "endpoint",
    "{name} may charge twice",
    "{name} calls {operation} without an idempotency key: when the answer is lost and the call is repeated, the money "
    "moves again.",
    snippet="await stripe.paymentIntents.create(params, { idempotencyKey: `order-${order.id}` })",
)

RULE = Rule(
    id="IN001",
    slug="unkeyed-charge",
    area="integrity",
    mechanism="missing-idempotency",
    title="Money moves without an idempotency key",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "One call that moves money and may be repeated is enough to charge a customer twice.",
        "Stripe, Idempotent requests",
    ),
    degradation=1.0,
    why="A customer whose connection breaks presses the button again and pays twice. Refunds, fees and the "
    "complaint cost more than the order earned.",
    fix=(
        "Take a key from what is paid for, such as the order's number, never from the clock or a new random value.",
        "Hand it to the provider with every call that creates a charge, refund, transfer or subscription.",
        "Keep the key with the order before the call, so that a second attempt finds it.",
        "Send the same request twice in a test and expect one charge.",
    ),
    first_slice=FirstSlice("Hand the order's number as key to the heaviest charge", 3),
    effort=Effort(0.5, 1, 2),
    removes=0.9,
    verify="Every creating call in the provider's request log shows a key, and a repeated request gives one charge.",
    rollback="Leave the key out of the call again; nothing else depends on it.",
    references=("Stripe, Idempotent requests https://docs.stripe.com/api/idempotent_requests",),
    check=check,
    enabler=True,
)
