"""What did we see? Inputs by sections of the report: measured, stated, assumed or missing, by mark and letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import plural
from reviews.report.pictures.shapes import ACCENT, WIDTH, Table, bold, filled, legend, line, patterns, said
from reviews.report.svg import Svg, fit, join, label, picture

LEFT, ROW, TOP = 190.0, 20.0, 30.0
MOST_ROWS, MOST_COLUMNS = 30, 10
LETTERS = {"measured": "M", "derived": "D", "stated": "S", "assumed": "A", "missing": "–"}
FILLS = {"measured": "solid", "derived": "stripes", "stated": "dots", "assumed": "shade", "missing": "hollow"}


def coverage_matrix(
    inputs: Sequence[Mapping[str, Any]], sections: Sequence[str], idprefix: str, *, accent: str = ACCENT
) -> Svg:
    """A cell where a section rests on an input. `inputs`: `title` and `cells`, a mapping of section to grade.

    Grades: measured, derived, stated, assumed, missing; a section that does not need an input has no cell. Without
    inputs or sections: an empty string.
    """
    rows, columns = _rows(inputs)[:MOST_ROWS], [words.text(name, 40) for name in sections][:MOST_COLUMNS]
    if not rows or not columns:
        return Svg("")
    width = min((WIDTH - LEFT) / len(columns), 74.0)
    used = [grade for grade in LETTERS if any(grade in row["cells"].values() for row in rows)]
    parts = [patterns(idprefix, [FILLS[grade] for grade in used], accent)]
    parts += [_head(name, LEFT + (index + 0.5) * width, width) for index, name in enumerate(columns)]
    for index, row in enumerate(rows):
        y = TOP + index * ROW
        parts += [said(row["title"], LEFT - 8, y + 13, "end", room=LEFT - 12),
                  line("rule", LEFT, y + ROW, LEFT + width * len(columns), y + ROW)]  # fmt: skip
        for column, name in enumerate(columns):
            parts.append(_cell(idprefix, row["cells"].get(name), LEFT + column * width, y, width, accent))
    foot = TOP + ROW * len(rows)
    key = legend(idprefix, [(FILLS[grade], f"{LETTERS[grade]} {grade}") for grade in used], foot + 18, LEFT, accent)
    desc = "; ".join(f"{row['title']}: {_spoken(row['cells'])}" for row in rows)
    return picture(idprefix, WIDTH, foot + 24, _message(rows), desc, *parts, key)


def matrix_table(inputs: Sequence[Mapping[str, Any]], sections: Sequence[str]) -> Table:
    """The same cells in words."""
    columns = [words.text(name, 40) for name in sections]
    rows = [(row["title"], *(row["cells"].get(name, "") for name in columns)) for row in _rows(inputs)]
    return Table(("Input", *columns), tuple(rows))


def _rows(inputs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "title": words.text(row.get("title"), 80),
            "cells": {
                words.text(name, 40): str(grade)
                for name, grade in words.mapping(row.get("cells")).items()
                if grade in LETTERS
            },
        }
        for row in inputs
    ]


def _head(name: str, x: float, width: float) -> Svg:
    return bold(fit(name, width - 4, 8.5), x, 20, "middle", size=8.5)


def _cell(idprefix: str, grade: str | None, x: float, y: float, width: float, accent: str) -> Svg:
    if grade is None:
        return Svg("")
    left = x + width / 2 - 14
    return join(
        filled(idprefix, FILLS[grade], left, y + 4, 12, ROW - 8, accent),
        label(LETTERS[grade], left + 17, y + 13.5, size=9, weight=600, class_="ll-ink"),
    )


def _spoken(cells: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {grade}" for name, grade in cells.items()) or "in no section"


def _message(rows: Sequence[Mapping[str, Any]]) -> str:
    grades = [set(row["cells"].values()) for row in rows]
    measured = sum(1 for found in grades if found and found <= {"measured", "derived"})
    missing = sum(1 for found in grades if "missing" in found)
    kinds = plural(len(rows), "kind of numbers", "kinds of numbers")
    tail = f"; {missing:,} missing where a section needs {'it' if missing == 1 else 'them'}" if missing else ""
    return f"{measured:,} of {kinds} measured throughout{tail}"
