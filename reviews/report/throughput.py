"""What load tests at different loads showed: the curve with its points, where it peaks, or what it still needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import digits
from reviews.report.pictures.shapes import Table
from reviews.report.pictures.usl import usl_curve, usl_table

MOST_CURVES = 3


def curves_view(capacity: Mapping[str, Any], accent: str) -> list[dict[str, Any]]:
    """For each target that was tested its `picture`, `table` and `note`; without a fit `needs` beside the points."""
    rows = words.rows(capacity.get("curves"))[:MOST_CURVES]
    return [_view(row, f"curve-{index}", accent) for index, row in enumerate(rows)]


def _view(row: Mapping[str, Any], idprefix: str, accent: str) -> dict[str, Any]:
    title, fit = words.text(row.get("target"), 60), words.mapping(row.get("fit"))
    points = [[point.get("at_once"), point.get("per_s")] for point in words.rows(row.get("points"))]
    curve = [point for point in words.entries(fit.get("curve")) if len(words.entries(point)) == 4]
    most = words.number(words.mapping(fit.get("most_per_s")).get("value"))
    drawn = {
        "title": title,
        "points": points,
        "curve": [point[:2] for point in curve],
        "low": [[point[0], point[2]] for point in curve],
        "high": [[point[0], point[3]] for point in curve],
        "n_max": fit.get("peak"),
        "x_max": most,
        "unit": "requests a second",
    }
    return {
        "title": title,
        "picture": usl_curve(drawn, idprefix, accent=accent) if fit else "",
        "table": usl_table(drawn) if fit else _points(points),
        "note": _note(fit) if fit else "",
        "needs": "" if fit else "; ".join(words.texts(row.get("needs"), 200)),
        "left_out": [
            f"{words.text(run.get('file'), 80)}: {words.text(run.get('why'), 120)}"
            for run in words.rows(row.get("left_out"))
        ],
    }


def _points(points: Sequence[Sequence[Any]]) -> Table:
    pairs = words.pairs(points)
    return Table(
        ("At the same time", "Requests a second"),
        tuple((_three(at_once), _three(per_s)) for at_once, per_s in pairs),
        frozenset({0, 1}),
    )


def _note(fit: Mapping[str, Any]) -> str:
    """Where it peaks, how well the law fits, and how far it may be asked."""
    reach, explained = words.number(fit.get("reach")) or 0.0, words.number(fit.get("explained")) or 0.0
    known = f"The Universal Scalability Law explains {_three(100 * explained)} % of the differences; nothing is said"
    return f"{_peak(fit)} {known} beyond {_three(reach)} at the same time, twice what was measured."


def _peak(fit: Mapping[str, Any]) -> str:
    peak, most = words.number(fit.get("peak")), words.mapping(fit.get("most_per_s"))
    low, high = words.number(fit.get("peak_low")), words.number(fit.get("peak_high"))
    if peak is None:
        ceiling = words.number(fit.get("ceiling_per_s"))
        limit = f" It flattens towards {_three(ceiling)} a second." if ceiling else ""
        return f"No peak within reach of what was measured.{limit}"
    ends = f" (95 %: {_three(low)} to {_three(high)})" if low and high else ""
    value = words.number(most.get("value"))
    carried = f", where it carries {_three(value)} requests a second" if value else ""
    return f"Throughput peaks at {digits(round(peak))} at the same time{ends}{carried}: more makes it slower."


def _three(value: float) -> str:
    return digits(float(f"{value:.3g}"))
