"""A webhook whose sender is never verified: anyone can send a paid invoice.

https://docs.stripe.com/webhooks#verify-events
"""

import re
from collections.abc import Iterator

from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell
from telemetry.source_code.smells.webhooks import is_incomplete, receivers, text_of
from telemetry.source_code.survey import Entry, Survey

_VERIFIES = re.compile(
    r"construct_?event|verif|timingSafeEqual|compare_digest|createHmac|hmac\.new|validate(?:Request|Signature|Webhook)"
    r"|[sS]ignature|svix|crypto\.subtle|is_?valid_?webhook|authenticate",
    re.I,
)
_SECRET = re.compile(
    r"signature|x-hub|webhook[_-]?secret|secret|authorization|api[_-]?key|token|hmac|allowed_?ips|shared_?key", re.I
)
# What stands before many routes and asks nobody who they are.
_BLIND = re.compile(
    r"\A(?:csrf_exempt|api_view|require_\w+|never_cache|non_atomic_requests|json|raw|text|urlencoded|bodyParser|cors|helmet"
    r"|compression|morgan|cookieParser|multipart|formbody|sensible|View|APIView)\Z|rate.?limit|limiter|throttl|logger",
    re.I,
)


def check(survey: Survey) -> Iterator[Judged]:
    """Every route that receives a webhook."""
    for entry in receivers(survey):
        route = entry.route
        if route is None:
            continue
        if any(_VERIFIES.search(name) for name in entry.names) or _SECRET.search(text_of(survey, entry)):
            verdict = CLEAR
        else:
            verdict = UNKNOWN if is_incomplete(survey, entry) or _is_wrapped(entry) else HIT
        yield Judged(
            verdict, route.file, route.line, route.name, {"routes": [route.name], "methods": list(route.methods)}
        )


def _is_wrapped(entry: Entry) -> bool:
    """Whether something stands before the handler whose inside is not known."""
    return bool(entry.route and any(not _BLIND.search(name.rpartition(".")[2]) for name in entry.route.guards))


SMELL = Smell("unsigned_webhook", "a webhook is accepted without verifying who sent it", check)
