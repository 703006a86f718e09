"""A request to another system without a time limit: when that system hangs, so does everything that waits for it.

Node.js's fetch has only undici's 300 s for headers; axios, got and requests wait for ever, ky 10 s and httpx 5 s.
"""

from collections.abc import Iterator

from telemetry.source_code.model import Call, Import, Table
from telemetry.source_code.services import http_library, made_by
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell, Verdict, at_call
from telemetry.source_code.survey import Survey

_BODY = frozenset({"post", "put", "patch"})
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "request"})


def check(survey: Survey) -> Iterator[Judged]:
    """Every such request that a request or a job makes."""
    defaults = any(b"axios.defaults.timeout" in file.text for file in survey.repository if _axios(file.imports))
    for call, entries in survey.reached:
        library = http_library(call)
        if library is not None:
            verdict = CLEAR if library == "axios" and defaults else _verdict(call, library)
            yield at_call(verdict, call, entries, library=library)
        elif call.last in _VERBS and call.name.count(".") == 1 and call.file.language != "python":
            made = made_by(survey.repository, call.file, call.head)
            if made is not None and made.name in ("axios.create", "got.extend"):
                verdict, library = _limited(made.table(0), bool(made.args)), made.head
                yield at_call(CLEAR if verdict is CLEAR else _verdict(call, library), call, entries, library=library)


def _axios(imports: dict[str, Import]) -> bool:
    return "axios" in imports


def _verdict(call: Call, library: str) -> Verdict:
    if call.file.language == "python":
        return _python(call, library)
    if any(outer.name in ("Promise.race", "pTimeout", "withTimeout") for outer in call.around()):
        return CLEAR
    if library == "axios":
        place = 0 if call.name.count(".") == 0 or call.last == "request" else 2 if call.last in _BODY else 1
    else:
        place = 1
    if call.open:
        return UNKNOWN
    return _limited(call.table(place), place < len(call.args))


def _limited(table: Table | None, given: bool) -> Verdict:
    if table is None:
        return UNKNOWN if given else HIT
    return CLEAR if {"signal", "timeout", "cancelToken"} & set(table) else UNKNOWN if table.open else HIT


def _python(call: Call, library: str) -> Verdict:
    if "timeout" in call.options:
        return HIT if call.options["timeout"] is None else CLEAR
    if library == "httpx" or (library == "urllib" and len(call.args) >= 3):
        return CLEAR
    return UNKNOWN if call.open else HIT


SMELL = Smell("call_without_timeout", "a request to another system has no time limit", check)
