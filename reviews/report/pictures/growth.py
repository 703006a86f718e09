"""When is it full? What was measured, the line it follows, and the thresholds it meets with the range of dates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from reviews.report import words
from reviews.report.figures import digits, figure
from reviews.report.pictures.frame import HEIGHT, Frame, axes, frame
from reviews.report.pictures.scale import reaching
from reviews.report.pictures.shapes import ACCENT, WIDTH, bold, dot, line, path, rect
from reviews.report.svg import Svg, fit, join, picture

DAY = 86400.0
SHORT = {0: "", 3: "k", 6: "M", 9: "G"}
RIGHT = 20.0
APART = 12.0  # names of two thresholds that are nearer than this would lie on each other


def growth_line(growth: Mapping[str, Any], idprefix: str, *, accent: str = ACCENT) -> Svg:
    """A quantity over time up to its thresholds; the y axis is logarithmic when the growth is exponential.

    `growth`: `title`, `unit`, `points` (measured, [ISO date, value]), `line` (expected, the same), `low` and `high`
    (ends of the band, may be absent), `exponential`, and `thresholds`: `title`, `value`, `from`, `to` (ISO dates
    between which it is reached, either may be None) and `words`. Fewer than two dated values give an empty string.
    """
    measured, expected = _dated(growth.get("points")), _dated(growth.get("line"))
    if len(measured) + len(expected) < 2:
        return Svg("")
    limits = [t for t in words.rows(growth.get("thresholds")) if words.number(t.get("value"))]
    plot = _frame_of(growth, measured, expected, limits)
    unit = words.text(growth.get("unit"), 16)
    low, high = _dated(growth.get("low")), _dated(growth.get("high"))
    parts = [
        axes(plot, "", ", ".join(filter(None, (words.text(growth.get("title"), 60), unit))), say_x=_day,
             say_y=partial(_short, unit=unit), marks=_months(plot.x.low, plot.x.high)),
        path("band", [*plot.through(low), *reversed(plot.through(high))], accent, closed=True) if low and high else "",
        *(_threshold(plot, limit, unit, side) for limit, side in _sides(plot, limits)),
        path("faint", plot.through(expected)),
        path("curve", plot.through(measured), accent),
        *(dot("dot", *plot.at(*point), 2.6) for point in measured[-12:]),
    ]  # fmt: skip
    drawn = [part for part in parts if isinstance(part, Svg)]
    return picture(idprefix, WIDTH, HEIGHT, message(growth), _described(measured, limits, unit), *drawn)


def message(growth: Mapping[str, Any]) -> str:
    """What is reached first, and when."""
    title = words.text(growth.get("title"), 60) or "Growth"
    dated = [t for t in words.rows(growth.get("thresholds")) if t.get("from") or words.text(t.get("words"))]
    if not dated:
        return f"{title}: no threshold in sight of what was measured"
    first = min(dated, key=lambda t: words.text(t.get("from"), 40) or "9999")
    return f"{title}: {words.text(first.get('title'), 50)} reached {reached(first)}"


def reached(threshold: Mapping[str, Any]) -> str:
    """The range in words: as given, else from its dates, else that nobody knows."""
    ends = [_day(moment) for name in ("from", "to") if (moment := _moment(threshold.get(name))) is not None]
    return words.text(threshold.get("words"), 60) or " to ".join(dict.fromkeys(ends)) or "not known"


def _frame_of(
    growth: Mapping[str, Any], measured: Sequence[tuple[float, float]], expected: Sequence[tuple[float, float]],
    limits: Sequence[Mapping[str, Any]],
) -> Frame:  # fmt: skip
    points = [*measured, *expected, *_dated(growth.get("high"))]
    ends = [m for t in limits for name in ("from", "to") if (m := _moment(t.get(name))) is not None]
    times, values = [*(x for x, _ in points), *ends], [*(y for _, y in points), *(float(t["value"]) for t in limits)]
    log = bool(growth.get("exponential")) and min(values) > 0
    low = min(values) / 1.3 if log else 0.0
    first = min(times)
    return frame((first, max(*times, first + DAY)), (low, reaching(values)), log_y=log, right=RIGHT)


def _sides(plot: Frame, limits: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], str]]:
    """At which end of its line each name stands: two close lines at both ends, a third is named in the table only."""
    sides: list[tuple[Mapping[str, Any], str]] = []
    free = {"start": math.inf, "end": math.inf}
    for limit in sorted(limits, key=lambda one: float(one["value"])):
        y = plot.y.at(float(limit["value"]))
        side = next((side for side, last in free.items() if last - y >= APART), "")
        free |= {side: y} if side else {}
        sides.append((limit, side))
    return sides


def _threshold(plot: Frame, limit: Mapping[str, Any], unit: str, side: str) -> Svg:
    """A line across at its value, named at one end, and a band of dates below where it is met."""
    y = plot.y.at(float(limit["value"]))
    when = f": {reached(limit)}" if limit.get("from") or limit.get("words") else ""
    name = f"{words.text(limit.get('title'), 50)}, {figure(words.number(limit['value']), unit)}{when}"
    name, x = fit(name, (plot.x.end - plot.x.start) / 2, 8.5), {"start": plot.x.start + 4, "end": plot.x.end - 4}
    parts = [line("limit", plot.x.start, y, plot.x.end, y)]
    parts += [bold(name, x[side], y - 4, side, size=8.5)] if side else []
    start, end = _moment(limit.get("from")), _moment(limit.get("to"))
    if start is not None and end is not None:
        left, right = plot.x.at(start), plot.x.at(end)
        parts.append(rect("eta", left, y, max(right - left, 2.0), plot.y.start - y))
    return join(*parts)


def _dated(value: object) -> list[tuple[float, float]]:
    """[ISO date, value] pairs as [seconds, value], in time; what has no date or no number is passed over."""
    found = [(_moment(e[0]), words.number(e[1])) for e in words.entries(value) if len(words.entries(e)) == 2]
    return sorted((moment, float(number)) for moment, number in found if moment is not None and number is not None)


def _moment(value: object) -> float | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _months(first: float, last: float) -> list[float]:
    """At most seven firsts of a month between two moments; the two moments when no two months begin there."""
    start, days = _date(first), (last - first) / DAY
    step = next((months for months in (1, 2, 3, 6) if days / 30.4 / months <= 7), 12 * math.ceil(days / 365.25 / 7))
    begins = [datetime(start.year + at // 12, at % 12 + 1, 1, tzinfo=UTC).timestamp()
              for at in range(-(-start.month // step) * step, start.month + int(days / 28) + 2, step)]  # fmt: skip
    inside = [moment for moment in begins if first <= moment <= last]
    return inside if len(inside) > 1 else [first, last]


def _short(value: float, unit: str) -> str:
    """A value beside an axis: bytes with their prefix, large counts in thousands (k), millions (M) or billions (G)."""
    if unit == "bytes":
        return str(figure(value, unit))
    power = next((at for at in (9, 6, 3) if abs(value) >= 10.0**at and value), 0)
    return f"{digits(float(f'{value / 10.0**power:.3g}'))} {SHORT[power]}".strip()


def _date(moment: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=moment)


def _day(moment: float) -> str:
    day = _date(moment)
    return f"{day.day} {day:%b %Y}"


def _described(measured: Sequence[tuple[float, float]], limits: Sequence[Mapping[str, Any]], unit: str) -> str:
    ends = [measured[0], measured[-1]] if len(measured) > 1 else list(measured)
    said = [f"{_day(moment)}: {figure(value, unit)}" for moment, value in ends]
    return "; ".join([*said, *(f"{words.text(t.get('title'), 50)} reached {reached(t)}" for t in limits)])
