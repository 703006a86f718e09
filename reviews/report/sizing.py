"""What not to build yet, what first, how far the plain way carries: the right-sizing as the report prints it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.bottom_line import bottom_line
from reviews.report.pictures.ladder import step_ladder
from reviews.report.pictures.shapes import Table

Rows = Sequence[Mapping[str, Any]]
NOT_KNOWN, NOT_MEASURED = "not known", "not measured"
# State of a rung in the words of the picture.
RUNGS = {"done": "done", "now": "next", "after the rungs below": "later", "not needed": "later"}


def right_sizing_view(capacity: Mapping[str, Any], accent: str) -> dict[str, Any] | None:
    """The skip-until table, the ladder with the client's place, sizes, prerequisites; None when nothing was judged."""
    sizing = words.mapping(capacity.get("right_sizing"))
    if not words.rows(sizing.get("rows")):
        return None
    ladder, horizontal, isolation = (words.mapping(sizing.get(name)) for name in ("ladder", "horizontal", "isolation"))
    return {
        "conclusion": words.text(sizing.get("said"), 600),
        "table": _choices([r for r in words.rows(sizing.get("rows")) if r.get("verdict") != NOT_KNOWN]),
        "open": [_open(r) for r in words.rows(sizing.get("rows")) if r.get("verdict") == NOT_KNOWN],
        "checklists": _checklists(words.rows(sizing.get("checklists"))),
        "ladder": step_ladder(_steps(ladder), "ladder", accent=accent),
        "rungs": _rungs(words.rows(ladder.get("rungs"))),
        "ladder_said": words.text(ladder.get("said"), 400),
        "ladder_note": words.text(ladder.get("note"), 300),
        "vertical": _sizes([r for r in words.rows(sizing.get("vertical")) if r.get("state") != NOT_KNOWN]),
        "vertical_open": [
            words.text(r.get("resource"), 60) for r in words.rows(sizing.get("vertical")) if r.get("state") == NOT_KNOWN
        ],
        "vertical_said": words.text(sizing.get("pros_and_cons"), 300),
        "runway": words.text(words.mapping(sizing.get("runway")).get("said"), 400),
        "horizontal_said": words.text(horizontal.get("said"), 300),
        "horizontal": _criteria("Before a second instance", words.rows(horizontal.get("rows"))),
        "horizontal_open": _open_texts(words.rows(horizontal.get("rows"))),
        "isolation_said": words.text(isolation.get("said"), 400),
        "bottom_line": bottom_line(capacity),
        "isolation": _ways(words.rows(isolation.get("rows"))),
    }


def _choices(rows: Rows) -> Table:
    cells = tuple(
        (words.text(r.get("title"), 80), words.text(r.get("verdict"), 20).capitalize(),
         words.text(r.get("skip_until"), 160), words.text(r.get("reason"), 400)) for r in rows
    )  # fmt: skip
    return Table(("Technology", "Verdict", "Skip until", "Your figures"), cells)


def _open(row: Mapping[str, Any]) -> str:
    """A technology that nobody can judge yet, with what would have to be known."""
    return f"{words.text(row.get('title'), 80)} (until {words.text(row.get('skip_until'), 160)})"


def _open_texts(rows: Rows) -> list[str]:
    return [words.text(r.get("text"), 160) for r in rows if r.get("state") == NOT_MEASURED]


def _checklists(lists: Rows) -> Table:
    """A row for each checklist: its criteria with their state, and what follows."""
    cells = [
        (words.text(entry.get("title"), 60),
         "; ".join(f"{words.text(row.get('text'), 120)} ({_state(row).lower()})"
                   for row in words.rows(entry.get("criteria"))),
         words.text(entry.get("said"), 120)) for entry in lists
    ]  # fmt: skip
    return Table(("Add", "When", "So far"), tuple(cells))


def _steps(ladder: Mapping[str, Any]) -> list[dict[str, str]]:
    """Rungs for the picture; the client's place is filled, whatever else is said of it."""
    position = words.number(ladder.get("position"))
    return [
        {
            "title": words.text(rung.get("title"), 60),
            "when": words.text(rung.get("what"), 120),
            "state": _rung(rung, position),
        }
        for rung in words.rows(ladder.get("rungs"))
    ]  # fmt: skip


def _rung(rung: Mapping[str, Any], position: float | None) -> str:
    if position is not None and rung.get("n") == position:
        return "here"
    return RUNGS.get(str(rung.get("state")), "unknown")


def _state(row: Mapping[str, Any]) -> str:
    return words.text(row.get("state"), 24).capitalize()


def _rungs(rungs: Rows) -> Table:
    cells = tuple(
        (words.text(r.get("title"), 60), _state(r), words.text(r.get("why"), 240))
        for r in rungs
    )  # fmt: skip
    return Table(("Step", "State", "Why"), cells)


def _sizes(rows: Rows) -> Table:
    cells = tuple(
        (words.text(r.get("resource"), 80), words.text(r.get("when"), 120), _state(r),
         words.text(r.get("reason"), 240), words.text(r.get("next"), 160)) for r in rows
    )  # fmt: skip
    return Table(("Larger", "When", "State", "Your figure", "Next size"), cells)


def _criteria(head: str, rows: Rows) -> Table:
    cells = tuple(
        (words.text(r.get("text"), 160), _state(r), words.text(r.get("said"), 240))
        for r in rows if r.get("state") != NOT_MEASURED
    )  # fmt: skip
    return Table((head, "State", "From"), cells)


def _ways(rows: Rows) -> Table:
    names = ("title", "isolation", "complexity", "effort", "verdict", "reason")
    cells = tuple(tuple(words.text(r.get(name), 200) for name in names) for r in rows)
    return Table(("Tenants apart by", "Isolation", "Complexity", "Effort", "Verdict", "Why"), cells)
