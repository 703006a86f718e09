"""How long requests of a route take: the middle, the slow twentieth and the slowest hundredth against the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import digits, plural
from reviews.report.pictures.scale import Scale
from reviews.report.pictures.shapes import ACCENT, WIDTH, Table, bold, dot, line, muted, said
from reviews.report.pictures.wait import seconds
from reviews.report.svg import Svg, join, picture

LEFT, RIGHT, ROW, TOP = 150.0, 90.0, 24.0, 26.0
MOST = 16
MARKS = (("p50", "dot", 3.0), ("p95", "point", 4.0), ("p99", "dot", 3.0))


def latency_ranges(routes: Sequence[Mapping[str, Any]], idprefix: str, *, accent: str = ACCENT) -> Svg:
    """A dot for p50, p95 and p99 of each route on a logarithmic axis, and a line at its budget.

    `routes`: `name`, `p50`, `p95`, `p99` and `budget` in seconds, any of them absent, and `requests`. A percentile that
    too few requests back is absent and not drawn. No route with a percentile: an empty string.
    """
    rows = _rows(routes)[:MOST]
    if not rows:
        return Svg("")
    values = [value for row in rows for name in ("p50", "p95", "p99", "budget") if (value := row[name])]
    scale = Scale(min(values) / 1.4, max(values) * 1.4, LEFT, WIDTH - RIGHT, log=True)
    foot = TOP + ROW * len(rows)
    parts = [_ticks(scale, foot)]
    parts += [_row(row, scale, TOP + index * ROW, accent) for index, row in enumerate(rows)]
    desc = "; ".join(f"{row['name']}: {_spoken(row)}" for row in rows)
    return picture(idprefix, WIDTH, foot + 20, _message(rows), desc, *parts)


def latency_table(routes: Sequence[Mapping[str, Any]]) -> Table:
    """Percentiles, budget and number of requests; what was not measured says so."""
    cells = [
        (row["name"], *(seconds(row[name]) if row[name] else "not measured" for name in ("p50", "p95", "p99")),
         seconds(row["budget"]) if row["budget"] else "none stated",
         digits(row["requests"]) if row["requests"] else "") for row in _rows(routes)
    ]  # fmt: skip
    return Table(("Route", "p50", "p95", "p99", "Budget", "Requests"), tuple(cells), frozenset(range(1, 6)))


def _rows(routes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    names = ("p50", "p95", "p99", "budget", "requests")
    rows = [
        {"name": words.text(route.get("name"), 60), **{n: _above_zero(route.get(n)) for n in names}} for route in routes
    ]
    return [row for row in rows if row["p50"] or row["p95"] or row["p99"]]


def _above_zero(value: object) -> float | None:
    number = words.number(value)
    return float(number) if number is not None and number > 0 else None


def _ticks(scale: Scale, foot: float) -> Svg:
    parts = [muted("circle p50 and p99, dot p95, line: the budget for p95", LEFT, 10)]
    for tick in scale.ticks(6):
        x = scale.at(tick)
        parts += [line("rule", x, TOP - 6, x, foot), muted(seconds(tick), x, foot + 13, "middle")]
    return join(*parts, line("axis", LEFT, foot, WIDTH - RIGHT, foot))


def _row(row: Mapping[str, Any], scale: Scale, y: float, accent: str) -> Svg:
    middle, known = y + ROW / 2, [row[name] for name, _, _ in MARKS if row[name]]
    parts = [
        said(row["name"], LEFT - 8, middle + 3, "end", room=LEFT - 20),
        line("curve", scale.at(min(known)), middle, scale.at(max(known)), middle, accent),
        *(dot(kind, scale.at(row[name]), middle, radius) for name, kind, radius in MARKS if row[name]),
    ]
    if row["budget"]:
        x = scale.at(row["budget"])
        parts.append(line("limit", x, y + 3, x, y + ROW - 3))
    return join(*parts, _verdict(row, WIDTH, middle + 3))


def _verdict(row: Mapping[str, Any], x: float, y: float) -> Svg:
    if not row["p95"]:
        return muted("p95 not measured", x, y, "end", size=8)
    if not row["budget"]:
        return muted(f"p95 {seconds(row['p95'])}", x, y, "end")
    over = row["p95"] > row["budget"]
    return bold(f"{seconds(row['p95'])}, {'over' if over else 'within'}", x, y, "end", size=9)


def _spoken(row: Mapping[str, Any]) -> str:
    known = [f"{name} {seconds(row[name])}" for name, _, _ in MARKS if row[name]]
    return ", ".join([*known, f"budget {seconds(row['budget'])}"] if row["budget"] else known)


def _message(rows: Sequence[Mapping[str, Any]]) -> str:
    judged = [row for row in rows if row["p95"] and row["budget"]]
    over = [row for row in judged if row["p95"] > row["budget"]]
    if over:
        worst = max(over, key=lambda row: row["p95"] / row["budget"])
        times = digits(round(worst["p95"] / worst["budget"], 1))
        return f"{plural(len(over), 'route')} over budget; {worst['name']} most, at {times} × its budget"
    if judged:
        return f"All {plural(len(judged), 'route')} with a budget are within it"
    slowest = max(rows, key=lambda row: row["p95"] or row["p50"] or 0)
    return f"{slowest['name']} is the slowest route; no budget was stated"
