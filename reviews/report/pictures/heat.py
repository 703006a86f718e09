"""Will it hold on the busy day? Resources by scenarios, each cell the share that is used and a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import digits, percent, plural
from reviews.report.pictures.shapes import ACCENT, WIDTH, Table, bold, filled, legend, muted, patterns, rect, said
from reviews.report.svg import Svg, fit, join, label, picture, text_width

LEFT, ROW, TOP, FOOT = 150.0, 25.0, 40.0, 22.0
MOST_ROWS, MOST_COLUMNS = 24, 6
GAP, BOLDER = 5.0, 1.08  # between share and word; how much wider the bold share is than the estimate
SHORT = 18  # characters; a longer title gives way to the scenario's name over its column
# How a cell looks, from the emptiest: the word, the least share that it stands for, its fill.
LEVELS = (("over", 1.0, "over"), ("tight", 0.7, "stripes"), ("fits", 0.0, "zone"))


def heat_table(scenarios: Sequence[Mapping[str, Any]], idprefix: str, *, accent: str = ACCENT) -> Svg:
    """A cell per resource and scenario: share used at peak and a word; dark is over, striped tight, plain fits.

    `scenarios`: as in the document, `title` (or `name`), `verdict` and `rows` (`resource`, `title`, `used_peak`,
    `used_steady`). A share that nobody knows prints "not measured". Without scenarios or rows: an empty string.
    """
    columns, resources = _table_of(scenarios)
    if not columns or not resources:
        return Svg("")
    shown = resources[:MOST_ROWS]
    width = min((WIDTH - LEFT) / len(columns), 110.0)
    parts = [_head(column, LEFT + index * width, width) for index, column in enumerate(columns)]
    for line, (resource, title) in enumerate(shown):
        y = TOP + line * ROW
        parts.append(said(title, LEFT - 8, y + 15, "end", room=LEFT - 12))
        parts += [
            _cell(idprefix, column["cells"].get(resource), LEFT + index * width, y, width, accent)
            for index, column in enumerate(columns)
        ]
    foot = TOP + len(shown) * ROW
    key = legend(idprefix, [(fill, _key(word, least)) for word, least, fill in LEVELS], foot + 16, LEFT, accent)
    desc = "; ".join(
        f"{column['title']}: " + ", ".join(f"{title} {spoken(column['cells'].get(id_))}" for id_, title in shown)
        for column in columns
    )
    ground = patterns(idprefix, ("stripes",), accent)
    return picture(idprefix, WIDTH, foot + FOOT, _message(columns), desc, ground, *parts, key)


def heat_rows(scenarios: Sequence[Mapping[str, Any]]) -> Table:
    """The same cells as text, all resources, at steady load and at peak where both are known."""
    columns, resources = _table_of(scenarios, most=len(scenarios))
    rows = [(title, *(spoken(column["cells"].get(id_)) for column in columns)) for id_, title in resources]
    heads = tuple(column["title"] for column in columns)
    return Table(("Resource", *heads), tuple(rows), frozenset(range(1, len(heads) + 1)))


def level(share: float | None) -> str:
    """The word of a share: over from 1, tight from 0.7, else fits (the verdict rule's own bounds)."""
    if share is None:
        return "not measured"
    return next(word for word, least, _ in LEVELS if share >= least or least == 0)


def spoken(share: float | None) -> str:
    """`140 %, over`."""
    return level(share) if share is None else f"{percent(share)}, {level(share)}"


def _table_of(
    scenarios: Sequence[Mapping[str, Any]], most: int = MOST_COLUMNS
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Columns, and resources as (id, title) with the fullest in any scenario first."""
    columns: list[dict[str, Any]] = []
    titles: dict[str, str] = {}
    fullest: dict[str, float] = {}
    for scenario in scenarios[:most]:
        cells = {}
        for row in words.rows(scenario.get("rows")):
            name = words.text(row.get("resource") or row.get("title"), 80)
            cells[name] = _share(row)
            titles.setdefault(name, words.text(row.get("title"), 80) or name)
            fullest[name] = max(fullest.get(name, -1.0), _order(cells[name]))
        if cells:
            title = words.text(scenario.get("title") or scenario.get("name"), 60)
            short = words.text(scenario.get("name"), 60) if len(title) > SHORT else title
            columns.append(
                {
                    "title": title,
                    "head": short or title,
                    "verdict": words.text(scenario.get("verdict"), 40),
                    "cells": cells,
                }
            )
    return columns, [(name, titles[name]) for name in sorted(titles, key=lambda name: -fullest[name])]


def _order(share: float | None) -> float:
    return -1.0 if share is None else share


def _share(row: Mapping[str, Any]) -> float | None:
    for name in ("used_peak", "used_steady"):
        if (share := words.number(row.get(name))) is not None:
            return float(share)
    return None


def _message(columns: Sequence[Mapping[str, Any]]) -> str:
    over = {c["title"]: sum(1 for s in c["cells"].values() if s is not None and s >= 1) for c in columns}
    worst = max(over, key=lambda title: over[title])
    if over[worst]:
        return f"{worst}: {plural(over[worst], 'resource')} over the limit"
    tight = sum(1 for c in columns for s in c["cells"].values() if s is not None and s >= LEVELS[1][1])
    return "Tight, but within every limit that is known" if tight else "Every limit that is known holds"


def _head(column: Mapping[str, Any], x: float, width: float) -> Svg:
    middle, room = x + width / 2, width - 6
    return join(
        bold(fit(column["head"], room, 9.5), middle, 12, "middle"),
        muted(fit(column["verdict"], room, 8.5), middle, 25, "middle"),
    )


def _cell(idprefix: str, share: float | None, x: float, y: float, width: float, accent: str) -> Svg:
    middle = x + width / 2
    if share is None:
        return join(
            rect("box", x + 1, y + 1, width - 2, ROW - 2, stroke_dasharray="1 2"),
            muted("not measured", middle, y + 15, "middle", size=8),
        )
    word = level(share)
    fill = next(kind for name, _, kind in LEVELS if name == word)
    place = (x + 1, y + 1, width - 2, ROW - 2)
    ground = filled(idprefix, fill, *place, accent) if word == "tight" else rect(fill, *place)
    if word == "tight":  # words on stripes cannot be read: they stand on paper
        ground = join(ground, rect("box", x + 8, y + 4, width - 16, ROW - 8, stroke="none"))
    return join(ground, _figure(percent(share), word, middle, y + 16, width - 6, on=word == "over"))


def _figure(percent: str, word: str, x: float, y: float, room: float, *, on: bool) -> Svg:
    """The share with its word; where both have no room the share alone, since the fill says the word as well."""
    long = text_width(percent, 9.5) * BOLDER
    whole = long + GAP + text_width(word, 8.5)
    if whole > room:
        return bold(percent, x, y, "middle", on=on)
    middle = x - whole / 2 + long
    return join(
        bold(percent, middle, y, "end", on=on),
        label(word, middle + GAP, y, size=8.5, fill="#ffffff", class_="ll-on") if on else muted(word, middle + GAP, y),
    )


def _key(word: str, least: float) -> str:
    return f"{word}: {digits(least * 100)} % or more" if least else f"{word}: below {digits(LEVELS[1][1] * 100)} %"
