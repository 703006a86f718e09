"""Rectangles, lines and words of the pictures: a kind names its look in print and its class on a page.

A fill never stands for something by its colour alone: series are told apart by pattern, grades by the outline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviews.report.svg import (
    INK,
    LINE,
    MUTED,
    PAPER,
    TEXT,
    TINT,
    Svg,
    element,
    fit,
    join,
    label,
    prefix_of,
    text_width,
)

WIDTH = 560.0  # of every wide picture; as wide as the page, so that texts are of one size everywhere
ACCENT = "#0b5d66"
KEY = 32.0  # of a legend: the square and the space around its words
BRAND = "accent"  # stands in a style where the brand's colour goes
STYLES: Mapping[str, Mapping[str, object]] = {
    "track": {"fill": TINT["medium"]},
    "zone": {"fill": TINT["low"]},
    "shade": {"fill": TINT["high"]},
    "over": {"fill": INK},
    "solid": {"fill": BRAND},
    "hollow": {"fill": PAPER, "stroke": BRAND, "stroke_width": 1.2},
    "box": {"fill": PAPER, "stroke": MUTED, "stroke_width": 1},
    "eta": {"fill": MUTED, "fill_opacity": 0.18},
    "first": {"fill": PAPER, "stroke": BRAND, "stroke_width": 2.6},
    "band": {"fill": BRAND, "fill_opacity": 0.16},
    "rule": {"stroke": LINE, "stroke_width": 0.6},
    "axis": {"stroke": MUTED, "stroke_width": 0.8},
    "guide": {"stroke": TEXT, "stroke_width": 1, "stroke_dasharray": "3 2"},
    "limit": {"stroke": INK, "stroke_width": 1.4},
    "whisker": {"stroke": INK, "stroke_width": 1.1},
    "curve": {"stroke": BRAND, "stroke_width": 1.8, "fill": "none"},
    "sum": {"stroke": INK, "stroke_width": 1.2, "fill": "none"},
    "faint": {"stroke": MUTED, "stroke_width": 1.2, "stroke_dasharray": "1.5 2.5", "fill": "none"},
    "dot": {"fill": PAPER, "stroke": INK, "stroke_width": 1.3},
    "point": {"fill": INK},
}
# The outline says the grade, as on the risk grid: solid measured, dashed stated, dotted assumed.
DASHES: Mapping[str, str | None] = {"measured": None, "derived": None, "stated": "3 2", "assumed": "1 2"}
SERIES = ("solid", "stripes", "shade", "dots", "hollow", "bars")  # neighbours differ in form, not in hue
LINES: Mapping[str, tuple[tuple[float, float, float, float], ...]] = {
    "stripes": ((-1, 1, 1, -1), (0, 6, 6, 0), (5, 7, 7, 5)),
    "bars": ((0, 1.5, 6, 1.5), (0, 4.5, 6, 4.5)),
    "dots": (),
}


@dataclass(frozen=True)
class Table:
    """The rows of a picture as text; `numeric` are the columns set to the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()

    @property
    def headings(self) -> list[tuple[str, bool]]:
        """Headings with whether their column holds numbers."""
        return [(words, index in self.numeric) for index, words in enumerate(self.head)]

    @property
    def lines(self) -> list[list[tuple[str, bool]]]:
        """Rows of cells with whether each is a number."""
        return [[(words, index in self.numeric) for index, words in enumerate(row)] for row in self.rows]


def styled(kind: str, accent: str) -> dict[str, object]:
    """Attributes for print and the class for a page."""
    look = {name: accent if value == BRAND else value for name, value in STYLES[kind].items()}
    return {**look, "class_": f"ll-{kind}"}


def rect(
    kind: str, x: float, y: float, width: float, height: float, accent: str = ACCENT, **more: object
) -> Svg:  # fmt: skip
    """A rectangle; `more` are further attributes, such as `rx` or `stroke_dasharray`."""
    place = {"x": float(x), "y": float(y), "width": max(float(width), 0.0), "height": max(float(height), 0.0)}
    return element("rect", **place, **(styled(kind, accent) | more))


