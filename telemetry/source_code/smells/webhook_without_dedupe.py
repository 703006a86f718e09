"""A webhook that adds rows or starts work without remembering which event it has seen: deliveries come twice.

https://docs.stripe.com/webhooks#handle-duplicate-events
"""

import re
from collections.abc import Iterator

from telemetry.source_code.database import query_of
from telemetry.source_code.model import Call
from telemetry.source_code.services import is_mail, job_of
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell
from telemetry.source_code.smells.webhooks import is_incomplete, receivers, text_of
from telemetry.source_code.survey import Survey

_REMEMBERS = re.compile(
    r"\b(?:event|evt|payload|body|data|message|webhook|notification)(?:\.|\?\.|\[[\"'])(?:event_?)?id\b|event_?id\b"
    r"|(?:svix|webhook|x-\w+-delivery|x-github)-?\w*-?id\b|idempot|dedup|already|processed|delivery|jobId|job_id"
    r"|get_or_create|update_or_create|upsert|ON CONFLICT|P2002|IntegrityError|skipDuplicates|setnx|[\"']NX[\"']|\bnx\b"
    r"|onConflict|ignore_conflicts",
    re.I,
)
_ADDS = re.compile(r"create|insert|increment|bulk|\bsave\b", re.I)


def check(survey: Survey) -> Iterator[Judged]:
    """Every route that receives a webhook and adds something; setting a state twice does no harm."""
    for entry in receivers(survey):
        route = entry.route
        adds = next((call for call in entry.calls if _adds(survey, call)), None)
        if route is None or adds is None:
            continue
        attrs = {"routes": [route.name]}
        if _REMEMBERS.search(text_of(survey, entry)):
            yield Judged(CLEAR, route.file, route.line, route.name, attrs)
        else:
            verdict = UNKNOWN if is_incomplete(survey, entry) else HIT
            yield Judged(verdict, adds.file, adds.line, route.name, attrs)


def _adds(survey: Survey, call: Call) -> bool:
    query = query_of(call)
    if query is not None:
        return bool(_ADDS.search(query.operation))
    return job_of(survey.repository, call) is not None or is_mail(call)


SMELL = Smell("webhook_without_dedupe", "a webhook adds rows or work without remembering the event", check)
