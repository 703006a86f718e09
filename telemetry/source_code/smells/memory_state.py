"""A limiter, cache or session kept in the memory of a function: each instance has its own, and it is gone with it."""

import re
from collections.abc import Iterator

from telemetry.source_code.model import Call
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell
from telemetry.source_code.survey import Survey, is_script

_NAMED = re.compile(r"cache|limit|rate|hits|attempt|session|store|bucket|counter|visit|throttl|seen|quota", re.I)
_LIMITS = re.compile(r"limit|rate|hits|attempt|throttl|bucket|quota", re.I)
_KEEPS = frozenset({"Map", "LRUCache", "NodeCache", "Set", "QuickLRU"})


def check(survey: Survey) -> Iterator[Judged]:
    """Maps and caches of a module that its functions fill, and limiters without a store."""
    for file in survey.repository:
        if file.language == "python" or "use client" in file.directives or is_script(file.path):
            continue
        for call in file.calls:
            if _is_kept(call) and _is_used(survey, call):
                use = "limiter" if _LIMITS.search(call.target) else "cache"
                verdict = HIT if survey.serverless else UNKNOWN
                yield Judged(verdict, file, call.line, f"{file.path}:{call.target}", {"use": use, "kept": call.last})
            elif _is_limiter(call):
                table = call.table(0)
                verdict = CLEAR if table is not None and "store" in table else HIT if survey.serverless else UNKNOWN
                verdict = UNKNOWN if table is None or table.open else verdict
                subject = f"{file.path}:{call.target or call.name}"
                yield Judged(verdict, file, call.line, subject, {"use": "limiter", "kept": "MemoryStore"})


def _is_kept(call: Call) -> bool:
    return call.new and call.last in _KEEPS and call.function is None and bool(_NAMED.search(call.target))


def _is_used(survey: Survey, call: Call) -> bool:
    """Whether a function that a request runs fills it; a table filled once at the start is none."""
    filled = [
        one for one in call.file.calls if one.name in (f"{call.target}.set", f"{call.target}.add") and one.function
    ]
    middleware = re.search(r"(?:^|/)(?:middleware|proxy)\.[jt]s\Z", call.file.path)
    return bool(filled) and (bool(middleware) or any(one in survey.entries_of for one in filled))


def _is_limiter(call: Call) -> bool:
    found = call.file.imports.get(call.name)
    return found is not None and found.module == "express-rate-limit" and call.function is None


SMELL = Smell("memory_state", "a limiter or cache lives in the memory of one instance", check)
