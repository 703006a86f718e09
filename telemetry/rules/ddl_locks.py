"""Schema changes that wait for a table or hold it: what waits behind them is their symptom."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.lock_waits import CHANGES_SCHEMA
from telemetry.rules.statements import LOCK, statements

_EXCLUSIVE = "AccessExclusiveLock"
_TABLE = re.compile(
    r"(?:alter|truncate|drop|lock|cluster|reindex)\s+(?:table\s+)?(?:concurrently\s+)?(?:only\s+)?(?:if\s+exists\s+)?"
    r"(?P<table>[\w.\"]+)|\bon\s+(?:only\s+)?(?P<on>[\w.\"]+)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a table's schema and the row whose `metric` says how many or how long."""

    table: str
    row: Evidence
    metric: str
    text: str = ""


def table_of(text: str) -> str:
    """The table that a statement of definition names, "" when it names none."""
    found = _TABLE.search(text)
    name = (found["table"] or found["on"]) if found else ""
    return name.replace('"', "").removeprefix("public.")


def changes(evidence: EvidenceSet) -> Iterator[Change]:
    """Changes that were seen to wait or to make others wait: in the log, among blocked sessions, among locks."""
    for statement in statements(evidence):
        lock = statement.rows.get(LOCK)
        if lock is not None and statement.verb in CHANGES_SCHEMA and (table := table_of(statement.text)):
            yield Change(table, lock, "wait_max_ms", statement.text)
    for row in evidence.having("pg.blocking", "blocked"):
        text = str(row.attrs.get("query") or "")
        holds = str(row.attrs.get("blocking") or "")
        for one in (holds, text):
            if one.split(" ", 1)[0].upper() in CHANGES_SCHEMA and (table := table_of(one)):
                yield Change(table, row, "blocked", one)
                break
    for row in evidence.having("pg.locks.object", "waiting"):
        # pg_locks names a table by its number until it is joined with pg_class; the queue behind it is the same.
        modes = {*(row.attrs.get("modes_held") or ()), *(row.attrs.get("modes_waiting") or ())}
        if _EXCLUSIVE in modes and row.metrics["waiting"] > 0:
            yield Change(row.subject, row, "waiting")


def locked_by_change(evidence: EvidenceSet) -> set[str]:
    """Tables that a schema change waits for or holds."""
    return {change.table for change in changes(evidence)}
