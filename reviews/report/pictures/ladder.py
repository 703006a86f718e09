"""The ladder of a database: one step after the other, each with when to take it, and where the client stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.pictures.shapes import ACCENT, WIDTH, bold, line, muted, rect, said, wrapped
from reviews.report.svg import MUTED, PAPER, Svg, fit, join, label, picture

MOST, RISE, TOP, TALL = 8, 26.0, 18.0, 46.0
STATES = {"done": "taken", "here": "you are here", "next": "next", "later": "not yet", "unknown": "not measured"}


def step_ladder(steps: Sequence[Mapping[str, Any]], idprefix: str, *, accent: str = ACCENT) -> Svg:
    """Stairs that rise to the right. `steps`: `title`, `when` (what makes it due) and `state`.

    States: done, here, next, later, unknown; the step "here" is filled, those before it are solid in outline, those
    after it dashed. No steps: an empty string.
    """
    rows = _rows(steps)[:MOST]
    if not rows:
        return Svg("")
    width = WIDTH / len(rows)
    height = TOP + RISE * (len(rows) - 1) + TALL + 52
    parts = [
        _step(row, index * width, TOP + (len(rows) - 1 - index) * RISE, width, accent) for index, row in enumerate(rows)
    ]
    desc = "; ".join(f"{row['title']}: {STATES[row['state']]}, {row['when']}".rstrip(", ") for row in rows)
    return picture(idprefix, WIDTH, height, _message(rows), desc, *parts)


def _rows(steps: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "title": words.text(step.get("title"), 80),
            "when": words.text(step.get("when"), 160),
            "state": str(step.get("state")) if step.get("state") in STATES else "unknown",
        }
        for step in steps
    ]


def _step(row: Mapping[str, str], x: float, y: float, width: float, accent: str) -> Svg:
    here, room = row["state"] == "here", width - 12
    dashes = None if row["state"] in ("done", "here") else "1 2" if row["state"] == "unknown" else "3 2"
    ground = rect("solid" if here else "box", x + 1, y, width - 4, TALL, accent, stroke_dasharray=dashes, rx=3)
    lines = wrapped(row["title"], room, 9, 2)
    texts = [_on(text, x + 6, y + 14 + index * 11, here) for index, text in enumerate(lines)]
    state = label(
        fit(STATES[row["state"]], room, 8), x + 6, y + TALL - 6, size=8,
        fill=PAPER if here else MUTED, class_="ll-on" if here else "ll-muted",
    )  # fmt: skip
    due = [
        muted(text, x + 6, y + TALL + 12 + index * 10.5, size=8)
        for index, text in enumerate(wrapped(row["when"], room, 8, 4))
    ]
    return join(ground, *texts, state, *due, _pin(x + width / 2 - 2, y) if here else Svg(""))


def _on(text: str, x: float, y: float, on: bool) -> Svg:
    return bold(text, x, y, size=9, on=True) if on else said(text, x, y, size=9)


def _pin(x: float, y: float) -> Svg:
    return join(line("limit", x, y - 14, x, y), line("limit", x - 4, y - 5, x, y), line("limit", x + 4, y - 5, x, y))


def _message(rows: Sequence[Mapping[str, str]]) -> str:
    here = next((row for row in rows if row["state"] == "here"), None)
    after = next((row for row in rows if row["state"] == "next"), None)
    if here is None:
        return "The database ladder; where you stand was not measured"
    return f"You are at “{here['title']}”" + (f"; next is “{after['title']}”" if after else "")
