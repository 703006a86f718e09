"""Where the client stands among the phases of size, and how far each trigger is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.cells import graded, one, unit_of
from reviews.report.figures import figure, listed, plural
from reviews.report.pictures.shapes import Table

Rows = Sequence[Mapping[str, Any]]
STATUS = {"reached": "Reached", "near": "Near", "far": "Far", "not measured": "Not measured"}


def phases_view(capacity: Mapping[str, Any]) -> dict[str, Any] | None:
    """Phases by size, each with its triggers; None when no profile gave any."""
    phases = [_phase(row) for row in words.rows(capacity.get("phases"))]
    if not phases:
        return None
    policy = words.mapping(capacity.get("policy"))
    return {
        "conclusion": _phase_conclusion(phases),
        "phases": phases,
        "policy": words.text(policy.get("title") or policy.get("name"), 80),
        "policy_said": words.text(policy.get("said"), 300),
        "policy_source": words.text(policy.get("source"), 200),
    }


def _phase(row: Mapping[str, Any]) -> dict[str, Any]:
    triggers = words.rows(row.get("triggers"))
    current = row.get("current") is True
    return {
        "name": words.text(row.get("name"), 60),
        "range": _range(row),
        "current": current,
        "when": "You are here" if current else words.text(words.mapping(row.get("reached")).get("words"), 80),
        "needs": words.texts(row.get("needs"), 120),
        "table": _triggers([t for t in triggers if words.number(t.get("value")) is not None]),
        "open": [_open(t) for t in triggers if words.number(t.get("value")) is None],
        "notes": _notes(triggers),
        "runs_out": [words.text(row.get("said"), 200) for row in words.rows(row.get("runs_out"))],
        "reached": [words.text(t.get("title"), 80) for t in triggers if t.get("status") == "reached"],
        "measured": sum(1 for t in triggers if words.number(t.get("value")) is not None),
    }


def _range(row: Mapping[str, Any]) -> str:
    """`10,000 to 50,000 monthly users`."""
    low, high = words.number(row.get("from")), words.number(row.get("to"))
    ends = [str(figure(end, unit_of(row))) for end in (low, high) if end is not None]
    driver = words.text(row.get("driver"), 60).lower()
    return f"{' to '.join(ends)}{' and more' if high is None else ''} {driver}".strip() if ends else driver


def _triggers(triggers: Rows) -> Table:
    rows = tuple(
        (words.text(t.get("title"), 80), graded(t), _limit(t), STATUS.get(str(t.get("status")), "Not measured"),
         words.text(words.mapping(t.get("eta")).get("words"), 60), words.text(t.get("action"), 160)) for t in triggers
    )  # fmt: skip
    return Table(("Trigger", "Now", "Limit", "State", "Reached", "Then"), rows, frozenset({2}))


def _notes(triggers: Rows) -> list[str]:
    """Why a trigger has no date, or what its date takes for granted; those with the same reason together."""
    why: dict[str, list[str]] = {}
    for trigger in triggers:
        if note := words.text(trigger.get("eta_note"), 120):
            why.setdefault(note, []).append(words.text(trigger.get("title"), 80))
    return [f"{listed(titles, len(titles))}: {note}." for note, titles in why.items()]


def _open(trigger: Mapping[str, Any]) -> str:
    """A trigger that nobody measured, with its limit."""
    return f"{words.text(trigger.get('title'), 80)} ({_limit(trigger)})"


def _limit(trigger: Mapping[str, Any]) -> str:
    sign = "<" if trigger.get("direction") == "below" else ">"
    limit = words.number(trigger.get("limit"))
    return f"{sign} {one(limit, unit_of(trigger))}" if limit is not None else ""


def _none_reached(here: Mapping[str, Any]) -> str:
    if not here["measured"]:
        return "none of its triggers was measured" if here["open"] else "it has no triggers"
    return f"none of its {plural(here['measured'], 'measured trigger')} is reached"


def _phase_conclusion(phases: Sequence[Mapping[str, Any]]) -> str:
    here = next((phase for phase in phases if phase["current"]), None)
    if here is None:
        needs = list(dict.fromkeys(need for phase in phases for need in phase["needs"]))
        return f"Which phase this is was not measured: needs {listed(needs, 2) or 'the number of users'}."
    reached = here["reached"]
    due = f"{plural(len(reached), 'trigger')} of it reached: {listed(reached)}" if reached else _none_reached(here)
    return f"You are in {here['name']} ({here['range']}); {due}."
