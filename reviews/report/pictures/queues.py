"""Queues side by side: how many wait, how old the oldest is, and when a backlog is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import digits
from reviews.report.pictures.scale import Scale, reaching
from reviews.report.pictures.shapes import ACCENT, WIDTH, Table, bold, dot, line, muted, path, said, wrapped
from reviews.report.pictures.wait import seconds
from reviews.report.svg import Svg, fit, join, picture

MOST, ROW, TOP = 10, 58.0, 22.0
PANES = ((116.0, 236.0), (296.0, 396.0))  # depth, age of the oldest
HOUR = 3600.0


def queue_health(queues: Sequence[Mapping[str, Any]], idprefix: str, *, accent: str = ACCENT) -> Svg:
    """Small multiples, one row per queue: jobs waiting, age of the oldest, and what becomes of the backlog.

    `queues`: `name`, `depth` as [seconds from the first sample, jobs], `oldest` as [seconds, seconds of age], and of
    what is known `drain_s` (until the backlog is gone), `grows_per_s` (jobs a second that nobody works off). A series
    that was not measured says so. All rows share the time axis, so that what happens together stands together.
    """
    rows = _rows(queues)[:MOST]
    if not rows:
        return Svg("")
    end = max([1.0, *(x for row in rows for x, _ in [*row["depth"], *row["oldest"]])])
    heads = [muted(text, x, 10) for text, (x, _) in zip(("jobs waiting", "age of the oldest"), PANES, strict=True)]
    parts = [_row(row, TOP + index * ROW, end, accent) for index, row in enumerate(rows)]
    foot = [muted(f"0 to {seconds(end)}", PANES[0][0], TOP + ROW * len(rows) + 8)]
    desc = "; ".join(f"{row['name']}: {_outlook(row)}" for row in rows)
    return picture(idprefix, WIDTH, TOP + ROW * len(rows) + 14, _message(rows), desc, *heads, *parts, *foot)


def queue_table(queues: Sequence[Mapping[str, Any]]) -> Table:
    """Per queue most and last depth, the oldest job, and the outlook."""
    cells = [
        (row["name"], _ends(row["depth"], digits), _ends(row["oldest"], seconds), _outlook(row))
        for row in _rows(queues)
    ]
    return Table(("Queue", "Waiting: most, last", "Oldest: most, last", "Backlog"), tuple(cells), frozenset({1, 2}))


def _rows(queues: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = [
        {
            "name": words.text(queue.get("name"), 60),
            "depth": words.pairs(queue.get("depth")),
            "oldest": words.pairs(queue.get("oldest")),
            "drain": words.number(queue.get("drain_s")),
            "grows": words.number(queue.get("grows_per_s")),
        }
        for queue in queues
    ]
    return [row for row in rows if row["depth"] or row["oldest"] or row["drain"] is not None or row["grows"]]


def _row(row: Mapping[str, Any], y: float, end: float, accent: str) -> Svg:
    parts = [bold(fit(row["name"], PANES[0][0] - 16, 9.5), 0, y + 20), line("rule", 0, y + ROW - 4, WIDTH, y + ROW - 4)]
    for name, (left, right), say in zip(("depth", "oldest"), PANES, (digits, seconds), strict=True):
        parts.append(_pane(row[name], left, right, y, end, say, accent))
    for index, text in enumerate(wrapped(_outlook(row), WIDTH - PANES[1][1] - 66, 8.5, 3)):
        parts.append(said(text, WIDTH, y + 17 + index * 11, "end", size=8.5))
    return join(*parts)


def _pane(
    points: Sequence[tuple[float, float]], left: float, right: float, y: float, end: float, say: Any, accent: str
) -> Svg:  # fmt: skip
    if not points:
        return muted("not measured", left, y + 30)
    across, up = Scale(0.0, end, left, right), Scale(0.0, reaching(v for _, v in points), y + ROW - 10, y + 4)
    places = [(across.at(x), up.at(value)) for x, value in points]
    most = max(points, key=lambda point: point[1])
    return join(
        line("axis", left, y + ROW - 10, right, y + ROW - 10), path("curve", places, accent),
        dot("point", *places[-1], 2.4), muted(f"most {say(most[1])}", right + 4, y + 14, size=8),
    )  # fmt: skip


def _outlook(row: Mapping[str, Any]) -> str:
    if row["grows"]:
        return f"grows by {digits(round(row['grows'] * HOUR))} jobs an hour, never gone"
    return f"gone in {seconds(row['drain'])}" if row["drain"] is not None else "not measured"


def _message(rows: Sequence[Mapping[str, Any]]) -> str:
    growing = [row for row in rows if row["grows"]]
    if growing:
        worst = max(growing, key=lambda row: row["grows"])
        return f"{worst['name']}: more comes in than is worked off, {digits(round(worst['grows'] * HOUR))} jobs an hour"
    old = max(rows, key=lambda row: max((age for _, age in row["oldest"]), default=0.0))
    if old["oldest"]:
        return f"{old['name']}: the oldest job waited {seconds(max(age for _, age in old['oldest']))}"
    deep = max(rows, key=lambda row: max((count for _, count in row["depth"]), default=0.0))
    return f"{deep['name']}: up to {digits(max((n for _, n in deep['depth']), default=0))} jobs waiting"


def _ends(points: Sequence[tuple[float, float]], say: Any) -> str:
    if not points:
        return "not measured"
    return f"{say(max(value for _, value in points))}, {say(points[-1][1])}"
