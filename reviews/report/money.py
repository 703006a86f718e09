"""What it costs by component and phase, for each user and action, and what tactics may save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.cells import graded, told
from reviews.report.figures import listed, percent
from reviews.report.pictures.cost import cost_by_phase, cost_per_user, cost_table
from reviews.report.pictures.shapes import Table

Rows = Sequence[Mapping[str, Any]]


def cost_view(capacity: Mapping[str, Any], currency: str, accent: str) -> dict[str, Any] | None:
    """Pictures and tables of cost; None when no cost was computed at all, needs when none is known."""
    cost = words.mapping(capacity.get("cost"))
    if not cost:
        return None
    money = words.text(cost.get("currency"), 8) or currency
    today, ai = words.mapping(cost.get("today")), words.mapping(cost.get("ai"))
    phases = phases_of(words.rows(cost.get("phases")))
    return {
        "conclusion": _conclusion(today, money),
        "by_phase": cost_by_phase(phases, money, "cost", accent=accent) if len(phases) > 1 else "",
        "per_user": cost_per_user(phases, money, "per-user", accent=accent),
        "phases": cost_table(phases, money) if len(phases) > 1 else Table((), ()),
        "components": _components(words.rows(today.get("components")), money),
        "savings": _savings([r for r in words.rows(cost.get("savings")) if r.get("monthly")], money),
        "savings_open": [
            words.text(r.get("title"), 120) for r in words.rows(cost.get("savings")) if not r.get("monthly")
        ],
        "action": graded(ai.get("per_action"), money),
        "archivable": graded(words.mapping(cost.get("archivable")).get("bytes"), money),
        "said": [
            said
            for row in [*words.rows(cost.get("phases")), *words.rows(cost.get("factors"))]
            for said in words.texts(row.get("words"), 240)
        ],
    }


def phases_of(rows: Rows) -> list[dict[str, Any]]:
    """Rows of the document as the pictures take them: title, users, money by component."""
    return [
        {
            "title": words.text(row.get("phase"), 60).capitalize(),
            "users": words.number(words.mapping(row.get("users")).get("value")),
            "parts": {
                words.text(part.get("component"), 40): words.mapping(part.get("monthly")).get("value")
                for part in words.rows(row.get("components"))
            },
        }
        for row in rows
    ]


def _conclusion(today: Mapping[str, Any], money: str) -> str:
    total, each = graded(today.get("total"), money), told(today.get("per_user"), money)
    if not total:
        needs = words.texts(today.get("needs"), 160)
        return f"Not known: needs {listed(needs, 2)}." if needs else "Not known: needs bills or prices."
    largest = max(words.rows(today.get("components")), key=lambda row: words.number(row.get("share")) or 0, default={})
    share = words.number(largest.get("share"))
    most = f", most of it {words.text(largest.get('component'), 40)} ({percent(share)})" if share else ""
    return f"{total} a month today{most}{', ' + each + ' for each user' if each else ''}."


def _components(rows: Rows, money: str) -> Table:
    cells = []
    for row in rows:
        share, source = words.number(row.get("share")), words.mapping(row.get("source"))
        where = words.text(source.get("file"), 100) or words.text(source.get("words"), 120)
        cells.append((words.text(row.get("component"), 60), words.text(row.get("area"), 30),
                      graded(row.get("monthly"), money), "" if share is None else percent(share), where))  # fmt: skip
    return Table(("Component", "Area", "A month", "Share", "From"), tuple(cells), frozenset({2, 3}))


def _savings(rows: Rows, money: str) -> Table:
    cells = tuple(
        (words.text(r.get("title"), 120), words.text(r.get("area"), 30), told(r.get("share")),
         graded(r.get("monthly"), money), words.text(r.get("why"), 240)) for r in rows
    )  # fmt: skip
    return Table(("Tactic", "Area", "Share", "A month", "Why"), cells, frozenset({2}))
