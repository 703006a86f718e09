"""Where the time of a flow goes: database, external calls, the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import digits, percent
from reviews.report.pictures.scale import Scale, reaching
from reviews.report.pictures.shapes import (
    ACCENT,
    SERIES,
    WIDTH,
    Table,
    bold,
    filled,
    legend,
    patterns,
    said,
)
from reviews.report.pictures.wait import seconds
from reviews.report.svg import Svg, picture

KINDS = {"db": "database", "external": "external calls", "rest": "the rest"}
MOST_IN = {"db": "the database", "external": "external calls", "rest": "neither database nor external calls"}
LEFT, RIGHT, ROW = 130.0, 70.0, 22.0
MOST = 16


def time_per_flow(flows: Sequence[Mapping[str, Any]], idprefix: str, *, accent: str = ACCENT) -> Svg:
    """One stacked bar per flow.

    `flows`: `name`, `requests` (how many) and `parts`, mean seconds by kind (db, external, rest). A kind
    that was not measured is absent, and no part is made up for it. No flow with a part: an empty string.
    """
    rows = _flows(flows)[:MOST]
    if not rows:
        return Svg("")
    kinds = [kind for kind in KINDS if any(kind in row["parts"] for row in rows)]
    fills = {kind: SERIES[list(KINDS).index(kind)] for kind in kinds}
    scale = Scale(0.0, reaching((row["total"] for row in rows), room=1.0), LEFT, WIDTH - RIGHT)
    parts = [patterns(idprefix, fills.values(), accent)]
    for index, row in enumerate(rows):
        y, x = 24 + index * ROW, LEFT
        parts.append(said(row["name"], LEFT - 8, y + 14, "end", room=LEFT - 20))
        for kind in kinds:
            width = scale.at(row["parts"].get(kind, 0.0)) - LEFT
            parts.append(filled(idprefix, fills[kind], x, y + 3, width, ROW - 7, accent) if width > 0 else Svg(""))
            x += width
        parts.append(bold(seconds(row["total"]), x + 6, y + 14))
    key = legend(idprefix, [(fills[kind], KINDS[kind]) for kind in kinds], 10, LEFT, accent)
    desc = "; ".join(f"{row['name']}: {_spoken(row['parts'])}" for row in rows)
    return picture(idprefix, WIDTH, 28 + ROW * len(rows), _flow_message(rows), desc, key, *parts)


def time_table(flows: Sequence[Mapping[str, Any]]) -> Table:
    """The same parts as text; a part that was not measured says so."""
    rows = _flows(flows)
    kinds = [kind for kind in KINDS if any(kind in row["parts"] for row in rows)]
    cells = [
        (row["name"], *(seconds(row["parts"][k]) if k in row["parts"] else "not measured" for k in kinds),
         seconds(row["total"]), digits(row["requests"]) if row["requests"] else "") for row in rows
    ]  # fmt: skip
    heads = ("Flow", *(KINDS[kind].capitalize() for kind in kinds), "Together", "Requests")
    return Table(heads, tuple(cells), frozenset(range(1, len(heads))))


def _flows(flows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for flow in flows:
        given = words.mapping(flow.get("parts"))
        known = {kind: words.number(given.get(kind)) for kind in KINDS}
        parts = {kind: float(value) for kind, value in known.items() if value is not None and value >= 0}
        if sum(parts.values()) > 0:
            name, requests = words.text(flow.get("name"), 60), words.number(flow.get("requests"))
            rows.append({"name": name, "parts": parts, "total": sum(parts.values()), "requests": requests})
    return rows


def _flow_message(rows: Sequence[Mapping[str, Any]]) -> str:
    slowest = max(rows, key=lambda row: row["total"])
    kind = max(slowest["parts"], key=lambda name: slowest["parts"][name])
    share = slowest["parts"][kind] / slowest["total"]
    return f"{slowest['name']}: {percent(share)} of its time goes to {MOST_IN[kind]}"


def _spoken(parts: Mapping[str, float]) -> str:
    return ", ".join(f"{KINDS[kind]} {seconds(value)}" for kind, value in parts.items())
