"""Django's hidden query: a row of a list is asked for what its foreign key points to, and the list was not joined."""

import re
from collections.abc import Iterator

from telemetry.source_code.model import Loop, Ref, SourceFile
from telemetry.source_code.smells.base import CLEAR, HIT, Judged, at_call
from telemetry.source_code.survey import Survey

_MODEL = re.compile(r"(\w+)\.objects\b")
_FOREIGN = re.compile(r"models\.(?:ForeignKey|OneToOneField)\(|(?:ForeignKey|OneToOneField)\(")


def reads_in_loops(survey: Survey) -> Iterator[Judged]:
    """Loops over a query that read a field of a foreign key's row."""
    keys = keys_of(survey)
    functions = {call.function: (call, entries) for call, entries in survey.reached if call.file.language == "python"}
    for file in survey.repository:
        for loop in file.loops if keys else ():
            if loop.function not in functions:
                continue
            query = _query(file, loop)
            found = _MODEL.search(query)
            if not found or found[1] not in keys:
                continue
            read = _first_read(file, loop, keys[found[1]])
            if read is None:
                continue
            line, key = read
            joined = re.search(rf"(?:select|prefetch)_related\((?:\)|[^)]*[\"']{key}\b)", query)
            call, entries = functions[loop.function]
            judged = at_call(CLEAR if joined else HIT, call, entries, table=found[1], loop=loop.line, through=key)
            yield Judged(judged.verdict, file, line, judged.subject, judged.attrs)


def keys_of(survey: Survey) -> dict[str, set[str]]:
    """The foreign keys of each model."""
    found: dict[str, set[str]] = {}
    for file in survey.repository:
        for name, cls in file.classes.items() if file.language == "python" else ():
            keys = {key for key, value in cls.values.items() if isinstance(value, Ref) and _FOREIGN.match(value.text)}
            if keys:
                found.setdefault(name, set()).update(keys)
    return found


def _query(file: SourceFile, loop: Loop) -> str:
    """The source of the query a loop runs over, through one variable of its function."""
    if not loop.over.isidentifier() or loop.function is None:
        return loop.over
    found = re.search(rf"^\s*{loop.over}\s*=\s*(.+?)(?=^\s*\w+\s*=|\Z)", loop.function.text, re.M | re.S)
    return found[1][:600].partition("\n\n")[0] if found else ""


def _first_read(file: SourceFile, loop: Loop, keys: set[str]) -> tuple[int, str] | None:
    for read in file.reads:
        parts = read.name.split(".")
        if read.loop == loop.line and parts[0] == loop.variable and parts[1] in keys and parts[2] not in ("id", "pk"):
            return read.line, parts[1]
    return None
