"""The numbers of the capacity model, each with its grade and where it stands; and who set which one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from reviews.capacity.policy import TITLE
from reviews.report import words
from reviews.report.cells import told, unit_of
from reviews.report.figures import figure, listed, plural, when
from reviews.report.pictures.shapes import Table

MOST = 120  # rows in print; the machine-readable export holds all
GRADES = ("measured", "derived", "stated", "assumed")


def model_inputs_view(capacity: Mapping[str, Any]) -> dict[str, Any] | None:
    """Inputs by group, and those a consultant changed with what stood there before; None without a model."""
    rows = words.rows(capacity.get("inputs"))
    if not rows:
        return None
    counted = Counter(words.text(row.get("grade"), 12) for row in rows)
    said = [f"{counted[grade]:,} {grade}" for grade in GRADES if counted[grade]]
    changed = [row for row in rows if words.mapping(row.get("change"))]
    policy = words.mapping(capacity.get("policy"))
    lines = [_policy(policy)] if words.mapping(policy.get("change")) else []
    lines += [_changed(row) for row in changed]
    return {
        "conclusion": f"The model rests on {plural(len(rows), 'number')}: {listed(said)}."
        + (f" {plural(len(changed), 'of them was', 'of them were')} set by a consultant." if changed else ""),
        "changed": Table(("Number", "Was", "Set to", "By", "Reason"), tuple(lines), frozenset({1, 2})),
        "table": Table(
            ("Number", "Value", "Grade", "Where it stands"), tuple(map(_input, rows[:MOST])), frozenset({1})
        ),
        "more": max(0, len(rows) - MOST),
    }


def _input(row: Mapping[str, Any]) -> tuple[str, ...]:
    source = words.mapping(row.get("source"))
    file, line = words.text(source.get("file"), 120), words.number(source.get("line"))
    where = f"{file}:{line}" if file and line else file or words.text(source.get("words"), 160)
    return words.text(row.get("title"), 100), told(row), words.text(row.get("grade"), 12), where


def _policy(policy: Mapping[str, Any]) -> tuple[str, ...]:
    change = words.mapping(policy.get("change"))
    before = words.mapping(change.get("before"))
    return (
        TITLE,
        f"{words.text(before.get('title'), 60)} ({words.text(before.get('grade'), 12)})",
        words.text(policy.get("title"), 60),
        *_by(change),
    )


def _changed(row: Mapping[str, Any]) -> tuple[str, ...]:
    change, unit = words.mapping(row.get("change")), unit_of(row)
    before = words.mapping(change.get("before"))
    was = words.number(before.get("value"))
    return (
        words.text(row.get("title"), 100),
        "not known" if was is None else f"{figure(was, unit)} ({words.text(before.get('grade'), 12)})",
        str(figure(words.number(row.get("value")), unit)),
        *_by(change),
    )


def _by(change: Mapping[str, Any]) -> tuple[str, str]:
    who = ", ".join(filter(None, (words.text(change.get("author"), 60), when(words.text(change.get("at"))[:10]))))
    return who, words.text(change.get("reason"), 300)
