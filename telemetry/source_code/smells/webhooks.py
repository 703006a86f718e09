"""Which routes receive what another system sends, and what their code says about it: used by three smells."""

import re

from telemetry.source_code.model import Call
from telemetry.source_code.smells.base import is_missing_part
from telemetry.source_code.survey import Entry, Survey

_BODY = re.compile(
    r"\.(?:json|text|arrayBuffer|formData|rawBody|raw_body)\(|\bbody\b|\brequest\.(?:data|POST|get_json|get_data)\b"
    r"|\bpayload\b|\bbuffer\(|micro\b"
)
SESSION = re.compile(
    r"getServerSession|(?:^|\.)auth\Z|currentUser|requireUser|requireAuth|getSession|withSession|withAuth|getUser\b"
    r"|with(?:Workspace|Admin|Partner|Organization)|login_required|IsAuthenticated|get_(?:\w+_)?user\b|protectedProcedure"
    r"|AuthGuard|ensureAuth|isAuthenticated|getToken\Z|Permission|LoginRequired|login_required",
)


def receivers(survey: Survey) -> list[Entry]:
    """Routes that take in a webhook. One behind a sign-in manages webhooks; one that reads no body receives none."""
    return [
        entry
        for entry in survey.entries
        if entry.kind == "route"
        and entry.route is not None
        and entry.route.webhook
        and not any(SESSION.search(name) for name in entry.names)
        and (not entry.functions or _BODY.search(text_of(survey, entry)))
    ]


def text_of(survey: Survey, entry: Entry) -> str:
    """The source of everything that runs for an entry."""
    functions = dict.fromkeys(one for function in entry.functions for one in survey.repository.functions(function))
    return "\n".join(function.text for function in functions)


def is_incomplete(survey: Survey, entry: Entry) -> bool:
    """Whether what answers lies partly where nobody sent it."""
    route = entry.route
    return route is None or not entry.functions or not route.complete or is_missing_part(survey, entry)


def first_line(entry: Entry, call: Call | None = None) -> tuple[int, str]:
    """(line, path) that a judgement about an entry stands at."""
    route = entry.route
    if call is not None:
        return call.line, call.file.path
    return (route.line, route.file.path) if route else (1, "")