def line(kind: str, x1: float, y1: float, x2: float, y2: float, accent: str = ACCENT, **more: object) -> Svg:
    """A straight line."""
    ends = {"x1": float(x1), "y1": float(y1), "x2": float(x2), "y2": float(y2)}
    return element("line", **ends, **(styled(kind, accent) | more))


def path(kind: str, points: Sequence[tuple[float, float]], accent: str = ACCENT, *, closed: bool = False) -> Svg:
    """A line through `points`, or the area within them."""
    steps = " L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return element("path", d=f"M{steps}{' Z' if closed else ''}", **styled(kind, accent)) if points else Svg("")


def dot(kind: str, x: float, y: float, radius: float, accent: str = ACCENT) -> Svg:
    """A round mark."""
    return element("circle", cx=float(x), cy=float(y), r=float(radius), **styled(kind, accent))


def said(
    text: object, x: float, y: float, anchor: str = "start", *, size: float = 9, room: float | None = None
) -> Svg:  # fmt: skip
    """Words in running weight, shortened to `room`."""
    return label(str(text) if room is None else fit(str(text), room, size), x, y, size=size, anchor=anchor)


def muted(text: object, x: float, y: float, anchor: str = "start", *, size: float = 8.5) -> Svg:
    """Words of an axis or a legend."""
    return label(str(text), x, y, size=size, anchor=anchor, fill=MUTED, class_="ll-muted")


def bold(text: object, x: float, y: float, anchor: str = "start", *, size: float = 9.5, on: bool = False) -> Svg:
    """A figure that should be read first; `on` a dark ground it is light."""
    fill, kind = (PAPER, "ll-on") if on else (INK, "ll-ink")
    return label(str(text), x, y, size=size, anchor=anchor, weight=600, fill=fill, class_=kind)


def patterns(idprefix: str, names: Iterable[str], accent: str = ACCENT) -> Svg:
    """Definitions of the patterns among `names`, under ids that begin with `idprefix`."""
    wanted = [name for name in dict.fromkeys(names) if name in LINES]
    return element("defs", *(_pattern(idprefix, name, accent) for name in wanted)) if wanted else Svg("")


def filled(
    idprefix: str, kind: str, x: float, y: float, width: float, height: float, accent: str = ACCENT
) -> Svg:  # fmt: skip
    """A rectangle of a series, plain or with a pattern that `patterns` defined, edged so that neighbours part."""
    if kind not in LINES:
        return rect(kind, x, y, width, height, accent, stroke=None if kind == "solid" else accent, stroke_width=0.8)
    return rect("hollow", x, y, width, height, accent, fill=f"url(#{prefix_of(idprefix)}-{kind})", stroke_width=0.8,
                class_="ll-patterned")  # fmt: skip


def legend(idprefix: str, entries: Sequence[tuple[str, str]], y: float, left: float = 0, accent: str = ACCENT) -> Svg:
    """One line that says what each fill means: (kind, words). Shortened where all words have no room."""
    share = (WIDTH - left) / max(len(entries), 1)
    widths = [text_width(words, 8.5) * 1.05 + KEY for _, words in entries]
    steps = widths if sum(widths) <= WIDTH - left else [share] * len(entries)
    parts, x = [], left
    for (kind, words), step in zip(entries, steps, strict=True):
        parts += [filled(idprefix, kind, x, y - 8, 10, 9, accent), muted(fit(words, step - KEY + 4, 8.5), x + 14, y)]
        x += step
    return join(*parts)


def wrapped(text: str, room: float, size: float, most: int) -> list[str]:
    """At most `most` lines, broken between words, the last one shortened."""
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size) > room and lines[-1] and len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = longer
    return [fit(entry, room, size) for entry in lines]


def _pattern(idprefix: str, name: str, accent: str) -> Svg:
    ground = element("rect", width=6, height=6, fill=PAPER, class_="ll-pattern-ground")
    lines = [
        element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=accent, stroke_width=1.3, class_="ll-pattern-line")
        for x1, y1, x2, y2 in LINES[name]
    ]
    dots = [element("circle", cx=3, cy=3, r=1.2, fill=accent, class_="ll-pattern-dot")] if name == "dots" else []
    return element(
        "pattern", ground, *lines, *dots,
        id=f"{prefix_of(idprefix)}-{name}", width=6, height=6, patternUnits="userSpaceOnUse",
    )  # fmt: skip
