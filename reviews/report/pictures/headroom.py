"""The headroom ladder: how many times today's load each resource carries, the first to break on top."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import digits
from reviews.report.pictures.scale import Scale
from reviews.report.pictures.shapes import (
    ACCENT,
    DASHES,
    WIDTH,
    Table,
    bold,
    line,
    muted,
    rect,
    said,
)
from reviews.report.svg import Svg, join, picture, text_width

LEFT, RIGHT, ROW, TOP = 144.0, 136.0, 21.0, 36.0
MOST = 20  # bars; the table beside them holds all
FARTHEST = 1000.0  # times today; nobody plans beyond


def headroom(
    points: Sequence[Mapping[str, Any]], marks: Sequence[Mapping[str, Any]], idprefix: str, *, accent: str = ACCENT
) -> Svg:
    """One bar per resource to the multiple of today's load at which it breaks, on a logarithmic axis.

    `points`: rows of `capacity.breaking_points`: `title`, `multiple`, `multiple_low`, `multiple_high` (the whisker),
    `grade` (the outline) and `reached` (`words`); without a multiple a row is left out. `marks`: scenarios as `title`
    and `multiple`, drawn as lines. No row gives an empty string: an axis without bars says nothing.
    """
    shown = known(points)[:MOST]
    if not shown:
        return Svg("")
    lines = [(words.text(m.get("title"), 40), value) for m in marks if (value := words.number(m.get("multiple")))]
    scale = _axis_of(shown, [value for _, value in lines])
    foot = TOP + ROW * len(shown)
    parts = [_ticks(scale, foot), _marks([("today", 1.0), *lines], scale, foot)]
    parts += [_bar(row, scale, TOP + index * ROW, accent) for index, row in enumerate(shown)]
    desc = "; ".join(f"{row['title']}: {times(row['multiple'])} {row['when']}".strip() for row in shown)
    return picture(idprefix, WIDTH, foot + 32, message(shown), desc, *parts)


def headroom_table(points: Sequence[Mapping[str, Any]]) -> Table:
    """Every resource with a multiple, with its range, when that is reached, and its grade."""
    rows = [
        (row["title"], times(row["multiple"]), _range(row), row["when"] or "not known", row["grade"])
        for row in known(points)
    ]
    return Table(("Resource", "Breaks at", "Range", "Reached", "Grade"), tuple(rows), frozenset({1, 2}))


def known(points: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows that have a multiple, first to break first.

    A range that is not given is the multiple itself; an upper end that is None has no end.
    """
    rows = [
        _row_of(point, float(multiple))
        for point in points
        if (multiple := words.number(point.get("multiple"))) is not None
    ]
    return sorted(rows, key=lambda row: row["multiple"])


def _row_of(point: Mapping[str, Any], multiple: float) -> dict[str, Any]:
    low, high = words.number(point.get("multiple_low")), words.number(point.get("multiple_high"))
    open_end = "multiple_high" in point and high is None
    return {
        "title": words.text(point.get("title"), 80),
        "component": words.text(point.get("component"), 60),
        "multiple": multiple,
        "low": multiple if low is None else float(low),
        "high": math.inf if open_end else multiple if high is None else float(high),
        "grade": words.text(point.get("grade"), 12) or "assumed",
        "when": words.text(words.mapping(point.get("reached")).get("words"), 60),
    }


def message(shown: Sequence[Mapping[str, Any]]) -> str:
    """Which breaks first and at how many times today's load."""
    first = shown[0]
    if first["multiple"] <= 1:
        return f"Past the limit: {first['title']}, at {times(first['multiple'])} today's load"
    return f"First to break: {first['title']}, at {times(first['multiple'])} today"


def _axis_of(shown: Sequence[Mapping[str, Any]], lines: Sequence[float]) -> Scale:
    known_ends = [row[end] for row in shown for end in ("low", "multiple", "high")]
    ends = [1.0, *lines, *(end for end in known_ends if math.isfinite(end))]
    low, high = max(min(ends) / 1.5, 0.01), min(max(ends) * 1.25, FARTHEST)
    return Scale(low, max(high, low * 4), LEFT, WIDTH - RIGHT, log=True)


def _ticks(scale: Scale, foot: float) -> Svg:
    parts = [line("axis", LEFT, foot, WIDTH - RIGHT, foot)]
    for tick in scale.ticks(6):
        x = scale.at(tick)
        parts += [line("rule", x, TOP - 4, x, foot), muted(f"{digits(tick)} ×", x, foot + 12, "middle")]
    return join(*parts, muted("times today's load", LEFT, foot + 25))


def _marks(lines: Sequence[tuple[str, float]], scale: Scale, foot: float) -> Svg:
    """Vertical lines with their names on top, in two lanes; a name that fits in neither is left to the table."""
    parts, free = [], [0.0, 0.0]
    for name, value in sorted(lines, key=lambda pair: pair[1]):
        if not scale.holds(value):
            continue
        x, half = scale.at(value), text_width(name, 8.5) / 2
        parts.append(line("limit" if value == 1.0 else "guide", x, TOP - 6, x, foot))
        lane = next((lane for lane, end in enumerate(free) if x - half > end), None)
        if lane is not None:
            parts.append(muted(name, x, TOP - 9 - 11 * lane, "middle"))
            free[lane] = x + half + 6
    return join(*parts)


def _bar(row: Mapping[str, Any], scale: Scale, y: float, accent: str) -> Svg:
    end, middle = scale.at(row["multiple"]), y + ROW / 2
    sure = row["grade"] in ("measured", "derived")
    parts = [
        said(row["title"], LEFT - 8, middle + 3, "end", room=LEFT - 12),
        rect("solid" if sure else "hollow", LEFT, y + 4, end - LEFT, ROW - 8, accent,
             stroke_dasharray=DASHES.get(row["grade"], "1 2")),
        bold(times(row["multiple"]), WIDTH - RIGHT + 8, middle + 3),
        said(row["when"], WIDTH - RIGHT + 46, middle + 3, size=8, room=RIGHT - 46),
    ]  # fmt: skip
    if row["high"] > row["low"]:
        low, high = scale.at(row["low"]), scale.at(row["high"])
        parts += [line("whisker", low, middle, high, middle)]
        caps = (low, high) if math.isfinite(row["high"]) else (low,)
        parts += [line("whisker", x, middle - 3.5, x, middle + 3.5) for x in caps]
    return join(*parts)


def times(multiple: float) -> str:
    """`1.4 ×`: two digits at most, because no breaking point is known better."""
    return f"over {digits(FARTHEST)} ×" if multiple > FARTHEST else f"{digits(_short(multiple))} ×"


def _short(multiple: float) -> float:
    return round(multiple, 1 if multiple < 10 else 0) if multiple >= 1 else round(multiple, 2)


def _range(row: Mapping[str, Any]) -> str:
    low, high = times(row["low"]), times(row["high"])
    if math.isinf(row["high"]):
        return f"{low} and more"
    return "" if low == high else f"{low.removesuffix(' ×')} to {high}"
