"""Where more concurrency stops helping: measured points, the fitted curve with its band, and what is only guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from reviews.report import words
from reviews.report.figures import digits
from reviews.report.pictures.frame import HEIGHT, Frame, axes, flag, frame
from reviews.report.pictures.scale import reaching
from reviews.report.pictures.shapes import ACCENT, WIDTH, Table, dot, muted, path, rect
from reviews.report.svg import Svg, join, picture


def usl_curve(fit: Mapping[str, Any], idprefix: str, *, accent: str = ACCENT) -> Svg:
    """Throughput by concurrency (Universal Scalability Law).

    `fit`: `title`, `points` (measured [n, x]), `curve` (fitted [n, x]), `low` and `high` (ends of the 95 % band, also
    [n, x]; may be absent), `n_max` and `x_max` (the peak, None when there is none or the data do not reach it), `unit`
    of x. Beyond the largest measured n the picture is shaded "extrapolated". Without points or curve: empty.
    """
    points, curve = words.pairs(fit.get("points")), words.pairs(fit.get("curve"))
    if not points or len(curve) < 2:
        return Svg("")
    low, high = words.pairs(fit.get("low")), words.pairs(fit.get("high"))
    end = max(curve[-1][0], points[-1][0])
    plot = frame((0.0, end), (0.0, reaching(y for _, y in [*points, *curve, *high])))
    peak = words.number(fit.get("n_max"))
    parts = [
        _beyond(plot, points[-1][0]),
        axes(plot, "requests at the same time", words.text(fit.get("unit"), 24) or "per second"),
        path("band", [*plot.through(low), *reversed(plot.through(high))], accent, closed=True),
        path("curve", plot.through(curve), accent),
        *(dot("dot", *plot.at(*point), 3) for point in points),
        flag(plot, peak, f"peak at {digits(round(peak))}", "guide") if peak and plot.x.holds(peak) else Svg(""),
    ]
    desc = "Measured: " + "; ".join(f"{digits(n)}: {digits(x)}" for n, x in points)
    return picture(idprefix, WIDTH, HEIGHT, _message(fit, points), desc, *parts)


def usl_table(fit: Mapping[str, Any]) -> Table:
    """Measured points beside what the fit says there."""
    curve = words.pairs(fit.get("curve"))
    rows = [(digits(n), digits(x), _fitted(curve, n)) for n, x in words.pairs(fit.get("points"))]
    return Table(("At the same time", "Measured", "Fitted"), tuple(rows), frozenset({0, 1, 2}))


def _fitted(curve: Sequence[tuple[float, float]], n: float) -> str:
    """Between two points of the curve by a straight line; outside it nothing is said."""
    for (n1, x1), (n2, x2) in pairwise(curve):
        if n1 <= n <= n2:
            return digits(float(f"{x1 + (x2 - x1) * (n - n1) / (n2 - n1):.3g}")) if n2 > n1 else digits(x1)
    return "–"


def _beyond(plot: Frame, last: float) -> Svg:
    """The shaded part to the right of the last measured point."""
    x = plot.x.at(last)
    width = plot.x.end - x
    if width < 2:
        return Svg("")
    ground = rect("zone", x, plot.y.end, width, plot.y.start - plot.y.end)
    return join(ground, muted("extrapolated", plot.x.end - 4, plot.y.start - 6, "end") if width > 60 else Svg(""))


def _message(fit: Mapping[str, Any], points: Sequence[tuple[float, float]]) -> str:
    name, peak = words.text(fit.get("title"), 60) or "Throughput", words.number(fit.get("n_max"))
    if peak is None:
        return f"{name}: no peak within what was measured, up to {digits(points[-1][0])} at the same time"
    where = "" if peak <= points[-1][0] else ", beyond what was measured"
    return f"{name}: more than {digits(round(peak))} at the same time makes it slower{where}"
