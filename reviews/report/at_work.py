"""What was seen at work: which statements take the database's time, what requests wait for, how queues keep up.

Each is one picture with a note and the same rows as a table; without evidence there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reviews.capacity.formulas.little import most_per_second
from reviews.capacity.formulas.sane import OutOfRange
from reviews.report import words
from reviews.report.assumed import GRADES
from reviews.report.figures import digits, percent
from reviews.report.pictures.flows import time_per_flow, time_table
from reviews.report.pictures.latency import latency_ranges, latency_table
from reviews.report.pictures.pareto import pareto
from reviews.report.pictures.queues import queue_health, queue_table
from reviews.report.pictures.shapes import Table
from reviews.report.pictures.wait import seconds

Rows = Sequence[Mapping[str, Any]]
# picture, note, table, kind (the class of the table), whole (the picture writes all numbers; print needs no table).
Shown = dict[str, Any]
MS = 1000.0
# From so many seconds on a sum of times is said in this unit.
SPANS = ((7200.0, 3600.0, "h"), (600.0, 60.0, "min"), (0.0, 1.0, "s"))
QUEUE = ("waiting", "oldest_age_s", "in_per_s", "out_per_s", "slots", "run_s")
MOST_OF_ANYTHING = 1e15
PERCENTILES = (
    "One request in twenty takes longer than p95, one in a hundred longer than p99. "
    "Budget: the target for all requests together."
)
NOTE = "Arrivals are the average, not the peak; what can be done is slots ÷ time of a job."
NOTE_TRIED = f"{NOTE[:-1]}, with all its tries where they are known."
REST = "The rest is the application's own work and waiting for a slot. Means of the requests that were traced."


def at_work(capacity: Mapping[str, Any], findings: Rows = (), accent: str = "") -> list[Shown]:
    """Statements, flows and queues, as far as they were measured. `findings` as the report numbers them."""
    seen, look = words.mapping(capacity.get("seen")), {"accent": accent} if accent else {}
    parts = (_statements(words.mapping(seen.get("statements")), findings, look),
             _flows(words.rows(seen.get("flows")), look), _queues(capacity, look))  # fmt: skip
    return [part for part in parts if part and part["picture"]]


def latency(capacity: Mapping[str, Any], accent: str) -> Shown | None:
    """Percentiles of the routes that take most time against the target; None where no log told times."""
    routes = words.mapping(words.mapping(capacity.get("seen")).get("routes"))
    rows = [_route(row, _budget(capacity)) for row in words.rows(routes.get("rows"))]
    rows.sort(key=lambda row: -(row["p95"] or 0.0))
    picture = latency_ranges(rows, "latency", accent=accent)
    note = f"Where users spend most time, from the {words.text(routes.get('from'), 40)}. {PERCENTILES}"
    return {"picture": picture, "note": note, "table": latency_table(rows), "kind": "latency"} if picture else None


def _route(row: Mapping[str, Any], budget: float | None) -> dict[str, Any]:
    known = {name: words.number(row.get(f"{name}_ms")) for name in ("p50", "p95", "p99")}
    return {"name": words.text(row.get("route"), 60), "requests": row.get("requests"), "budget": budget} | {
        name: None if value is None else value / MS for name, value in known.items()
    }


def _budget(capacity: Mapping[str, Any]) -> float | None:
    """The target of the 95th percentile in seconds, the strictest where each phase has its own."""
    goals = [
        value / MS
        for row in words.rows(capacity.get("targets"))
        if row.get("metric") == "http.p95_ms"
        and (value := words.number(words.mapping(row.get("target")).get("value"))) is not None
    ]
    return min(goals, default=None)


def _statements(statements: Mapping[str, Any], findings: Rows, look: Mapping[str, str]) -> Shown | None:
    rows, total = words.rows(statements.get("rows")), words.number(statements.get("total_ms"))
    if len(rows) < 2 or not total or total <= 0:  # of one alone there is nothing to rank
        return None
    largest = max(map(_seconds, rows))
    size, unit = next((size, unit) for least, size, unit in SPANS if largest >= least)
    bars = [
        {
            "label": words.text(row.get("label") or row.get("text"), 90),
            "value": float(f"{_seconds(row) / size:.3g}"),
            "total": total / MS / size,
        }
        for row in rows
    ]
    source = words.text(statements.get("from"), 80)
    note = f"Time of each statement {source}, longest first; the line is the sum of their shares."
    return {
        "picture": pareto(bars, "statements", "statement", unit, "the database's time", **look),
        "note": note,
        "table": _statement_table(rows, total, _numbers(findings)),
        "kind": "statements",
    }


def _seconds(row: Mapping[str, Any]) -> float:
    return max(0.0, (words.number(row.get("total_ms")) or 0.0) / MS)


def _numbers(findings: Rows) -> dict[str, list[str]]:
    """Numbers of the findings that cite a statement, by its name."""
    found: dict[str, list[str]] = {}
    for finding in findings:
        for name in finding["cited"]:
            found.setdefault(name, []).append(str(finding["number"]))
    return found


def _statement_table(rows: Rows, total: float, numbers: Mapping[str, Sequence[str]]) -> Table:
    cells = [
        (words.text(row.get("text"), 120), digits(words.number(row.get("calls")) or 0.0), _mean(row),
         percent(_seconds(row) * MS / total),
         ", ".join(numbers.get(words.text(row.get("name"), 200), ()))) for row in rows
    ]  # fmt: skip
    heads = ("Statement", "Calls", "Mean", "Share", "Finding")
    kept = len(heads) if any(line[-1] for line in cells) else len(heads) - 1
    return Table(heads[:kept], tuple(line[:kept] for line in cells), frozenset({1, 2, 3}))


def _mean(row: Mapping[str, Any]) -> str:
    calls = words.number(row.get("calls"))
    return seconds(_seconds(row) / calls) if calls else ""


def _flows(flows: Rows, look: Mapping[str, str]) -> Shown | None:
    rows = [row for flow in flows if (row := _parts(flow))]
    return {
        "picture": time_per_flow(rows, "flows", **look),
        "note": REST,
        "table": time_table(rows),
        "kind": "times",
    }


def _parts(flow: Mapping[str, Any]) -> dict[str, Any] | None:
    """Mean seconds of a request by what it waits for. Calls that run side by side may add up to more than the whole."""
    requests, total = words.number(flow.get("requests")), words.number(flow.get("total_ms"))
    if not requests or total is None:
        return None
    known = {name: words.number(flow.get(f"{name}_ms")) for name in ("db", "external")}
    parts = {name: value / MS / requests for name, value in known.items() if value is not None}
    return {
        "name": flow.get("name"),
        "requests": requests,
        "parts": parts | {"rest": max(0.0, total / MS / requests - sum(parts.values()))},
    }


def _queues(capacity: Mapping[str, Any], look: Mapping[str, str]) -> Shown | None:
    numbers = {words.text(row.get("key"), 200): row for row in words.rows(capacity.get("inputs"))}
    seen = words.rows(words.mapping(capacity.get("seen")).get("queues"))
    peaks = {words.text(row.get("name"), 120): row for row in seen}
    backlogs = {words.text(row.get("queue"), 120): row for row in words.rows(capacity.get("backlogs"))}
    tries = {
        words.text(row.get("queue"), 120): words.number(row.get("tries")) for row in words.rows(capacity.get("repeats"))
    }
    queues = [
        _queue(name, numbers, tries.get(name)) | _outlook(backlogs.get(name, {})) | _peaks(peaks.get(name, {}))
        for name in _names([*numbers])
    ]
    return {
        "picture": queue_health(queues, "queues", **look),
        "note": NOTE_TRIED if any(tries.values()) else NOTE,
        "table": queue_table(queues),
        "whole": True,
    }


def _names(keys: Iterable[str]) -> list[str]:
    """Names of queues among keys such as `queue.emails.waiting`; a name may hold dots."""
    found = (key.removeprefix("queue.").rpartition(".")[0] for key in keys if key.startswith("queue."))
    return [name for name in dict.fromkeys(found) if name]


def _peaks(seen: Mapping[str, Any]) -> dict[str, Any]:
    worst = {"most": words.number(seen.get("waiting_max")), "oldest": words.number(seen.get("oldest_age_max_s"))}
    return {name: value for name, value in worst.items() if value is not None}


def _outlook(backlog: Mapping[str, Any]) -> dict[str, Any]:
    """Until when what waits is gone, or how fast it grows, as the model computed it."""
    gone = words.number(words.mapping(backlog.get("drain_s")).get("value"))
    found = {"drain_s": gone, "grows_per_s": words.number(backlog.get("grows_per_s"))}
    return {name: value for name, value in found.items() if value is not None}


def _queue(name: str, numbers: Mapping[str, Mapping[str, Any]], tries: float | None) -> dict[str, Any]:
    """What is known of a queue; of one whose jobs nobody timed, what was done is all that is known to be possible."""
    rows = {what: numbers.get(f"queue.{name}.{what}", {}) for what in QUEUE}
    known = {what: _positive(row.get("value")) for what, row in rows.items()}
    carried = _carried(known["slots"], known["run_s"], tries)
    timed = carried is not None
    return {
        "name": name,
        "waiting": known["waiting"],
        "oldest": known["oldest_age_s"],
        "arrives": known["in_per_s"],
        "done": carried if timed else known["out_per_s"],
        "grade": _worst(rows, *(("in_per_s", "slots", "run_s") if timed else ("in_per_s", "out_per_s"))),
        "drain_s": 0.0 if known["waiting"] == 0 else None,
    }


def _carried(slots: float | None, run: float | None, tries: float | None) -> float | None:
    """Jobs a second that the slots carry, with all tries of each; None where that is not known."""
    if not slots or not run:
        return None
    try:
        return most_per_second(slots, run * max(1.0, tries or 1.0))
    except OutOfRange:
        return None


def _positive(value: object) -> float | None:
    """A number of a queue that makes sense: from 0 to what a formula can hold."""
    number = words.number(value)
    return float(number) if number is not None and 0 <= number < MOST_OF_ANYTHING else None


def _worst(rows: Mapping[str, Mapping[str, Any]], *names: str) -> str:
    grades = [words.text(rows[name].get("grade"), 12) for name in names]
    return next((grade for grade in reversed(GRADES) if grade in grades), "")
