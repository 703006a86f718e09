"""A charge, refund or transfer without an idempotency key: a retry moves the money twice.

https://docs.stripe.com/api/idempotent_requests
"""

import re
from collections.abc import Iterator

from telemetry.source_code.model import Call
from telemetry.source_code.services import is_stripe
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell, Verdict, at_call
from telemetry.source_code.survey import Survey

_MOVES = re.compile(
    r"(?:payment_?intents?|charges?|refunds?|transfers?|payouts?|subscriptions?|invoice_?items?|top_?ups?)\.create\Z",
    re.I,
)


def check(survey: Survey) -> Iterator[Judged]:
    """Every call that a request or job makes to move money."""
    for call, entries in survey.reached:
        if _MOVES.search(call.name) and is_stripe(survey.repository, call):
            yield at_call(_verdict(call), call, entries, operation=".".join(call.name.split(".")[-2:]))


def _verdict(call: Call) -> Verdict:
    if call.file.language == "python":
        options = call.table(1)
        keyed = (
            "idempotency_key" in call.options or "options" in call.options or (options and "idempotency_key" in options)
        )
        return CLEAR if keyed else UNKNOWN if call.open else HIT
    if len(call.args) < 2:
        return UNKNOWN if call.open else HIT
    options = call.table(1)
    if options is None:
        return UNKNOWN
    return CLEAR if "idempotencyKey" in options else UNKNOWN if options.open else HIT


SMELL = Smell("charge_without_idempotency_key", "money is moved without an idempotency key", check)
