"""On what each section of the capacity model rests: kinds of numbers by section, with the worst grade among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reviews.capacity.catalogue import group_of
from reviews.report import words
from reviews.report.assumed import GRADES
from reviews.report.pictures.matrix import coverage_matrix, matrix_table

# Heading of a column, and the parts of the model behind it.
SECTIONS = {
    "Limits": ("breaking_points", "unknown"),
    "Scenarios": ("scenarios",),
    "Phases": ("phases",),
    "Right-sizing": ("right_sizing",),
    "Cost": ("cost",),
    "Targets": ("targets",),
}
KEYS = ("uses", "keys", "needs_keys")  # where a row names the inputs that it rests on, or lacks
MISSING = "missing"
NOTE = "The worst grade of the numbers that a section rests on; missing: it asks for such numbers, and none is known."


def rests_view(capacity: Mapping[str, Any], accent: str) -> dict[str, Any] | None:
    """Picture, note and table; None when no section names an input."""
    grades = {words.text(row.get("key"), 200): row for row in words.rows(capacity.get("inputs"))}
    asked = {title: set(_keys([capacity.get(part) for part in parts])) for title, parts in SECTIONS.items()}
    sections = [title for title, keys in asked.items() if keys]
    rows = [_row(group, asked, grades) for group in _groups(asked, grades)]
    picture = coverage_matrix(rows, sections, "rests", accent=accent)
    if not picture:
        return None
    return {"picture": picture, "note": NOTE, "table": matrix_table(rows, sections), "whole": True}


def _groups(asked: Mapping[str, set[str]], grades: Mapping[str, Any]) -> list[str]:
    """Groups in the order of the model's numbers, then those that hold none."""
    keys = [*grades, *sorted(set().union(*asked.values()))]
    return list(dict.fromkeys(group_of(key) for key in keys if any(key in found for found in asked.values())))


def _row(group: str, asked: Mapping[str, set[str]], grades: Mapping[str, Any]) -> dict[str, Any]:
    own = {title: {key for key in keys if group_of(key) == group} for title, keys in asked.items()}
    every = set().union(*own.values())
    known = sum(1 for key in every if key in grades)
    return {
        "title": f"{group}, {known} of {len(every)} known",
        "cells": {title: _grade(keys, grades) for title, keys in own.items() if keys},
    }


def _grade(keys: set[str], grades: Mapping[str, Any]) -> str:
    """The worst grade of those that are known."""
    found = [words.text(grades[key].get("grade"), 12) for key in keys if key in grades]
    return next((grade for grade in reversed(GRADES) if grade in found), MISSING)


def _keys(value: object) -> Iterator[str]:
    """Every key of an input that is named anywhere in a part of the model."""
    if isinstance(value, Mapping):
        for name, entry in value.items():
            if name in KEYS:
                # What is in use is computed from the others, and no input.
                yield from (key for key in words.texts(entry, 200) if not key.startswith("use."))
            else:
                yield from _keys(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _keys(entry)
