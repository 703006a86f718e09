"""What stands where: boxes in layers from the user to the data, with the risks and the breaking point of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import digits, plural
from reviews.report.pictures.headroom import times
from reviews.report.pictures.shapes import ACCENT, WIDTH, bold, line, muted, rect, said
from reviews.report.svg import Svg, fit, join, picture

LAYERS = ("edge", "app", "async", "data", "external")
NAMES = {"edge": "Edge", "app": "Application", "async": "Background work", "data": "Data", "external": "Third parties"}
LEFT, ROW, TALL, TOP = 98.0, 74.0, 46.0, 8.0
ACROSS = 4


def topology(
    boxes: Sequence[Mapping[str, Any]], links: Sequence[Sequence[str]], idprefix: str, *, accent: str = ACCENT
) -> Svg:
    """Layered boxes. `boxes`: `id`, `title`, `layer` (edge, app, async, data, external), `risks` (how many), `high`
    (how many of them high), `multiple` (of today's load that it carries, may be None) and `first` (breaks first).

    `links`: pairs of ids that talk to each other; a link to a box that is not there is left out. The box that breaks
    first has a heavy edge and says so. No boxes: an empty string.
    """
    layers = _layers(boxes)
    if not layers:
        return Svg("")
    places = _places(layers)
    height = TOP + ROW * sum(len(rows) for _, rows in _lines_of(layers))
    rows = [row for _, found in layers for row in found]
    parts = [_link(places, pair) for pair in links]
    y = TOP
    for layer, lines in _lines_of(layers):
        parts.append(muted(NAMES[layer], 0, y + TALL / 2 + 3))
        y += ROW * len(lines)
    parts += [_box(row, *places[row["id"]], accent) for row in rows]
    desc = "; ".join(f"{row['title']} ({NAMES[row['layer']].lower()}): {_spoken(row)}" for row in rows)
    return picture(idprefix, WIDTH, height - ROW + TALL + 8, _message(rows), desc, *parts)


Row = dict[str, Any]


def _layers(boxes: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Row]]]:
    rows = [
        {
            "id": words.text(box.get("id") or box.get("title"), 80),
            "title": words.text(box.get("title"), 60),
            "layer": str(box.get("layer")) if box.get("layer") in LAYERS else "app",
            "risks": int(words.number(box.get("risks")) or 0),
            "high": int(words.number(box.get("high")) or 0),
            "multiple": words.number(box.get("multiple")),
            "first": bool(box.get("first")),
        }
        for box in boxes
    ]
    return [(layer, found) for layer in LAYERS if (found := [row for row in rows if row["layer"] == layer])]


def _lines_of(layers: Sequence[tuple[str, list[Row]]]) -> list[tuple[str, list[list[Row]]]]:
    """A layer with more boxes than fit across takes several lines."""
    return [(layer, [rows[start : start + ACROSS] for start in range(0, len(rows), ACROSS)]) for layer, rows in layers]


def _places(layers: Sequence[tuple[str, list[Row]]]) -> dict[str, tuple[float, float, float]]:
    """Left, top and width of each box by its id."""
    places, y = {}, TOP
    for layer, lines in _lines_of(layers):
        for rows in lines:
            width = (WIDTH - LEFT) / max(len(rows), 2)
            # Work behind the scenes and third parties stand to the right: lines from above then pass them by.
            left = WIDTH - width * len(rows) if layer in ("async", "external") else LEFT
            for index, row in enumerate(rows):
                places[row["id"]] = (left + index * width, y, width - 14)
            y += ROW
    return places


def _link(places: Mapping[str, tuple[float, float, float]], pair: Sequence[str]) -> Svg:
    ends = [places.get(words.text(end, 80)) for end in words.entries(list(pair))]
    known = sorted((end for end in ends if end), key=lambda place: place[1])
    if len(known) != 2 or known[0] == known[1]:
        return Svg("")
    (x1, y1, w1), (x2, y2, w2) = known
    if y1 == y2:
        return line("axis", min(x1 + w1, x2 + w2), y1 + TALL / 2, max(x1, x2), y1 + TALL / 2)
    return line("axis", x1 + w1 / 2, y1 + TALL, x2 + w2 / 2, y2)


def _box(row: Row, x: float, y: float, width: float, accent: str) -> Svg:
    lower = ", ".join(part for part in (_breaks(row), "breaks first" if row["first"] else "") if part)
    parts = [
        rect("first" if row["first"] else "box", x, y, width, TALL, accent, rx=4),
        bold(fit(row["title"], width - 34, 9.5), x + 8, y + 18),
        said(lower or "not measured", x + 8, y + 34, size=8.5, room=width - 14),
    ]
    return join(*parts, _badge(row, x + width, y))


def _badge(row: Row, right: float, y: float) -> Svg:
    """Number of risks at the corner: filled when one of them is high, else in outline."""
    if not row["risks"]:
        return Svg("")
    return join(
        rect("over" if row["high"] else "box", right - 24, y + 6, 18, 15, rx=3),
        bold(digits(row["risks"]), right - 15, y + 17, "middle", size=9, on=bool(row["high"])),
    )


def _risks(row: Row) -> str:
    high = f", {row['high']} high" if row["high"] else ""
    return f"{plural(row['risks'], 'risk')}{high}" if row["risks"] else ""


def _breaks(row: Row) -> str:
    return "" if row["multiple"] is None else f"{times(row['multiple'])} today"


def _spoken(row: Row) -> str:
    said_of = [part for part in (_risks(row), f"breaks at {_breaks(row)}" if _breaks(row) else "") if part]
    return ", ".join(said_of) or "nothing found"


def _message(rows: Sequence[Row]) -> str:
    first = next((row for row in rows if row["first"]), None)
    if first:
        return f"{first['title']} is where it breaks first" + (f", at {_breaks(first)}" if _breaks(first) else "")
    return f"{plural(len(rows), 'part')}, {plural(sum(row['risks'] for row in rows), 'risk')} on them"
