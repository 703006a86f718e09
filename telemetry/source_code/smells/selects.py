"""SQLAlchemy's `select(Model)...`: a statement that is built in one place, and run and read in another."""

import re

from telemetry.source_code.database import chain_of
from telemetry.source_code.model import Call, Ref
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Verdict

_ONE = r"first|one|one_or_none|scalar|scalar_one|scalar_one_or_none|fetchone"
_ALL = r"all|fetchall"
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
    text = call.function.text if call.function else ""
    built = call.target if call.target.isidentifier() else ""
    read = _read(call, text, built)
    if read is None:
        return None
    where = " ".join(_given(steps, ("where", "filter")))
    narrow = any(_KEYS & set(one.options) for one in steps if one.last == "filter_by") or _NARROW.search(where)
    if narrow or _BOUNDS & _words(call) or _is_bounded(call, text, built):
        return CLEAR
    changed = built and re.search(rf"\b{built}\s*=\s*(?!\(?\s*select\()", text)
    return UNKNOWN if _OF_ONE.search(where) or changed or read is UNKNOWN else HIT


def _given(steps: list[Call], names: tuple[str, ...]) -> list[str]:
    """The source of what these steps of a chain are given."""
    return [value.text for one in steps if one.last in names for value in one.args if isinstance(value, Ref)]


def _words(call: Call) -> set[str]:
    return set(call.name.split("."))


def _around(call: Call) -> list[Call]:
    return call.file.calls_of(call.function) if call.function else []


def _is_bounded(call: Call, text: str, built: str) -> bool:
    """Whether a statement gets its limit after it was built: `statement.limit(20)`, `paginate(statement)`."""
    later = any(one.head == built and _BOUNDS & _words(one) for one in _around(call))
    return bool(built) and (later or bool(re.search(rf"paginat\w*\([^)]*\b{built}\b", text)))


def _read(call: Call, text: str, built: str) -> Verdict | None:
    """HIT when all rows are read, None when one row is, UNKNOWN when the code here does not say."""
    runner = call.given_to
    if runner is None and built:
        runner = next((one for one in _around(call) if _is_run(one, built)), None)
    if runner is None:
        return UNKNOWN if built else None
    if runner.last not in _RUNS:
        return None
    outer = _outermost(runner)
    if re.fullmatch(_ONE, outer.last):
        return None
    if re.fullmatch(_ALL, outer.last):
        return HIT
    name = outer.target if outer.target.isidentifier() else "?"
    read = rf"\b{re.escape(name)}(?:\.\w+\(\))*\."
    if re.search(rf"{read}(?:{_ONE})\(", text):
        return None
    return HIT if re.search(rf"{read}(?:{_ALL})\(\)", text) else UNKNOWN


def _is_run(call: Call, built: str) -> bool:
    """Whether a call runs the statement of this name, or one that goes on from it."""
    return call.last in _RUNS and bool(re.match(rf"{built}\b", getattr((call.args or [None])[0], "text", "")))


def _outermost(call: Call) -> Call:
    """The last call made on a call's result, which begins where the call does: `.all()` of `session.exec(..).all()`."""
    if not call.inner:
        return call
    after = (one for one in call.file.calls if one.line == call.line and not one.inner)
    return next((one for one in after if one.name.startswith(f"{call.name}.")), call)
