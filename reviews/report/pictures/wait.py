"""How long a request waits for a slot, by how full the slots are: flat for long, then steep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from reviews.report import words
from reviews.report.figures import digits, percent
from reviews.report.pictures.frame import HEIGHT, axes, flag, frame
from reviews.report.pictures.scale import reaching
from reviews.report.pictures.shapes import ACCENT, WIDTH, bold, dot, path
from reviews.report.svg import Svg, picture

NOTHING = 1e-6  # a microsecond: no one waits less than that and knows it


def wait_curve(curve: Mapping[str, Any], idprefix: str, *, accent: str = ACCENT) -> Svg:
    """The curve of Erlang C with today's peak on it.

    `curve`: `title` (the resource), `points` as [share used, seconds of wait] from empty to nearly full, and `peak` as
    the same pair for today's busiest minutes, or None. Fewer than two points give an empty string.
    """
    points, peak, title = (
        words.pairs(curve.get("points")),
        words.pair(curve.get("peak")),
        words.text(curve.get("title"), 60),
    )
    if len(points) < 2:
        return Svg("")
    top = reaching(_worth(points, peak))
    plot = frame((0.0, 1.0), (0.0, top))
    line = [(x, y) for x, y in points if y <= top]
    parts = [
        axes(plot, "share of the slots in use", "mean wait", say_x=percent, say_y=seconds),
        path("curve", plot.through([*line, *_exit(points, top)]), accent),
    ]
    if peak and peak[0] < 1:
        parts += [flag(plot, peak[0], f"today's peak: {seconds(peak[1])}", "guide"),
                  dot("point", *plot.at(*peak), 4)]  # fmt: skip
    elif peak:
        parts.append(bold("today's peak is past the end: the queue only grows", plot.x.end, plot.y.end + 8, "end"))
    desc = "; ".join(f"{percent(x)} in use: {seconds(y)}" for x, y in _spoken(points))
    return picture(idprefix, WIDTH, HEIGHT, _message(title, points, peak), desc, *parts)


def seconds(value: float) -> str:
    """Time as it is read: 0.8 ms, 45 ms, 2.5 s, 12 min."""
    if value < NOTHING:
        return "0"
    if value < 1:
        return f"{digits(float(f'{value * 1000:.3g}'))} ms"
    return f"{digits(value)} s" if value < 120 else f"{digits(round(value / 60))} min"


def _worth(points: Sequence[tuple[float, float]], peak: tuple[float, float] | None) -> list[float]:
    """Waits that the axis must hold: up to 95 % in use, and today's peak."""
    shown = [y for x, y in points if x <= 0.95] or [points[0][1]]
    return [*shown, *([peak[1]] if peak and peak[0] < 1 else [])]


def _exit(points: Sequence[tuple[float, float]], top: float) -> list[tuple[float, float]]:
    """Where the curve leaves the top of the frame."""
    for (x1, y1), (x2, y2) in pairwise(points):
        if y1 <= top < y2:
            return [(x1 + (x2 - x1) * (top - y1) / (y2 - y1), top)]
    return []


def _message(title: str, points: Sequence[tuple[float, float]], peak: tuple[float, float] | None) -> str:
    name = title or "A slot"
    if peak and peak[0] >= 1:
        return f"{name}: more work than slots at today's peak"
    if peak:
        return f"{name}: {seconds(peak[1])} of waiting at today's peak, {percent(peak[0])} in use"
    half, full = (_near(points, share) for share in (0.5, 0.95))
    return (
        f"{name}: {seconds(half[1])} of waiting at {percent(half[0])} in use, {seconds(full[1])} at {percent(full[0])}"
    )


def _spoken(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    wanted = (0.5, 0.7, 0.8, 0.9, 0.95)
    return list(dict.fromkeys(_near(points, share) for share in wanted)) if points else []


def _near(points: Sequence[tuple[float, float]], share: float) -> tuple[float, float]:
    return min(points, key=lambda point: abs(point[0] - share))
