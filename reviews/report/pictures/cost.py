"""What each phase costs a month, by component; and, as a chart of its own, what one user costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import digits, money
from reviews.report.pictures.scale import Scale, reaching
from reviews.report.pictures.shapes import (
    ACCENT,
    SERIES,
    WIDTH,
    Table,
    bold,
    dot,
    filled,
    legend,
    line,
    muted,
    path,
    patterns,
)
from reviews.report.svg import Svg, fit, join, picture

MOST = 8
TOP, HEIGHT, FOOT, LEFT = 30.0, 190.0, 40.0, 10.0
OTHER = "other"


def cost_by_phase(phases: Sequence[Mapping[str, Any]], currency: str, idprefix: str, *, accent: str = ACCENT) -> Svg:
    """Stacked columns. `phases`: `title`, `users` and `parts`, a mapping of component to money a month.

    The six largest components have a fill of their own, the rest is "other". A phase without a price is drawn as
    an empty place that says so. No price at all: an empty string.
    """
    rows = _phases(phases)
    names = _largest(rows)
    if not names:
        return Svg("")
    fills = dict(zip(names, SERIES, strict=False))
    scale = Scale(0.0, reaching(row["total"] or 0.0 for row in rows), HEIGHT - FOOT, TOP + 14)
    width = (WIDTH - LEFT) / len(rows)
    parts = [
        patterns(idprefix, fills.values(), accent),
        legend(idprefix, [(fills[n], n) for n in names], 10, 0, accent),
    ]
    parts += [line("axis", LEFT, HEIGHT - FOOT, WIDTH, HEIGHT - FOOT)]
    for index, row in enumerate(rows):
        x = LEFT + index * width
        parts += [_column(idprefix, row, fills, scale, x, width, currency, accent), _foot(row, x, width)]
    desc = "; ".join(f"{row['title']}: {_money(row['total'], currency)}" for row in rows)
    return picture(idprefix, WIDTH, HEIGHT, _message(rows, currency), desc, *parts)


def cost_per_user(phases: Sequence[Mapping[str, Any]], currency: str, idprefix: str, *, accent: str = ACCENT) -> Svg:
    """Money per user and month by phase; needs two phases with users and a price, else an empty string."""
    rows = [row for row in _phases(phases) if row["per_user"] is not None]
    if len(rows) < 2:
        return Svg("")
    width, foot = (WIDTH - LEFT) / len(rows), 84.0
    scale = Scale(0.0, reaching(row["per_user"] for row in rows), foot, 22)
    places = [(LEFT + (index + 0.5) * width, scale.at(row["per_user"])) for index, row in enumerate(rows)]
    parts = [line("axis", LEFT, foot, WIDTH, foot), path("curve", places, accent)]
    for (x, y), row in zip(places, rows, strict=True):
        parts += [dot("dot", x, y, 3.5), bold(_money(row["per_user"], currency), x, y - 8, "middle"),
                  muted(fit(row["title"], width - 8, 8.5), x, foot + 14, "middle")]  # fmt: skip
    desc = "; ".join(f"{row['title']}: {_money(row['per_user'], currency)}" for row in rows)
    first, last = (_money(rows[at]["per_user"], currency) for at in (0, -1))
    return picture(idprefix, WIDTH, foot + 20, f"One user costs {first} a month today, {last} at the end", desc, *parts)


def cost_table(phases: Sequence[Mapping[str, Any]], currency: str) -> Table:
    """Components by phase, with the sum, the users and the price of one."""
    rows = _phases(phases)
    names = list(dict.fromkeys(name for row in rows for name in row["parts"]))
    lines = [(name, *(_money(row["parts"].get(name), currency) for row in rows)) for name in names]
    lines += [
        ("Together a month", *(_money(row["total"], currency) for row in rows)),
        ("Users", *(digits(row["users"]) if row["users"] else "not stated" for row in rows)),
        ("Per user", *(_money(row["per_user"], currency) for row in rows)),
    ]
    return Table(("Component", *(row["title"] for row in rows)), tuple(lines), frozenset(range(1, len(rows) + 1)))


def _phases(phases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Title, parts, total, users and price per user of each phase; what is not known is None."""
    rows = []
    for phase in phases[:MOST]:
        given = words.mapping(phase.get("parts"))
        parts = {words.text(n, 40): float(v) for n, value in given.items() if (v := words.number(value)) is not None}
        users, total = words.number(phase.get("users")), sum(parts.values()) if parts else None
        per_user = total / users if users and total is not None else None
        rows.append({"title": words.text(phase.get("title"), 60), "parts": parts, "total": total,
                     "users": users, "per_user": per_user})  # fmt: skip
    return rows


def _largest(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Components by their largest price; when there are more than fills, the last place is for the rest."""
    most: dict[str, float] = {}
    for row in rows:
        for name, value in row["parts"].items():
            most[name] = max(most.get(name, 0.0), value)
    names = sorted(most, key=lambda name: -most[name])
    return names if len(names) <= len(SERIES) else [*names[: len(SERIES) - 1], OTHER]


def _column(
    idprefix: str, row: Mapping[str, Any], fills: Mapping[str, str], scale: Scale, x: float, width: float,
    currency: str, accent: str,
) -> Svg:  # fmt: skip
    middle, wide = x + width / 2, min(width * 0.56, 70.0)
    if row["total"] is None:
        return muted("no price known", middle, scale.start - 6, "middle")
    parts, so_far = [], 0.0
    for name, kind in fills.items():
        value = (
            sum(v for n, v in row["parts"].items() if n not in fills) if name == OTHER else row["parts"].get(name, 0)
        )
        top, foot = scale.at(so_far + value), scale.at(so_far)
        so_far += value
        if foot > top:
            parts.append(filled(idprefix, kind, middle - wide / 2, top, wide, foot - top, accent))
    return join(*parts, bold(_money(row["total"], currency), middle, scale.at(so_far) - 6, "middle"))


def _foot(row: Mapping[str, Any], x: float, width: float) -> Svg:
    users = f"{digits(row['users'])} users" if row["users"] else "users not stated"
    return join(
        bold(fit(row["title"], width - 8, 9), x + width / 2, HEIGHT - FOOT + 15, "middle", size=9),
        muted(fit(users, width - 8, 8.5), x + width / 2, HEIGHT - FOOT + 28, "middle"),
    )


def _money(value: float | None, currency: str) -> str:
    return "not known" if value is None else money(value, currency)


def _message(rows: Sequence[Mapping[str, Any]], currency: str) -> str:
    priced = [row for row in rows if row["total"] is not None]
    first, last = priced[0], priced[-1]
    if first is last:
        return f"{first['title']}: {_money(first['total'], currency)} a month"
    return (
        f"From {_money(first['total'], currency)} a month ({first['title']}) to "
        f"{_money(last['total'], currency)} ({last['title']})"
    )
