"""SQLAlchemy's `select(Model)...`: a statement that is built in one place, and run and read in another."""

import re
from collections.abc import Iterator

from telemetry.source_code.database import chain_of
from telemetry.source_code.model import Call, Ref
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Verdict

_ONE = frozenset({"first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "fetchone"})
_ALL = frozenset({"all", "fetchall"})
_COUNTED = re.compile(r"(?:sa\.)?(?:func|exists|literal|count|text)\b")
_NARROW = re.compile(r"\.in_\(|\b\w+\.(?:id|pk|uuid|slug|email|token|key|name)\s*==")
_OF_ONE = re.compile(r"\b\w+\.\w+_id\s*==")
_RUNS = frozenset({"execute", "exec", "scalars", "stream", "stream_scalars"})
_BOUNDS = frozenset({"limit", "slice", "fetch"})
_PARTS = frozenset({"group_by", "exists", "subquery"})
_KEYS = frozenset({"id", "uuid", "slug", "email"})


def selected(call: Call) -> Verdict | None:
    """Whether a statement gives a list without a limit; None when it gives no list, or is only a part of another."""
    steps = [call, *chain_of(call)]
    columns = _given(steps, ("select",))
    if not columns or any(_COUNTED.match(text) for text in columns) or _PARTS & _words(call):
        return None
    built = call.target if call.target.isidentifier() else ""
    read = _read(call, built)
    if read is None:
        return None
    where = " ".join(_given(steps, ("where", "filter")))
    narrow = any(_KEYS & set(one.options) for one in steps if one.last == "filter_by") or _NARROW.search(where)
    if narrow or _BOUNDS & _words(call) or _is_bounded(call, built):
        return CLEAR
    changed = built and any(one.head != "select" for one in _inside(call, call.file.bound(built)))
    return UNKNOWN if _OF_ONE.search(where) or changed or read is UNKNOWN else HIT


def _given(steps: list[Call], names: tuple[str, ...]) -> list[str]:
    """The source of what these steps of a chain are given."""
    return [value.text for one in steps if one.last in names for value in one.args if isinstance(value, Ref)]


def _words(call: Call) -> set[str]:
    return set(call.name.split("."))


def _later(call: Call, built: str) -> Iterator[Call]:
    """The calls on a statement, or with it, in the function that builds it."""
    return _inside(call, call.file.naming(built)) if built else iter(())


def _inside(call: Call, found: list[Call]) -> Iterator[Call]:
    """Those that stand in the function of a call or in one inside it, of the first thousand."""
    at = call.function
    for one in found[:1000]:
        if at is not None and one.function is not None and one.function.within(at):
            yield one


def _is_bounded(call: Call, built: str) -> bool:
    """Whether a statement gets its limit after it was built: `statement.limit(20)`, `paginate(statement)`."""
    return any(
        (one.head == built and _BOUNDS & _words(one)) or "paginat" in one.last.lower() for one in _later(call, built)
    )


def _read(call: Call, built: str) -> Verdict | None:
    """HIT when all rows are read, None when one row is, UNKNOWN when the code here does not say."""
    runner = call.given_to
    if runner is None and built:
        runner = next((one for one in _later(call, built) if one.last in _RUNS and one.head != built), None)
    if runner is None:
        return UNKNOWN if built else None
    if runner.last not in _RUNS:
        return None
    outer = _outermost(runner)
    result = outer.target if outer.target.isidentifier() else ""
    ends = {outer.last, *(one.last for one in _later(call, result) if one.head == result)}
    return None if ends & _ONE else HIT if ends & _ALL else UNKNOWN


def _outermost(call: Call) -> Call:
    """The last call made on a call's result, which begins where the call does: `.all()` of `session.exec(..).all()`."""
    if not call.inner:
        return call
    after = (one for one in call.file.naming(call.head) if one.line == call.line and not one.inner)
    return next((one for one in after if one.name.startswith(f"{call.name}.")), call)
