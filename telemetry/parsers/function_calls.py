"""One record of a function log as one shape, whichever way it was exported.

Fields after Vercel's documentation of log drains (https://vercel.com/docs/drains/reference/logs) and the source of
`vercel logs --json`; error codes after https://vercel.com/docs/errors.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telemetry.known_errors import HINTS, causes_in
from telemetry.parsers.access_requests import Cache, is_bot

DRAIN, CLI = "log-drain", "vercel-logs"
_DRAIN_KEYS = ("deploymentId", "source", "projectId")
_CLI_KEYS = ("requestMethod", "responseStatusCode", "domain")
_FUNCTION_SOURCES = frozenset(("lambda", "edge", "serverless", "edge-function", "edge-middleware"))
_LINE_SUFFIX = re.compile(r"_\d+$")
# What a message tells about its request, by metric.
_SAID = re.compile(
    r"(?P<timeouts>(?:FUNCTION|MIDDLEWARE)_INVOCATION_TIMEOUT|[Tt]ask timed out after|Runtime Timeout Error)"
    r"|(?P<throttled>FUNCTION_THROTTLED)"
    r"|(?P<payload_too_large>FUNCTION_(?:RESPONSE_)?PAYLOAD_TOO_LARGE)"
    r"|(?P<crashes>NO_RESPONSE_FROM_FUNCTION|(?:FUNCTION|MIDDLEWARE)_INVOCATION_FAILED"
    r"|Runtime exited|Process exited before)"
    r"|(?P<paused>DEPLOYMENT_(?:PAUSED|DISABLED))"
    r"|(?P<loops>INFINITE_LOOP_DETECTED)"
    r"|(?P<cold_starts>Init Duration: )"
)
# One of these stands in every text above, in the runtime's reports and in the texts of known errors; asking for them
# first is much cheaper than the expressions.
_SAID_HINTS = ("FUNCTION_", "MIDDLEWARE_", "NO_RESPONSE_", "DEPLOYMENT_", "LOOP_", "imed out", "Timeout", "exited")
_HINTS = (*_SAID_HINTS, "Init D", "REPORT", *HINTS)
_BY_STATUS = {413: "payload_too_large", 402: "paused", 508: "loops"}
_SERVED = {"HIT": "cache_hit", "STALE": "cache_hit", "PRERENDER": "cache_hit", "MISS": "cache_miss"}
_SERVED["REVALIDATED"] = "cache_miss"


@dataclass(frozen=True, slots=True)
class Call:
    """What a record says about its request. `marks` maps metrics such as "timeouts" to the text that shows them."""

    request: str
    path: str
    method: str
    status: int | None
    cache: str | None  # "cache_hit" | "cache_miss"
    region: str
    deployment: str
    size: int | None
    reported: bool  # the record is the runtime's own report of an invocation
    marks: Mapping[str, str]
    bot: bool | None  # whether the agent is a program; None where the record names none


def carrier_of(record: object) -> str | None:
    """Which export a record comes from, None when it is neither."""
    if not isinstance(record, dict):
        return None
    if all(key in record for key in _CLI_KEYS):
        return CLI
    return DRAIN if all(key in record for key in _DRAIN_KEYS) else None


def call_of(record: dict[str, Any], carrier: str) -> Call | None:
    """The request a record belongs to; None for build output and other records without one."""
    return _cli_call(record) if carrier == CLI else _drain_call(record)


def _drain_call(record: dict[str, Any]) -> Call | None:
    proxy = record.get("proxy")
    proxy = proxy if isinstance(proxy, dict) else {}
    request = _text(record.get("requestId")) or _text(proxy.get("vercelId"))
    if record["source"] == "build" or not (request or proxy):
        return None
    own, outer = record.get("statusCode"), proxy.get("statusCode")
    message = _text(record.get("message"))
    source = _text(record["source"])
    status = _status(own) or _status(outer)
    # -1 is "the function gave no answer"; at the proxy it marks a revalidation in the background, which is no error.
    crashed = own == -1 and outer != -1
    size = proxy.get("responseByteSize")
    return Call(
        request=request or _text(record.get("id")),
        path=_text(record.get("path")) or _text(proxy.get("path")) or "/",
        method=_text(proxy.get("method")),
        status=status,
        cache=_SERVED.get(_text(proxy.get("vercelCache")).upper()),
        region=_text(record.get("executionRegion")) or _text(proxy.get("lambdaRegion")) or _text(proxy.get("region")),
        deployment=_text(record["deploymentId"]),
        size=size if isinstance(size, int) and size >= 0 else None,
        reported=message.startswith("REPORT RequestId"),
        marks=_marks(message, status, source, "statusCode" if crashed else ""),
        bot=bot_of(proxy.get("userAgent")),
    )


def _cli_call(record: dict[str, Any]) -> Call | None:
    identity = _text(record.get("id"))
    message = _text(record.get("message"))
    status = _status(record["responseStatusCode"])
    return Call(
        request=_LINE_SUFFIX.sub("", identity),
        path=_text(record.get("requestPath")) or "/",
        method=_text(record["requestMethod"]),
        status=status,
        cache=_SERVED.get(_text(record.get("cache")).upper()),
        region="",
        deployment=_text(record.get("deploymentId")),
        size=None,
        reported=message.startswith("REPORT RequestId"),
        marks=_marks(message, status, _text(record.get("source")), ""),
        bot=None,
    )


def bot_of(agents: object) -> bool | None:
    """Whether the first of a request's agents is a program that nobody waits for; a drain writes them as a list."""
    agent = agents[0] if isinstance(agents, list) and agents else agents
    return PROGRAMS[agent] if isinstance(agent, str) and agent else None


# Whether an agent is a program that nobody waits for: to look at one takes as long as to read ten records.
PROGRAMS = Cache(lambda agent: is_bot(agent.encode("utf-8", "replace")))


def tells(message: str, hints: Sequence[str] = _HINTS) -> bool:
    """Whether a message may tell an outcome, or is the runtime's report: cheap, and never wrongly no."""
    for hint in hints:  # noqa: SIM110 - every message of a log is asked, and any() takes half as long again
        if hint in message:
            return True
    return False


def hints_in(messages: Iterable[str]) -> list[str]:
    """What `tells` has to look for in any of these messages: most of it stands in none."""
    text = "\n".join(messages)
    return [hint for hint in _HINTS if hint in text]


def _marks(message: str, status: int | None, source: str, crash: str) -> dict[str, str]:
    marks: dict[str, str] = {}
    if tells(message):
        marks = {str(found.lastgroup): found[0] for found in _SAID.finditer(message)} | causes_in(message)
    if status in _BY_STATUS:
        marks.setdefault(_BY_STATUS[status], str(status))
    if status == 504 and source in _FUNCTION_SOURCES:
        marks.setdefault("timeouts", "504")
    if crash:
        marks.setdefault("crashes", crash)
    return marks


def _status(value: object) -> int | None:
    """A status; 0 and -1 stand for none."""
    return value if isinstance(value, int) and 100 <= value <= 599 else None


def _text(value: object) -> str:
    """A text, "" for anything else; NUL, which databases refuse, is replaced."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "\ufffd") if "\x00" in value else value
