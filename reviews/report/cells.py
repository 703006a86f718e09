"""Figures of the capacity model as they are printed: the number or its range, the unit, and how well it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reviews.report import words
from reviews.report.figures import figure, money

MONEY = "money"


def told(cell: object, currency: str = "") -> str:
    """`USD 1,200`, `0.2 s to 1.5 s`, or nothing when there is no value. Money is in `currency`."""
    row = words.mapping(cell)
    value, low, high = (words.number(row.get(name)) for name in ("value", "low", "high"))
    if value is None:
        return ""
    unit = unit_of(row)
    if low is not None and high is not None and one(low, unit, currency) != one(high, unit, currency):
        return f"{one(low, unit, currency)} to {one(high, unit, currency)}"
    return one(value, unit, currency)


def graded(cell: object, currency: str = "") -> str:
    """The same with its grade: `USD 1,200 (stated)`."""
    grade = words.text(words.mapping(cell).get("grade"), 12)
    shown = told(cell, currency)
    return f"{shown} ({grade})" if shown and grade else shown


def one(value: float, unit: str, currency: str = "") -> str:
    """One number with its unit, money in the currency."""
    if unit != MONEY:
        return str(figure(value, unit))
    return money(value, currency)


def unit_of(row: Mapping[str, Any]) -> str:
    """The unit as it is printed; a bare count has none."""
    unit = words.text(row.get("unit"), 20)
    return "" if unit == "1" else unit
