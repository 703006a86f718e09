"""The 5×5 risk grid: impact upwards, proximity to the right, one numbered mark per finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviews.report.svg import INK, MUTED, PAPER, SEVERITY, TINT, Svg, element, join, label, picture
from reviews.risk.matrix import severity_of

STEPS = (1, 2, 3, 4, 5)
DASHES = {"measured": None, "partly-measured": "3 2", "assumed": "1 2"}
PROXIMITY = {1: "later", 2: "within a year", 3: "within 90 days", 4: "within 30 days", 5: "seen happening"}
NEAR = {1: "later", 2: "1 year", 3: "90 days", 4: "30 days", 5: "seen"}
IMPACT = {
    5: ("10 % of revenue", "or 25 % of users"),
    4: ("3 % of revenue", "or 10 % of users"),
    3: ("1 % of revenue", "or 3 % of users"),
    2: ("0.3 % of revenue", "or 1 % of users"),
    1: ("less", ""),
}
TAG_W, TAG_H, GAP = 31.0, 16.0, 2.5


@dataclass(frozen=True)
class Shape:
    """Where cells stand: left edge, cell width and height, marks in a row and rows of marks, words of the axis."""

    left: float
    width: float
    height: float
    across: int
    down: int
    words: Mapping[int, str]
    explained: bool

    def corner(self, impact: int, proximity: int) -> tuple[float, float]:
        """Top left of a cell."""
        return self.left + (proximity - 1) * self.width, 2 + (5 - impact) * self.height


WIDE = Shape(left=104, width=106, height=62, across=3, down=3, words=PROXIMITY, explained=True)
COMPACT = Shape(left=18, width=74, height=46, across=2, down=2, words=NEAR, explained=False)


def risk_grid(findings: Sequence[Mapping[str, Any]], idprefix: str, *, compact: bool = False) -> Svg:
    """The 5×5 risk grid with one numbered mark per finding.

    `findings`: mappings with `number` (int, printed), `title`, `impact` and `proximity` (1 to 5), `severity`
    (high, medium, low), `confidence` (measured, partly-measured, assumed), `overridden` (a consultant set the
    severity) and optionally `href` (the mark becomes a link). Findings without impact or proximity are left out, and so
    are those with `causes`: what a symptom does is drawn at its cause.
    `idprefix`: unique on the page. `compact` is for narrow places: smaller cells, no words beside the rows.
    Returns SVG that templates print unescaped. No finding at all still draws the grid.
    """
    shape = COMPACT if compact else WIDE
    placed = [f for f in findings if f.get("impact") in STEPS and f.get("proximity") in STEPS and not f.get("causes")]
    high = sum(1 for f in placed if f.get("severity") == "high")
    title = f"{len(placed)} risks by impact and proximity, {high} of them high"
    spoken = "; ".join(
        f"{f.get('number')}: {f.get('title')}, impact {f['impact']}, proximity {f['proximity']}, {f.get('severity')}, "
        f"{f.get('confidence')}"
        for f in placed
    )
    cells = [_cell(shape, impact, proximity, placed) for impact in STEPS for proximity in STEPS]
    width, height = shape.left + 5 * shape.width + 2, 2 + 5 * shape.height + 32
    links = any(f.get("href") for f in placed)
    said = spoken or "No risk has been placed yet."
    return picture(idprefix, width, height, title, said, _rows(shape), _columns(shape), *cells, links=links)


def _rows(shape: Shape) -> Svg:
    parts = []
    for impact, (first, second) in IMPACT.items():
        middle = shape.corner(impact, 1)[1] + shape.height / 2
        parts.append(
            label(str(impact), shape.left - 6, middle + 4, size=12, anchor="end", weight=600, fill=INK, class_="ll-ink")
        )
        if shape.explained:
            for offset, words in ((1, first), (12, second)):
                parts.append(_small(words, shape.left - 20, middle - 4 + offset, "end"))
    return join(*parts)


def _columns(shape: Shape) -> Svg:
    bottom = 2 + 5 * shape.height
    parts = []
    for step, words in shape.words.items():
        middle = shape.corner(1, step)[0] + shape.width / 2
        parts += [
            label(str(step), middle, bottom + 15, size=12, anchor="middle", weight=600, fill=INK, class_="ll-ink"),
            _small(words, middle, bottom + 27, "middle"),
        ]
    return join(*parts)


def _small(words: str, x: float, y: float, anchor: str) -> Svg:
    return label(words, x, y, size=8.5, anchor=anchor, fill=MUTED, class_="ll-muted")


def _cell(shape: Shape, impact: int, proximity: int, findings: Sequence[Mapping[str, Any]]) -> Svg:
    """A tinted cell with its word and as many marks as fit; the rest are counted."""
    x, y = shape.corner(impact, proximity)
    word = severity_of(impact, proximity).word
    inside = [f for f in findings if (f["impact"], f["proximity"]) == (impact, proximity)]
    room = shape.across * shape.down
    shown = inside if len(inside) <= room else inside[: room - 1]
    places = [
        (x + 5 + (index % shape.across) * (TAG_W + GAP), y + 5 + (index // shape.across) * (TAG_H + GAP))
        for index in range(room)
    ]
    # A full cell has no room for its word; the tint still says it.
    parts = [
        _zone(x, y, shape, word, named=len(inside) <= room - shape.across),
        *(_tag(f, *place) for f, place in zip(shown, places, strict=False)),
    ]
    if len(shown) < len(inside):
        left, top = places[-1]
        parts.append(_bold(f"+{len(inside) - len(shown)}", left + 4, top + 12, "start", INK, "ll-ink"))
    return join(*parts)


def _zone(x: float, y: float, shape: Shape, word: str, *, named: bool) -> Svg:
    words, right, foot = word.capitalize() if named else "", x + shape.width - 6, y + shape.height - 6
    return join(
        element(
            "rect", x=x + 1, y=y + 1, width=shape.width - 2, height=shape.height - 2, rx=3, fill=TINT[word],
            class_=f"ll-zone ll-zone--{word}",
        ),
        label(words, right, foot, size=7.5, anchor="end", fill=MUTED, class_="ll-muted"),
    )  # fmt: skip


def _bold(words: str, x: float, y: float, anchor: str, fill: str, class_: str) -> Svg:
    size = 9.5 if len(words) < 3 else 8
    return label(words, x, y, size=size, anchor=anchor, weight=600, fill=fill, class_=class_)


def _tag(finding: Mapping[str, Any], x: float, y: float) -> Svg:
    """Severity by the small square, confidence by the outline, hollow when a consultant set it."""
    severity = str(finding.get("severity"))
    severity = severity if severity in SEVERITY else "low"
    colour, dashes = SEVERITY[severity], DASHES.get(str(finding.get("confidence")), DASHES["assumed"])
    hollow = bool(finding.get("overridden"))
    filled = severity == "high" and not hollow and dashes is None
    state = " is-filled" if filled else " is-hollow" if hollow else ""
    kind = f"ll-tag ll-tag--{severity}{state}"
    parts = [
        element("title", f"{finding.get('number')}. {finding.get('title', '')}"),
        _outline(x + 0.75, y + 0.75, TAG_W - 1.5, TAG_H - 1.5, 3, colour, 1.3, kind,
                 colour if filled else "none" if hollow else PAPER, dashes),
        _mark(severity, x + 4.5, y + 4.5, PAPER if filled else colour, "on" if filled else severity),
        _bold(str(finding.get("number", "")), x + TAG_W - 5, y + 11.6, "end", PAPER if filled else INK,
              "ll-on" if filled else "ll-ink"),
    ]  # fmt: skip
    if hollow:
        parts.append(_outline(x + 2.75, y + 2.75, TAG_W - 5.5, TAG_H - 5.5, 1.5, colour, 0.6, kind))
    group = element("g", *parts, class_="ll-finding", data_number=finding.get("number"))
    href = str(finding.get("href") or "")
    # Only places on the page or on this site: a link in a chart must not become a way out.
    return element("a", group, href=href) if href.startswith(("#", "/")) and not href.startswith("//") else group


def _outline(
    x: float, y: float, width: float, height: float, radius: float, colour: str, stroke: float, kind: str,
    fill: str = "none", dashes: str | None = None,
) -> Svg:  # fmt: skip
    return element(
        "rect", x=x, y=y, width=width, height=height, rx=radius, fill=fill, stroke=colour, stroke_width=stroke,
        stroke_dasharray=dashes, class_=kind,
    )  # fmt: skip


def _mark(severity: str, x: float, y: float, colour: str, class_: str, side: float = 7.0) -> Svg:
    """Filled, half-filled or empty square."""
    box = _outline(x + 0.6, y + 0.6, side - 1.2, side - 1.2, 0, colour, 1.2, f"ll-mark--{class_} is-outline")
    if severity == "low":
        return box
    width = side if severity == "high" else side / 2
    return join(
        box, element("rect", x=x, y=y, width=width, height=side, fill=colour, class_=f"ll-mark--{class_} is-solid")
    )
