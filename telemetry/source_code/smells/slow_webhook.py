"""A webhook that works before it answers: the sender gives up and sends again.

Stripe: "your endpoint must quickly return a successful status code prior to any complex logic".
"""

from collections.abc import Iterator

from telemetry.source_code.model import Call
from telemetry.source_code.services import http_library, is_llm, is_mail, is_stripe
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell, is_deferred
from telemetry.source_code.smells.webhooks import is_incomplete, receivers
from telemetry.source_code.survey import Survey


def check(survey: Survey) -> Iterator[Judged]:
    """Every route that receives a webhook."""
    for entry in receivers(survey):
        route = entry.route
        if route is None:
            continue
        calls = [
            call
            for function in entry.functions
            for call in survey.repository.reach(function, lambda call: not is_deferred(call))
        ]
        slow = [(call, what) for call in calls if (what := _slow(survey, call))]
        attrs = {"routes": [route.name], "work": sorted({what for _, what in slow})}
        if slow:
            yield Judged(HIT, slow[0][0].file, slow[0][0].line, route.name, attrs)
        else:
            verdict = UNKNOWN if is_incomplete(survey, entry) else CLEAR
            yield Judged(verdict, route.file, route.line, route.name, attrs)


def _slow(survey: Survey, call: Call) -> str:
    """What a call waits for, "" when it is quick or nobody waits."""
    waits = call.awaited or call.returned or call.file.language == "python"
    if not waits or call.inner:
        return ""
    if is_llm(call):
        return "language model"
    if is_mail(call):
        return "e-mail"
    if http_library(call):
        return "request to another system"
    if (
        is_stripe(survey.repository, call)
        and "webhooks" not in call.name.lower()
        and "construct" not in call.name.lower()
    ):
        return "Stripe"
    return ""


SMELL = Smell("slow_webhook", "a webhook calls other systems before it answers", check)
