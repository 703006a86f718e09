"""What the client's page says of capacity: what the newest issued report says, never what is being worked on."""

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import digits
from reviews.report.limits import conclusion_of, marks_of, verdict_rows
from reviews.report.pictures.headroom import headroom, headroom_table, known, times

View = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]


def capacity_told(document: Mapping[str, Any], accent: str) -> View | None:
    """What breaks first, scenarios and roadmap of an issued document; None where it has no capacity model."""
    model, scenarios = words.mapping(document.get("capacity")), words.rows(document.get("scenarios"))
    if not model:
        return None
    points = words.rows(model.get("breaking_points"))
    return {
        "first": _first(points),
        "lead": conclusion_of(model),
        "ladder": headroom(points, marks_of(scenarios), "ladder", accent=accent),
        "table": headroom_table(points),
        "scenarios": [
            {"title": title, "verdict": verdict, "slug": verdict.lower().replace(" ", "-"), "why": why}
            for title, _, verdict, why, _ in verdict_rows(scenarios)
        ],
        "roadmap": _roadmap(words.mapping(model.get("roadmap"))),
    }


def _first(points: Rows) -> str:
    first = next(iter(known(points)), None)
    return f"{first['title']}, at {times(first['multiple'])} today" if first else "Not known yet"


def _days(value: object) -> str:
    size = words.number(value)
    shown = "" if size is None else digits(round(size, 1))
    return f"{shown} {'day' if shown == '1' else 'days'}" if shown else ""


def _roadmap(roadmap: Mapping[str, Any]) -> View | None:
    """Tickets by the window in which they are done; None without any."""
    windows = [
        {
            "title": words.text(window.get("title"), 40),
            "tickets": [
                {"title": words.text(row.get("title"), 160), "days": _days(row.get("days"))}
                for row in words.rows(window.get("tickets"))
            ],
        }
        for window in words.rows(roadmap.get("windows"))
    ]
    shown = [window for window in windows if window["tickets"]]
    return {"said": words.text(roadmap.get("said"), 400), "windows": shown} if shown else None
