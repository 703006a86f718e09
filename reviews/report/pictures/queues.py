"""Queues side by side: how many jobs wait, how old the oldest is, and what arrives against what the workers do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import digits, plural
from reviews.report.pictures.scale import Scale
from reviews.report.pictures.shapes import (
    ACCENT,
    WIDTH,
    Table,
    bold,
    filled,
    legend,
    line,
    muted,
    patterns,
    rect,
    said,
    wrapped,
)
from reviews.report.pictures.wait import seconds
from reviews.report.svg import Svg, fit, join, picture

MOST, ROW, TOP = 10, 46.0, 26.0
WAITING, RATES = (108.0, 192.0), (262.0, 372.0)  # ends of the bars: jobs that wait, jobs a second
OUTLOOK = 118.0  # room for what becomes of the backlog
HOUR = 3600.0
NUMBERS = ("waiting", "most", "oldest", "arrives", "done")


def queue_health(queues: Sequence[Mapping[str, Any]], idprefix: str, *, accent: str = ACCENT) -> Svg:
    """One row per queue: jobs waiting (all on one scale), arrivals and work in jobs a second, and the outlook.

    `queues`: `name`, and of what is known `waiting` and `most` (jobs, now and at the worst), `oldest` (seconds),
    `arrives` and `done` (jobs a second, `done` is what the workers can do), `drain_s` (until the backlog is gone) and
    `grows_per_s` (jobs a second that nobody works off), `grade` (of the rates). What was not measured says so. No
    queue: an empty string.
    """
    rows = _rows(queues)[:MOST]
    if not rows:
        return Svg("")
    most = max([1.0, *(row[name] for row in rows for name in ("waiting", "most") if row[name])])
    waiting = Scale(0.0, most, *WAITING)
    fills = {"arrives": "solid", "done": "stripes"}
    key = [("solid", "arrives, a second"), ("stripes", "can be done")]
    heads = [muted("jobs waiting", WAITING[0], 10), legend(idprefix, key, 10, RATES[0], accent),
             muted("backlog", WIDTH, 10, "end")]  # fmt: skip
    parts = [_row(row, idprefix, fills, waiting, TOP + index * ROW, accent) for index, row in enumerate(rows)]
    desc = "; ".join(f"{row['name']}: {_spoken(row)}" for row in rows)
    return picture(idprefix, WIDTH, TOP + ROW * len(rows), _message(rows), desc,
                   patterns(idprefix, fills.values(), accent), *heads, *parts)  # fmt: skip


def queue_table(queues: Sequence[Mapping[str, Any]]) -> Table:
    """Per queue what waits, the oldest job, arrivals, what can be done, and the outlook."""
    cells = [
        (row["name"], _jobs(row) or NOT, seconds(row["oldest"]) if row["oldest"] is not None else NOT,
         _rate(row["arrives"]), _rate(row["done"]), row["grade"], _outlook(row)) for row in _rows(queues)
    ]  # fmt: skip
    heads = ("Queue", "Jobs waiting", "Oldest job", "Arrive a second", "Can be done", "Grade", "Backlog")
    return Table(heads, tuple(cells), frozenset({1, 2, 3, 4}))


NOT = "not measured"


def _rows(queues: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "name": words.text(queue.get("name"), 60),
            **{name: _not_negative(queue.get(name)) for name in NUMBERS},
            "grade": words.text(queue.get("grade"), 12),
            "drain": _not_negative(queue.get("drain_s")),
            "grows": _not_negative(queue.get("grows_per_s")),
        }
        for queue in queues
    ]
    return [row for row in rows if any(row[name] is not None for name in ("waiting", "oldest", "arrives", "grows"))]


def _not_negative(value: object) -> float | None:
    number = words.number(value)
    return float(number) if number is not None and number >= 0 else None


def _row(
    row: Mapping[str, Any], idprefix: str, fills: Mapping[str, str], waiting: Scale, y: float, accent: str
) -> Svg:  # fmt: skip
    parts = [bold(fit(row["name"], WAITING[0] - 12, 9.5), 0, y + 16), line("rule", 0, y + ROW - 4, WIDTH, y + ROW - 4),
             _waiting(row, waiting, y, accent), _rates(row, idprefix, fills, y, accent)]  # fmt: skip
    if row["grade"]:
        parts.append(muted(f"rates {row['grade']}", 0, y + 30, size=8))
    for index, text in enumerate(wrapped(_outlook(row), OUTLOOK, 8.5, 3)):
        parts.append(said(text, WIDTH, y + 10 + index * 11, "end", size=8.5))
    return join(*parts)


def _waiting(row: Mapping[str, Any], scale: Scale, y: float, accent: str) -> Svg:
    """A bar for those that wait now, a thin line up to the most that were seen, and the age of the oldest below."""
    left = scale.start
    if row["waiting"] is None:
        bar = [muted(NOT, left, y + 14)]
    else:
        end = scale.at(row["waiting"])
        bar = [
            rect("solid", left, y + 5, end - left, 11, accent),
            bold(digits(row["waiting"]), end + 5, y + 14, size=9),
        ]
    if row["most"] is not None and row["most"] > (row["waiting"] or 0):
        bar.append(line("whisker", left, y + 18, scale.at(row["most"]), y + 18))
    below = [f"most {digits(row['most'])}" if row["most"] else "",
             f"oldest {seconds(row['oldest'])}" if row["oldest"] is not None else ""]  # fmt: skip
    return join(*bar, muted(", ".join(filter(None, below)), left, y + 30, size=8))


def _rates(row: Mapping[str, Any], idprefix: str, fills: Mapping[str, str], y: float, accent: str) -> Svg:
    """Two bars on the scale of their own row: which is longer is what counts, and each says its number."""
    known = {name: row[name] for name in fills if row[name] is not None}
    if not known:
        return muted(NOT, RATES[0], y + 14)
    scale = Scale(0.0, max(*known.values(), 1e-9), *RATES)
    parts = []
    for index, (name, fill) in enumerate(fills.items()):
        top = y + 5 + index * 15
        if name in known:
            end = scale.at(known[name])
            parts += [filled(idprefix, fill, RATES[0], top, end - RATES[0], 10, accent),
                      bold(digits(_three(known[name])), end + 5, top + 9, size=9)]  # fmt: skip
        else:
            parts.append(muted(NOT, RATES[0], top + 9))
    return join(*parts)


def _three(value: float) -> float:
    return float(f"{value:.3g}")


def _jobs(row: Mapping[str, Any]) -> str:
    now, most = (digits(row[name]) if row[name] is not None else "" for name in ("waiting", "most"))
    return f"{now} (most {most})" if now and most else now or (f"most {most}" if most else "")


def _rate(value: float | None) -> str:
    return NOT if value is None else digits(_three(value))


def _outlook(row: Mapping[str, Any]) -> str:
    if row["grows"] is not None:
        jobs = digits(_three(row["grows"] * HOUR))
        return f"grows by {jobs} jobs an hour, never gone" if row["grows"] else "as many arrive as are done"
    if row["drain"] is None:
        return NOT
    return f"gone in {seconds(row['drain'])}" if row["waiting"] else "nothing waits"


def _spoken(row: Mapping[str, Any]) -> str:
    oldest = f"oldest {seconds(row['oldest'])}" if row["oldest"] is not None else ""
    known = [f"{_jobs(row)} jobs waiting" if _jobs(row) else "", oldest, f"{_rate(row['arrives'])} arrive a second",
             f"{_rate(row['done'])} can be done", f"backlog {_outlook(row)}"]  # fmt: skip
    return ", ".join(filter(None, known))


def _message(rows: Sequence[Mapping[str, Any]]) -> str:
    growing = [row for row in rows if row["grows"]]
    if growing:
        worst = max(growing, key=lambda row: row["grows"])
        jobs = digits(_three(worst["grows"] * HOUR))
        return f"{worst['name']}: more comes in than can be done, {jobs} jobs an hour too many"
    old = max(rows, key=lambda row: row["oldest"] or 0.0)
    if old["oldest"]:
        return f"{old['name']}: the oldest job waits for {seconds(old['oldest'])}"
    deep = max(rows, key=lambda row: row["waiting"] or 0.0)
    if deep["waiting"]:
        return f"{deep['name']}: {plural(int(deep['waiting']), 'job')} waiting"
    return "No job waits in any queue that was counted"
