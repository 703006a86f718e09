"""A sign-in, search or AI route that nothing limits: one client can use it up, or guess at it."""

import re
from collections.abc import Iterator

from telemetry.source_code.services import is_llm
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell, is_missing_part
from telemetry.source_code.smells.webhooks import SESSION
from telemetry.source_code.survey import Entry, Survey

_LIMITER = re.compile(
    r"rate.?limit|limiter|throttl|slow.?down|arcjet|brute|axes|turnstile|captcha|botid|\.protect\Z", re.I
)
_SIGN_IN = frozenset(
    {
        "login",
        "signin",
        "sign-in",
        "register",
        "signup",
        "sign-up",
        "forgot-password",
        "reset-password",
        "otp",
        "magic-link",
    }
    | {"verify-otp", "password-reset", "forgot", "send-otp", "2fa", "mfa", "sign_in", "sign_up", "reset_password"}
)
_PEOPLE = re.compile(
    r"(?:api|v\d+|rest|public|auths?|authentication|identity|accounts?|users?|members?|customers?|sessions?|me)\Z"
)
_GATES = re.compile(
    r"(?:^|/)(?:middleware|proxy)\.[cm]?[jt]s\Z|(?:^|/)settings(?:[_/]\w+)*\.py\Z|(?:^|/)hooks\.server\.[jt]s\Z"
)


def check(survey: Survey) -> Iterator[Judged]:
    """Every route with such a name, or that asks a language model."""
    everywhere = _limits_everywhere(survey)
    for entry in survey.entries:
        sort = _sort(entry)
        route = entry.route
        if route is None or not sort:
            continue
        if everywhere or any(_LIMITER.search(name) for name in entry.names):
            verdict = CLEAR
        elif sort == "search" and any(SESSION.search(name) for name in entry.names):
            verdict = UNKNOWN  # who is signed in may be limited, or at least stopped
        elif not entry.functions or not route.complete or is_missing_part(survey, entry):
            verdict = UNKNOWN
        else:
            verdict = HIT
        attrs = {"routes": [route.name], "sort": sort, "methods": list(route.methods)}
        yield Judged(verdict, route.file, route.line, route.name, attrs)


def _sort(entry: Entry) -> str:
    """Why the route should be limited: "sign-in", "ai", "search"; "" when it need not be."""
    route = entry.route
    if route is None or route.page or entry.kind != "route":
        return ""
    if any(is_llm(call) or call.name == "streamText" for call in entry.calls):
        return "ai"
    if _signs_in(route.path) and (not route.methods or "POST" in route.methods):
        return "sign-in"
    return "search" if "search" in route.words else ""


def _signs_in(path: str) -> bool:
    """Whether a person signs in or up here; a device or an OAuth client that is registered is none."""
    words = [word.lower() for word in path.split("/") if word]
    for before, word in zip(["", *words], words, strict=False):
        if word in _SIGN_IN and (word != "register" or not before or _PEOPLE.match(before)):
            return True
    return False


def _limits_everywhere(survey: Survey) -> bool:
    """Whether a limiter stands before all routes: middleware of the framework, its settings, a global guard."""
    for file in survey.repository:
        if _GATES.search(file.path) and _LIMITER.search(file.text.decode("utf-8", "replace")):
            return True
        for call in file.calls:
            given = " ".join(getattr(value, "text", "") for value in call.args[:2])
            if call.last in ("useGlobalGuards", "add_middleware") and _LIMITER.search(given):
                return True
        if "APP_GUARD" in file.imports and any(_LIMITER.search(name) for name in file.imports):
            return True
    return False


SMELL = Smell("no_rate_limit", "a sign-in, search or AI route that nothing limits", check)
