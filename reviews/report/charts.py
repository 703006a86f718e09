"""The house charts as SVG text, the same picture on a page and in the PDF.

Colours are written as attributes (what the PDF reads) and named by class (what `static/css/charts.css` restyles on a
page, in light and in dark). Marks never rely on colour: form says severity, line style says confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report.svg import INK, MUTED, PAPER, SEVERITY, TINT, Svg, element, escape, fit, join, label, picture
from reviews.report.timelines import coverage_spans, load_scale, plan_gantt
from reviews.risk.matrix import MATRIX, severity_of

__all__ = ["bars", "coverage_spans", "load_scale", "plan_gantt", "risk_grid", "safe"]

DASHES = {"measured": None, "partly-measured": "3 2", "assumed": "1 2"}
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


def risk_grid(findings: Sequence[Mapping[str, Any]], idprefix: str) -> Svg:
    """The 5×5 risk grid with one numbered mark per finding.

    `findings`: mappings with `number` (int, printed), `title`, `impact` and `proximity` (1 to 5), `severity`
    (high, medium, low), `confidence` (measured, partly-measured, assumed), `overridden` (a consultant set the
    severity) and optionally `href` (the mark becomes a link). Findings without impact or proximity are left out.
    `idprefix`: unique on the page. Returns SVG that templates print unescaped. No finding at all still draws the grid.
    """
    steps = range(1, 6)
    placed = [f for f in findings if f.get("impact") in steps and f.get("proximity") in steps]
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
    word = severity_of(impact, proximity).word
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
