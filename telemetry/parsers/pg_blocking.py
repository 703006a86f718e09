"""Rows of the usual blocking queries: a process that waits, and those that hold what it waits for."""

import re
from dataclasses import dataclass, field
from typing import Any

from telemetry import sql
from telemetry.evidence import Evidence, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.pg_times import interval_s
from telemetry.parsers.readers import Row

MAX_STATEMENTS = 200
# Names of the column that holds the blocking process, or an array of them (pg_blocking_pids).
BLOCKED = ("blocking_pid", "blocked_by", "blocking_pids", "pg_blocking_pids", "blockers", "held_by")
_PIDS = ("blocked_pid", "waiting_pid", "pid")
WAITS = ("blocked_statement", "blocked_query", "waits", "query")
HOLDS = ("blocking_statement", "current_statement_in_blocking_process", "blocking_query", "holds")
_WAITED = ("blocked_duration", "waiting", "waiting_duration", "wait_duration", "duration")
_HELD = ("blocking_duration",)
_TEXT = 50_000

Fields = dict[str, str]


@dataclass(slots=True)
class _Statement:
    """One statement that waits, in one process or several."""

    row: Row
    attrs: dict[str, Any]
    blocked: set[str] = field(default_factory=set)
    blockers: set[str] = field(default_factory=set)
    longest: dict[str, tuple[float, Row]] = field(default_factory=dict)


def read_blocking(rows: list[tuple[Row, Fields]], result: ParseResult) -> None:
    """One row for each statement that waits, at most 200. A row without both processes is rejected."""
    found: dict[str, _Statement] = {}
    pairs = 0
    for row, fields in rows:
        waiting, holding = _first(fields, _PIDS), re.findall(r"\d+", _first(fields, BLOCKED))
        if not waiting.isdigit() or not holding:
            readers.reject(row, result)
            continue
        pairs += len(holding)
        text = _first(fields, WAITS)[:_TEXT]
        key = sql.fingerprint(text) if text else "process"
        if key not in found and len(found) >= MAX_STATEMENTS:
            continue
        statement = found.setdefault(key, _Statement(row, _attrs(text, fields)))
        statement.blocked.add(waiting)
        statement.blockers.update(holding)
        for metric, names in (("wait_max_s", _WAITED), ("held_max_s", _HELD)):
            seconds = interval_s(_first(fields, names))
            if seconds is not None and seconds >= statement.longest.get(metric, (0.0, row))[0]:
                statement.longest[metric] = (seconds, row)
    for key, statement in found.items():
        result.evidence.append(_evidence(key, statement, result))
    result.records = pairs
    result.totals = {"waits": pairs}
    if found and not any(statement.longest for statement in found.values()):
        result.notes.append("How long they wait is not in the file.")


def _attrs(text: str, fields: Fields) -> dict[str, Any]:
    attrs = sql.shape_attrs(text) if text else {}
    if holds := _first(fields, HOLDS)[:_TEXT]:
        attrs["blocking"] = sql.redact(sql.normalize(holds))[0][: readers.QUOTE_CHARS]
    return attrs


def _evidence(key: str, statement: _Statement, result: ParseResult) -> Evidence:
    metrics = {"blocked": float(len(statement.blocked)), "blockers": float(len(statement.blockers))}
    metrics |= {metric: seconds for metric, (seconds, _) in statement.longest.items()}
    places = {metric: readers.place(row.line, row.text, result) for metric, (_, row) in statement.longest.items()}
    place = readers.place(statement.row.line, statement.row.text, result)
    return Evidence("pg.blocking", key, metrics, place, places, statement.attrs)


def _first(fields: Fields, names: tuple[str, ...]) -> str:
    return next((fields[name] for name in names if fields.get(name)), "")
