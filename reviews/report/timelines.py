"""Charts along a line: work over three days, what each file covers, users today and at the target."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from reviews.report.svg import INK, LINE, MUTED, PAPER, TEXT, TINT, Svg, element, fit, join, label, picture


def plan_gantt(days: Sequence[Mapping[str, Any]], idprefix: str, *, accent: str = "#0b5d66") -> Svg:
    """Work of three days against capacity: one row per entry, filled when it fixes a finding.

    `days`: mappings with `name`, `entries` (each `title`, `hours`, optional `finding`), `hours` and `capacity`.
    Entries of one day are drawn one after another; the day's column is its capacity wide.
    """
    rows = [(index, entry) for index, day in enumerate(days) for entry in day.get("entries", ())]
    left, top, row_h, column = 236.0, 30.0, 17.0, 112.0
    width, height = left + column * max(len(days), 1) + 2, top + row_h * max(len(rows), 1) + 6
    parts = [_day(day, left + index * column, top, column, height) for index, day in enumerate(days)]
    used: dict[int, float] = {}
    for line, (index, entry) in enumerate(rows):
        hours = float(entry.get("hours") or 0)
        scale = column / max(float(days[index].get("capacity") or 0), float(days[index].get("hours") or 0), 1.0)
        start = used.get(index, 0.0)
        used[index] = start + hours
        y = top + line * row_h
        filled = bool(entry.get("finding"))
        parts += [
            label(fit(str(entry.get("title", "")), left - 12, 9), 0, y + 12, size=9),
            element(
                "rect",
                x=left + index * column + start * scale + 1,
                y=y + 3.5,
                width=max(hours * scale - 2, 2.0),
                height=row_h - 6.5,
                rx=2,
                fill=accent if filled else PAPER,
                stroke=accent,
                stroke_width=1,
                class_="ll-bar" + (" is-filled" if filled else ""),
            ),
        ]
    total = sum(float(day.get("hours") or 0) for day in days)
    desc = "; ".join(f"{d.get('name')}: {d.get('hours')} of {d.get('capacity')} hours" for d in days)
    return picture(
        idprefix, width, height, f"{_hours(total)} hours of work in three days", desc or "No work is planned.", *parts
    )


def _day(day: Mapping[str, Any], x: float, top: float, column: float, height: float) -> Svg:
    used, capacity = float(day.get("hours") or 0), float(day.get("capacity") or 0)
    return join(
        element(
            "rect",
            x=x,
            y=top - 4,
            width=column - 3,
            height=height - top + 4,
            fill=TINT["low"],
            rx=3,
            class_="ll-zone ll-zone--low",
        ),
        label(str(day.get("name", "")), x, 11, size=10, weight=600, fill=INK, class_="ll-ink"),
        label(
            f"{_hours(used)} of {_hours(capacity)} h",
            x + column - 5,
            11,
            size=9,
            anchor="end",
            fill=MUTED,
            class_="ll-muted",
        ),
        element("rect", x=x, y=16, width=column - 3, height=3, fill=LINE, class_="ll-track"),
        element(
            "rect",
            x=x,
            y=16,
            width=(column - 3) * min(used / capacity, 1.0) if capacity else 0.0,
            height=3,
            fill=TEXT,
            class_="ll-fill",
        ),
    )


def _hours(value: float) -> str:
    return f"{value:g}" if value < 100 else f"{value:,.0f}"


def coverage_spans(files: Sequence[Mapping[str, Any]], idprefix: str, *, accent: str = "#0b5d66") -> Svg:
    """From when to when each file speaks, on one time axis; a snapshot is a single mark.

    `files`: mappings with `file`, `from` and `to` (ISO times); files without a time are left out. No dated file gives
    an empty string, because an axis without a span says nothing.
    """
    dated = [(str(f.get("file", "")), _moment(f.get("from")), _moment(f.get("to"))) for f in files]
    spans = [(name, start, end or start) for name, start, end in dated if start is not None]
    if not spans:
        return Svg("")
    first, last = min(s[1] for s in spans), max(s[2] for s in spans)
    left, row_h, width = 190.0, 16.0, 560.0
    scale = (width - left - 8) / max(last - first, 1.0)
    parts = []
    for line, (name, start, end) in enumerate(spans):
        y, x = line * row_h, left + (start - first) * scale
        parts += [
            label(_tail(name, left - 12), 0, y + 11.5, size=9),
            element("line", x1=left, x2=width, y1=y + row_h - 0.5, y2=y + row_h - 0.5, stroke=LINE, stroke_width=0.5),
            element("rect", x=x, y=y + 4, width=max((end - start) * scale, 3.0), height=7, rx=1.5, fill=accent,
                    class_="ll-bar is-filled"),
        ]  # fmt: skip
    base = len(spans) * row_h + 12
    parts += [
        label(_day_name(first), left, base, size=8.5, fill=MUTED, class_="ll-muted"),
        label(_day_name(last), width, base, size=8.5, anchor="end", fill=MUTED, class_="ll-muted"),
    ]
    days = (last - first) / 86400
    title = f"{len(spans)} dated files span {days:.0f} days" if days >= 2 else f"{len(spans)} dated files"
    desc = "; ".join(f"{name}: {_day_name(start)} to {_day_name(end)}" for name, start, end in spans)
    return picture(idprefix, width, base + 6, title, desc, *parts)


def load_scale(current: float, target: float, idprefix: str, *, ink: str = "#172026") -> Svg:
    """Monthly users today and at the target on one ruled line that starts at nothing; ticks are multiples of today."""
    width, left = 480.0, 2.0
    room, top = width - 2 * left, max(target, current) * 1.0
    parts = [element("line", x1=left, x2=width - left, y1=30, y2=30, stroke=ink, stroke_width=1)]
    step = max(1, math.ceil(top / current / 12))
    for multiple in range(0, int(top / current) + 1, step):
        x = left + room * min(multiple * current / top, 1.0)
        parts.append(element("line", x1=x, x2=x, y1=26, y2=30, stroke=ink, stroke_width=0.8))
    for users, word in ((current, "today"), (target, "target")):
        x = left + room * users / top
        anchor = "end" if x > width * 0.8 else "start" if x < width * 0.12 else "middle"
        parts += [
            element("rect", x=x - 1.25, y=16, width=2.5, height=14, fill=ink),
            label(f"{users:,.0f}", x, 10, size=12, anchor=anchor, weight=600, fill=ink),
            label(word, x, 43, size=9.5, anchor=anchor, fill=ink),
        ]
    title = f"From {current:,.0f} to {target:,.0f} monthly users, {target / current:.1f} times today"
    return picture(idprefix, width, 48, title, "A line from zero to the target with today marked on it.", *parts)


def _moment(value: object) -> float | None:
    try:
        return datetime.fromisoformat(str(value)).timestamp() if value else None
    except ValueError:
        return None


def _day_name(moment: float) -> str:
    day = datetime.fromtimestamp(moment, tz=UTC)
    return f"{day.day} {day:%b %Y}"


def _tail(name: str, width: float) -> str:
    """The end of a path, which tells files apart better than its beginning."""
    short = fit(name[::-1], width, 9)
    return name if short == name[::-1] else "…" + short[:-1][::-1]
