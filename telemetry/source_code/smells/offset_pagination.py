"""Pages by skipping rows: the database reads and throws away everything before the page."""

from collections.abc import Iterator

from telemetry.source_code.database import chain_of, is_select, query_of
from telemetry.source_code.model import Call, Ref
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell, Verdict, at_call, in_request
from telemetry.source_code.survey import Survey


def check(survey: Survey) -> Iterator[Judged]:
    """List queries, paginators and SQL with OFFSET that a request runs."""
    functions: dict[object, Call] = {}
    for call, entries in survey.reached:
        waiting = in_request(entries)
        if not waiting:
            continue
        at = call.function
        while at is not None:
            functions.setdefault(at, call)
            at = at.parent
        query = query_of(call)
        verdict = (_paginator(call) or _continued(call)) if query is None else _verdict(call)
        if verdict is not None:
            yield at_call(verdict, call, waiting, table=query.model if query else "")
    for file in survey.repository:
        for line, kind, function in file.texts:
            if function in functions:
                judged = at_call(HIT, functions[function], in_request(survey.entries_of[functions[function]]), table="")
                yield Judged(HIT, file, line, judged.subject, judged.attrs | {"written": kind})


def _paginator(call: Call) -> Verdict | None:
    found = call.file.imports.get(call.name)
    return HIT if call.name == "Paginator" and found and found.module.startswith("django.core") else None


def _continued(call: Call) -> Verdict | None:
    """A statement that was begun before: `statement.order_by(...).offset(skip)`."""
    if call.inner or call.file.language != "python" or "offset" not in call.name.split("."):
        return None
    made = call.file.made_for(call, call.head)
    return _verdict(call) if made is not None and made.head == "select" and is_select(made) else None


def _verdict(call: Call) -> Verdict | None:
    table = call.table(0)
    if table is not None and call.last in ("findMany", "findAll", "find", "findAndCountAll", "findAndCount"):
        value = table.get("skip", table.get("offset"))
        if "cursor" in table:
            return CLEAR
        if value is None:
            return UNKNOWN if table.open else CLEAR if {"take", "limit"} & set(table) else None
        return HIT if isinstance(value, Ref) else CLEAR
    if "offset" in call.name.split("."):
        steps = [one for one in (call, *chain_of(call)) if one.last == "offset" and one.args]
        return HIT if any(isinstance(one.args[0], Ref) for one in steps) else CLEAR
    return None


SMELL = Smell("offset_pagination", "pages are found by skipping rows", check)
