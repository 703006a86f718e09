"""What changed in a finding between two runs, field by field, and whether a source was measured again."""

from collections.abc import Collection, Mapping
from typing import Any

Machine = dict[str, Any]
# Made from other fields of the finding, which are compared themselves.
DERIVED = frozenset({"severity_reason", "ends", "status", "id", "key"})
# What makes a consultant look again: numbers and grades, not rank, wording or advice.
NUMBERS = frozenset({"severity", "impact", "proximity", "confidence", "measured"})
LONGEST = 500
# Rows that a source holds only when something happened → the row it always holds: with that one and without the first,
# it was watched and did not happen.
EVENTS = {
    **dict.fromkeys(("lock", "deadlock", "temp", "error", "autovacuum"), "pg.log.server"),
}


def changed_fields(before: Machine, after: Machine) -> list[Machine]:
    """Fields with another value: field (with a dot inside a part), before, after; None where it was not there."""
    changes: list[Machine] = []
    for name in sorted((before.keys() | after.keys()) - DERIVED):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping) and name != "inputs":
            inner = sorted(old.keys() | new.keys())
            changes += [
                _change(f"{name}.{key}", old.get(key), new.get(key)) for key in inner if old.get(key) != new.get(key)
            ]
        else:
            changes.append(_change(name, _short(name, old), _short(name, new)))
    return changes


def numbers_changed(changes: Collection[Machine]) -> bool:
    """Whether a number or a grade is among the changes."""
    return any(change["field"].partition(".")[0] in NUMBERS for change in changes)


def clear_now(machine: Machine, answers: Mapping[str, str], fresh: Collection[tuple[str, str]]) -> bool:
    """Whether a finding that is gone is gone because its source was measured again, within the same scope.

    `answers` are the rules' answers now, `fresh` the (kind, subject) pairs of files that the last run to show the
    finding did not have. Every rule behind it has to have answered, and its deciding row has to be there again: the
    same kind about the same subject, or, of what is only written when it happens, the log that would hold it.
    """
    rules = machine.get("rules") or [machine["rule"]]
    decisive = (machine.get("evidence") or [{}])[0]
    if any(answers.get(rule) not in ("clear", "hit") for rule in rules) or not decisive.get("kind"):
        return False
    kind = str(decisive["kind"]).removesuffix(".change")
    if (kind, decisive.get("subject")) in fresh:
        return True
    witness = EVENTS.get(kind.removeprefix("pg.log.")) if kind.startswith("pg.log.") else None
    return witness is not None and any(other == witness for other, _ in fresh)


def _change(field: str, before: Any, after: Any) -> Machine:
    return {"field": field, "before": _cut(before), "after": _cut(after)}


def _short(name: str, value: Any) -> Any:
    """Evidence as its places; its quotes stand in the files."""
    if name == "evidence" and isinstance(value, list):
        return [f"{row.get('file')}:{row.get('line')}" for row in value]
    if name == "inputs" and isinstance(value, Mapping):
        return {entry["flow"]: entry["touched"]["point"] for entry in value["exposures"]} | {
            "degradation": value["degradation"],
            "effort_days": value["effort_days"],
        }
    return value


def _cut(value: Any) -> Any:
    return value[:LONGEST] + " …" if isinstance(value, str) and len(value) > LONGEST else value
