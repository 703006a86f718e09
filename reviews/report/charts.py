"""The house charts as SVG text, the same picture on a page and in the PDF.

Colours are written as attributes (what the PDF reads) and named by class (what `static/css/charts.css` restyles on a
page, in light and in dark). Marks never rely on colour: form says severity, line style says confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report.svg import Svg, element, escape, fit, join, picture

INK, TEXT, MUTED, LINE, PAPER = "#172026", "#323e46", "#53616a", "#cbd4d9", "#ffffff"
TINT = {"high": "#d3dbe0", "medium": "#e9eef1", "low": "#f8fafb"}
SEVERITY = {"high": "#a8201a", "medium": "#8f5300", "low": "#4a6475"}
DASHES = {"measured": None, "partly-measured": "3 2", "assumed": "1 2"}
FONT = "Inter, sans-serif"

# Impact is the row (5 first), proximity the column (1 first); the same matrix decides severity in reviews.risk.
MATRIX = {5: "MMHHH", 4: "LMMHH", 3: "LLMMM", 2: "LLLLM", 1: "LLLLL"}
WORDS = {"H": "high", "M": "medium", "L": "low"}
PROXIMITY = {1: "later", 2: "within a year", 3: "within 90 days", 4: "within 30 days", 5: "seen happening"}
IMPACT = {
    5: ("10 % of revenue", "or 25 % of users"),
    4: ("3 % of revenue", "or 10 % of users"),
    3: ("1 % of revenue", "or 3 % of users"),
    2: ("0.3 % of revenue", "or 1 % of users"),
    1: ("less", ""),
}

safe = escape
LEFT, TOP, CELL_W, CELL_H = 104, 8, 106, 60
TAG_W, TAG_H, PER_ROW, PER_CELL = 31, 16, 3, 9


def label(
    text: str,
    x: float,
    y: float,
    *,
    size: float = 10,
    anchor: str = "start",
    weight: int = 400,
    fill: str = TEXT,
    class_: str = "ll-text",
) -> Svg:
    """A line of text; stays text in the PDF, so it can be found and read out."""
    return element(
        "text",
        text,
        x=float(x),
        y=float(y),
        font_size=size,
        text_anchor=anchor,
        font_weight=weight,
        font_family=FONT,
        fill=fill,
        class_=class_,
    )


def risk_grid(findings: Sequence[Mapping[str, Any]], idprefix: str) -> Svg:
    """The 5×5 risk grid with one numbered mark per finding.

    `findings`: mappings with `number` (int, printed), `title`, `impact` and `proximity` (1 to 5), `severity`
    (high, medium, low), `confidence` (measured, partly-measured, assumed), `overridden` (a consultant set the
    severity) and optionally `href` (the mark becomes a link). Findings without impact or proximity are left out.
    `idprefix`: unique on the page. Returns SVG that templates print unescaped. No finding at all still draws the grid.
    """
    placed = [f for f in findings if f.get("impact") in MATRIX and f.get("proximity") in PROXIMITY]
    high = sum(1 for f in placed if f.get("severity") == "high")
    title = f"{len(placed)} risks by impact and proximity, {high} of them high"
    desc = (
        "; ".join(
            f"{f.get('number')}: {f.get('title')}, impact {f['impact']}, proximity {f['proximity']}, "
            f"{f.get('severity')}, {f.get('confidence')}"
            for f in placed
        )
        or "No risk has been placed yet."
    )
    cells = [_cell(impact, proximity, placed) for impact in MATRIX for proximity in PROXIMITY]
    width, height = LEFT + 5 * CELL_W + 2, TOP + 5 * CELL_H + 34
    return picture(idprefix, width, height, title, desc, _axes(), *cells)


def _axes() -> Svg:
    bottom = TOP + 5 * CELL_H
    rows = [
        join(
            label(
                str(impact), LEFT - 8, _row(impact) + 28, size=12, anchor="end", weight=600, fill=INK, class_="ll-ink"
            ),
            label(lines[0], LEFT - 22, _row(impact) + 25, size=8.5, anchor="end", fill=MUTED, class_="ll-muted"),
            label(lines[1], LEFT - 22, _row(impact) + 36, size=8.5, anchor="end", fill=MUTED, class_="ll-muted"),
        )
        for impact, lines in IMPACT.items()
    ]
    columns = [
        join(
            label(
                str(step),
                _column(step) + CELL_W / 2,
                bottom + 15,
                size=12,
                anchor="middle",
                weight=600,
                fill=INK,
                class_="ll-ink",
            ),
            label(
                word, _column(step) + CELL_W / 2, bottom + 28, size=8.5, anchor="middle", fill=MUTED, class_="ll-muted"
            ),
        )
        for step, word in PROXIMITY.items()
    ]
    return join(*rows, *columns)


def _row(impact: int) -> float:
    return TOP + (5 - impact) * CELL_H


def _column(proximity: int) -> float:
    return LEFT + (proximity - 1) * CELL_W


def _cell(impact: int, proximity: int, findings: Sequence[Mapping[str, Any]]) -> Svg:
    x, y = _column(proximity), _row(impact)
    word = WORDS[MATRIX[impact][proximity - 1]]
    inside = [f for f in findings if (f["impact"], f["proximity"]) == (impact, proximity)]
    parts = [
        element(
            "rect",
            x=x + 1.0,
            y=y + 1.0,
            width=CELL_W - 2,
            height=CELL_H - 2,
            rx=3,
            fill=TINT[word],
            class_=f"ll-zone ll-zone--{word}",
        ),
        label(word.capitalize(), x + CELL_W - 7, y + CELL_H - 7, size=7.5, anchor="end", fill=MUTED, class_="ll-muted"),
    ]
    shown = inside if len(inside) <= PER_CELL else inside[: PER_CELL - 1]
    for index, finding in enumerate(shown):
        parts.append(_tag(finding, *_place(x, y, index)))
    if len(shown) < len(inside):
        left, top = _place(x, y, PER_CELL - 1)
        parts.append(
            label(f"+{len(inside) - len(shown)}", left + 4, top + 12, size=9, weight=600, fill=INK, class_="ll-ink")
        )
    return join(*parts)


def _place(x: float, y: float, index: int) -> tuple[float, float]:
    return x + 5 + (index % PER_ROW) * (TAG_W + 2.5), y + 5 + (index // PER_ROW) * (TAG_H + 2.5)


def _tag(finding: Mapping[str, Any], x: float, y: float) -> Svg:
    """Severity by the small square, confidence by the outline, hollow when a consultant set it."""
    severity = str(finding.get("severity", "low"))
    colour = SEVERITY.get(severity, SEVERITY["low"])
    hollow = bool(finding.get("overridden"))
    solid = severity == "high" and not hollow
    dashes = DASHES.get(str(finding.get("confidence")))
    fill = colour if solid and dashes is None else ("none" if hollow else PAPER)
    on = PAPER if fill == colour else colour
    kind = f"ll-tag ll-tag--{severity if severity in SEVERITY else 'low'}"
    parts = [
        element("title", f"{finding.get('number')}. {finding.get('title', '')}"),
        element(
            "rect",
            x=x + 0.75,
            y=y + 0.75,
            width=TAG_W - 1.5,
            height=TAG_H - 1.5,
            rx=3,
            fill=fill,
            stroke=colour,
            stroke_width=1.3,
            stroke_dasharray=dashes,
            class_=kind + (" is-filled" if fill == colour else " is-hollow" if hollow else ""),
        ),
        _mark(severity, x + 4.5, y + 4.5, 7, on, "ll-mark--on" if fill == colour else f"ll-mark--{severity}"),
        label(
            str(finding.get("number", "")),
            x + TAG_W - 5,
            y + 11.6,
            size=9.5,
            anchor="end",
            weight=600,
            fill=on if fill == colour else INK,
            class_="ll-on" if fill == colour else "ll-ink",
        ),
    ]
    if hollow:
        parts.append(
            element(
                "rect",
                x=x + 2.75,
                y=y + 2.75,
                width=TAG_W - 5.5,
                height=TAG_H - 5.5,
                rx=1.5,
                fill="none",
                stroke=colour,
                stroke_width=0.6,
                class_=kind + " is-hollow",
            )
        )
    group = element("g", *parts, class_="ll-finding", data_number=finding.get("number"))
    href = str(finding.get("href") or "")
    # Only places on the page or on this site: a link in a chart must not become a way out.
    return element("a", group, href=href) if href.startswith(("#", "/")) and not href.startswith("//") else group


def _mark(severity: str, x: float, y: float, side: float, colour: str, class_: str) -> Svg:
    outline = element(
        "rect",
        x=x + 0.6,
        y=y + 0.6,
        width=side - 1.2,
        height=side - 1.2,
        fill="none",
        stroke=colour,
        stroke_width=1.2,
        class_=class_ + " is-outline",
    )
    if severity == "low":
        return outline
    share = 1.0 if severity == "high" else 0.5
    return join(
        outline,
        element("rect", x=x, y=y, width=side * share, height=float(side), fill=colour, class_=class_ + " is-solid"),
    )


def plan_gantt(days: Sequence[Mapping[str, Any]], idprefix: str, *, accent: str = "#0b5d66") -> Svg:
    """Work of three days against capacity: one row per entry, filled when it fixes a finding.

    `days`: mappings with `name`, `entries` (each `title`, `hours`, optional `finding`), `hours` and `capacity`.
    Entries of one day are drawn one after another; the day's column is its capacity wide.
    """
    rows = [(index, entry) for index, day in enumerate(days) for entry in day.get("entries", ())]
    left, top, row_h, column = 190.0, 30.0, 17.0, 118.0
    width, height = left + column * max(len(days), 1) + 2, top + row_h * max(len(rows), 1) + 6
    parts = [_day(day, left + index * column, top, column, height) for index, day in enumerate(days)]
    used: dict[int, float] = {}
    for line, (index, entry) in enumerate(rows):
        hours = float(entry.get("hours") or 0)
        scale = column / max(float(days[index].get("capacity") or 0), float(days[index].get("hours") or 0), 1.0)
        start = used.get(index, 0.0)
        used[index] = start + hours
        y = top + line * row_h
        filled = bool(entry.get("finding"))
        parts += [
            label(fit(str(entry.get("title", "")), left - 12, 9), 0, y + 12, size=9),
            element(
                "rect",
                x=left + index * column + start * scale + 1,
                y=y + 3.5,
                width=max(hours * scale - 2, 2.0),
                height=row_h - 6.5,
                rx=2,
                fill=accent if filled else PAPER,
                stroke=accent,
                stroke_width=1,
                class_="ll-bar" + (" is-filled" if filled else ""),
            ),
        ]
    total = sum(float(day.get("hours") or 0) for day in days)
    desc = "; ".join(f"{d.get('name')}: {d.get('hours')} of {d.get('capacity')} hours" for d in days)
    return picture(
        idprefix, width, height, f"{_hours(total)} hours of work in three days", desc or "No work is planned.", *parts
    )


def _day(day: Mapping[str, Any], x: float, top: float, column: float, height: float) -> Svg:
    used, capacity = float(day.get("hours") or 0), float(day.get("capacity") or 0)
    return join(
        element(
            "rect",
            x=x,
            y=top - 4,
            width=column - 3,
            height=height - top + 4,
            fill=TINT["low"],
            rx=3,
            class_="ll-zone ll-zone--low",
        ),
        label(str(day.get("name", "")), x, 11, size=10, weight=600, fill=INK, class_="ll-ink"),
        label(
            f"{_hours(used)} of {_hours(capacity)} h",
            x + column - 5,
            11,
            size=9,
            anchor="end",
            fill=MUTED,
            class_="ll-muted",
        ),
        element("rect", x=x, y=16, width=column - 3, height=3, fill=LINE, class_="ll-track"),
        element(
            "rect",
            x=x,
            y=16,
            width=(column - 3) * min(used / capacity, 1.0) if capacity else 0.0,
            height=3,
            fill=TEXT,
            class_="ll-fill",
        ),
    )


def _hours(value: float) -> str:
    return f"{value:g}" if value < 100 else f"{value:,.0f}"


def bars(rows: Sequence[Mapping[str, Any]], idprefix: str, title: str, *, accent: str = "#0b5d66") -> Svg:
    """Simple horizontal bars. `rows`: `label`, `share` (0 to 1) and `note` (the figure as it should be read)."""
    left, row_h, width = 120.0, 18.0, 480.0
    room = width - left - 70
    parts: list[Svg] = []
    for line, row in enumerate(rows):
        y, share = line * row_h, min(max(float(row.get("share") or 0), 0.0), 1.0)
        parts += [
            label(fit(str(row.get("label", "")), left - 8, 9.5), 0, y + 12.5, size=9.5),
            element("rect", x=left, y=y + 5, width=room, height=9, rx=2, fill=TINT["medium"], class_="ll-track"),
            element(
                "rect", x=left, y=y + 5, width=room * share, height=9, rx=2, fill=accent, class_="ll-bar is-filled"
            ),
            label(
                str(row.get("note", "")), width, y + 12.5, size=9.5, anchor="end", weight=600, fill=INK, class_="ll-ink"
            ),
        ]
    desc = "; ".join(f"{row.get('label')}: {row.get('note')}" for row in rows)
    return picture(idprefix, width, row_h * max(len(rows), 1) + 4, title, desc or "Nothing to show.", *parts)
