"""How ready is it? One bar of ten per dimension; what was not answered is hatched, never empty and never full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import digits, plural
from reviews.report.pictures.shapes import ACCENT, WIDTH, bold, filled, line, muted, patterns, rect, said
from reviews.report.svg import Svg, join, picture

LEFT, RIGHT, ROW, TOP = 150.0, 420.0, 22.0, 6.0
FULL = 10


def scorecard_bars(
    dimensions: Sequence[Mapping[str, Any]], overall: float | None, idprefix: str, *, accent: str = ACCENT
) -> Svg:
    """Bars out of 10. `dimensions`: `title`, `score` (None: too little was answered), `answered` (share of the weight).

    `overall`: the score of all, None when there is none. The part of the weight nobody answered is striped at the
    end of the track. No dimension gives an empty string.
    """
    rows = [_row_of(row) for row in dimensions]
    if not rows:
        return Svg("")
    parts = [patterns(idprefix, ("stripes",), accent)]
    parts += [_bar(idprefix, row, TOP + index * ROW, accent) for index, row in enumerate(rows)]
    foot = TOP + ROW * len(rows)
    for tick in (0, 5, FULL):
        x = LEFT + (RIGHT - LEFT) * tick / FULL
        parts += [line("axis", x, foot, x, foot + 3), muted(str(tick), x, foot + 13, "middle")]
    parts.append(muted("striped: nobody answered", RIGHT + 12, foot + 13))
    desc = "; ".join(f"{row['title']}: {_score(row['score'])}" for row in rows)
    return picture(idprefix, WIDTH, foot + 18, _message(rows, overall), desc, *parts)


def _row_of(row: Mapping[str, Any]) -> dict[str, Any]:
    score, answered = words.number(row.get("score")), words.number(row.get("answered"))
    return {
        "title": words.text(row.get("title"), 60),
        "score": None if score is None else min(max(float(score), 0.0), float(FULL)),
        "answered": None if answered is None else min(max(float(answered), 0.0), 1.0),
    }


def _bar(idprefix: str, row: Mapping[str, Any], y: float, accent: str) -> Svg:
    room, score = RIGHT - LEFT, row["score"]
    open_share = 1.0 if score is None else 1.0 - (1.0 if row["answered"] is None else row["answered"])
    striped = min(open_share * room, room if score is None else room * (1 - score / FULL))
    parts = [
        said(row["title"], LEFT - 8, y + 14, "end", room=LEFT - 12),
        rect("track", LEFT, y + 4, room, ROW - 9),
        filled(idprefix, "stripes", RIGHT - striped, y + 4, striped, ROW - 9, accent) if striped > 0.5 else Svg(""),
    ]
    if score is None:
        return join(*parts, muted("not enough evidence", RIGHT + 12, y + 14))
    return join(
        *parts,
        rect("solid", LEFT, y + 4, room * score / FULL, ROW - 9, accent),
        bold(_score(score), RIGHT + 12, y + 14),
    )


def _score(score: float | None) -> str:
    return "–/10, not enough evidence" if score is None else f"{digits(round(score, 1))}/10"


def _message(rows: Sequence[Mapping[str, Any]], overall: float | None) -> str:
    known = [row for row in rows if row["score"] is not None]
    if not known:
        return "Readiness: not enough was answered to score any dimension"
    weakest = min(known, key=lambda row: row["score"])
    lacking = len(rows) - len(known)
    tail = f"; {plural(lacking, 'dimension')} not measured" if lacking else ""
    head = f"Readiness {digits(round(overall))}/10, held back" if overall is not None else "Readiness is held back"
    return f"{head} most by {weakest['title'].lower()} at {_score(weakest['score'])}{tail}"
