"""The way to the next thresholds: what moves the load, carried on at its growth, and what piles up, at its rate.

The lines follow the formulas that gave the dates: compound growth, and a daily amount that grows with its driver.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from reviews.capacity.formulas.growth import MONTH_DAYS, grown
from reviews.report import words
from reviews.report.pictures.growth import growth_line
from reviews.report.svg import Svg

Rows = Sequence[Mapping[str, Any]]
MOST_LIMITS, STEPS = 4, 24
LONGEST = 36.0  # months on the axis; what comes later is in the table


def growth_pictures(capacity: Mapping[str, Any], accent: str) -> list[Svg]:
    """At most two, soonest first: a driver with the thresholds that it reaches, and the first thing that piles up.

    Only thresholds with a dated range are drawn, and nothing when the day of the newest record is not known.
    """
    start = _day(capacity.get("as_of"))
    points = [point for point in words.rows(capacity.get("breaking_points")) if _dated(point)]
    if start is None or not points:
        return []
    inputs = {words.text(row.get("key"), 200): row for row in words.rows(capacity.get("inputs"))}
    piles = {words.text(row.get("id"), 200): row for row in words.rows(capacity.get("resources")) if row.get("grows")}
    moved = [point for point in points if point.get("at_value") is not None]
    piling = [point for point in points if words.text(point.get("resource"), 200) in piles]
    found = [_driven(_soonest(moved), inputs, start)] if moved else []
    if piling:
        point = _soonest(piling)[0]
        found.append(_piled(point, piles[words.text(point.get("resource"), 200)], inputs, start))
    drawn = [growth_line(row, f"growth-{index}", accent=accent) for index, row in enumerate(found) if row]
    return [picture for picture in drawn if picture]


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(words.text(value, 10))
    except ValueError:
        return None


def _dated(point: Mapping[str, Any]) -> bool:
    """Ahead of us, and with both ends as dates within the axis."""
    reached = words.mapping(point.get("reached"))
    latest, multiple = words.number(reached.get("months_high")), words.number(point.get("multiple"))
    known = all(_day(reached.get(end)) for end in ("from", "to"))
    return (
        known
        and latest is not None
        and 0 < latest <= LONGEST
        and (point.get("at_value") is None or (multiple or 0) > 1)
    )


def _soonest(points: Rows) -> list[Mapping[str, Any]]:
    return sorted(points, key=lambda point: words.mapping(point.get("reached")).get("months_low") or 0.0)


def _driven(points: Rows, inputs: Mapping[str, Any], start: date) -> dict[str, Any] | None:
    """The driver of the soonest threshold, with all that it reaches."""
    name = words.text(points[0].get("driver"), 200)
    today, growth = inputs.get(name, {}), inputs.get(f"{name}.growth", {})
    ends = [(words.number(today.get(end)), words.number(growth.get(end))) for end in ("value", "low", "high")]
    own = [point for point in points if point.get("driver") == points[0].get("driver")][:MOST_LIMITS]
    if any(value is None or share is None or value <= 0 or share <= -1 for value, share in ends):
        return None
    line, low, high = ([_compound(value, share, start, at) for at in _months(own)] for value, share in ends)
    limits = [_limit(point, point.get("at_value")) for point in own]
    return _row(today, "", (start, today.get("value")), (line, low, high), limits, exponential=True)


def _compound(value: Any, share: Any, start: date, months: float) -> list[Any]:
    return [_later(start, months), grown(value, share, months)]


def _piled(
    point: Mapping[str, Any], part: Mapping[str, Any], inputs: Mapping[str, Any], start: date
) -> dict[str, Any] | None:
    """What is there now and what comes on top, at today's rate and at one that grows with its driver."""
    level, per_day = words.number(part.get("fixed")), words.mapping(part.get("per_day"))
    growth = inputs.get(f"{words.text(point.get('driver'), 200)}.growth", {})
    ends = [(words.number(per_day.get(end)), words.number(growth.get(end)) or 0.0) for end in ("value", "low", "high")]
    capacity = words.mapping(part.get("capacity"))
    if level is None or any(rate is None or share <= -1 for rate, share in ends):
        return None
    # The latest date in the table is that of today's rate, as if nothing grew.
    ends[1] = ends[1][0], min(ends[1][1], 0.0)
    line, low, high = (
        [[_later(start, at), level + (rate or 0.0) * MONTH_DAYS * _grown(share, at)] for at in _months([point])]
        for rate, share in ends
    )
    limits = [_limit(point, capacity.get("value"))]
    return _row(part, words.text(part.get("unit"), 16), (start, level), (line, low, high), limits, exponential=False)


def _grown(share: float, months: float) -> float:
    """Months of today's rate that a growing rate adds up to: (G^t - 1) / ln G."""
    return months if abs(share) < 1e-9 else math.expm1(months * math.log1p(share)) / math.log1p(share)


def _months(points: Rows) -> list[float]:
    """Even steps up to a little past the last threshold."""
    last = max(words.number(words.mapping(point.get("reached")).get("months_high")) or 0.0 for point in points)
    return [last * 1.05 * step / STEPS for step in range(STEPS + 1)]


def _later(start: date, months: float) -> str:
    return (start + timedelta(days=round(months * MONTH_DAYS))).isoformat()


def _limit(point: Mapping[str, Any], value: Any) -> dict[str, Any]:
    reached = words.mapping(point.get("reached"))
    at = words.number(value)
    return {
        "title": words.text(point.get("title"), 60),
        "value": None if at is None else float(f"{at:.3g}"),
        **{name: reached.get(name) for name in ("from", "to", "words")},
    }


def _row(
    of: Mapping[str, Any], unit: str, today: tuple[date, Any], lines: tuple[Any, Any, Any],
    limits: list[dict[str, Any]], *, exponential: bool,
) -> dict[str, Any]:  # fmt: skip
    """As the picture takes it: one point is measured, the rest is expected."""
    line, low, high = lines
    return {
        "title": words.text(of.get("title"), 60).removesuffix(", now"),
        "unit": "" if unit == "1" else unit, "exponential": exponential,
        "points": [[today[0].isoformat(), today[1]]], "line": line, "low": low, "high": high, "thresholds": limits,
    }  # fmt: skip
