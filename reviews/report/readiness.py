"""How ready the system is, dimension by dimension, and every metric against its target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.at_work import latency
from reviews.report.cells import graded, told
from reviews.report.figures import digits, lowered, percent
from reviews.report.pictures.scorecard import scorecard_bars
from reviews.report.pictures.shapes import Table

Rows = Sequence[Mapping[str, Any]]
STATUS = {"met": "Met", "missed": "Missed", "not measured": "Not measured", "no target": "No target"}


def scorecard_view(scorecard: Mapping[str, Any], accent: str) -> dict[str, Any] | None:
    """Bars, scores and what raises each most; None when no dimension was looked at or applies.

    A document of an earlier release holds no "applies": all of its dimensions do.
    """
    rows = [row for row in words.rows(scorecard.get("dimensions")) if row.get("applies", True)]
    if not rows:
        return None
    return {
        "conclusion": words.text(scorecard.get("said"), 400) or f"Readiness {words.text(scorecard.get('shown'), 8)}.",
        "bars": scorecard_bars(rows, words.number(scorecard.get("overall")), "scorecard", accent=accent),
        "table": Table(
            ("Dimension", "Score", "Answered", "What would raise it most"),
            tuple(map(_dimension, rows)),
            frozenset({1, 2}),
        ),
        "rule": words.text(scorecard.get("rule"), 800),
    }


def _dimension(row: Mapping[str, Any]) -> tuple[str, ...]:
    answered = words.number(row.get("answered"))
    raises = [f"{words.text(r.get('text'), 120)}{_gain(r)}" for r in words.rows(row.get("raises"))[:2]]
    return (
        words.text(row.get("title"), 60),
        words.text(row.get("shown"), 8),
        "" if answered is None else percent(answered),
        "; ".join(raises),
    )


def _gain(row: Mapping[str, Any]) -> str:
    """What an answer or a fix adds, in points; a check that is only not answered says so."""
    gain = words.number(row.get("gain"))
    kind = "answer it" if row.get("kind") == "answer" else ""
    points = f"+{digits(round(gain, 1))}" if gain else ""
    inside = ", ".join(filter(None, (kind, points)))
    return f" ({inside})" if inside else ""


def targets_view(capacity: Mapping[str, Any], currency: str, accent: str) -> dict[str, Any] | None:
    """Metrics that are measured, against their targets; those that are not, in one line. None without any."""
    rows = words.rows(capacity.get("targets"))
    if not rows:
        return None
    known = [row for row in rows if words.mapping(row.get("current"))]
    return {
        "conclusion": _targets_conclusion(rows),
        "table": Table(
            ("Metric", "Now", "Target", "By", "Status"),
            tuple(_target(row, currency) for row in known),
            frozenset({1, 2}),
        ),
        "open": [f"{words.text(r.get('title'), 80)}{_aim(r, currency)}" for r in rows if r not in known],
        "latency": latency(capacity, accent),
        "said": [
            f"{words.text(row.get('title'), 80)}: {lowered(said)}"
            for row in rows
            for said in words.texts(row.get("words"), 240)
        ],
    }


def _target(row: Mapping[str, Any], currency: str) -> tuple[str, ...]:
    sign = "≥ " if row.get("direction") == "at least" else "≤ "
    goal = told(row.get("target"), currency)
    return (
        words.text(row.get("title"), 80),
        graded(row.get("current"), currency),
        f"{sign}{goal}" if goal else "none",
        words.text(row.get("by"), 60),
        STATUS.get(str(row.get("status")), "Not measured"),
    )


def _aim(row: Mapping[str, Any], currency: str) -> str:
    goal = told(row.get("target"), currency)
    return f" ({row.get('direction') or 'at most'} {goal})" if goal else ""


def _targets_conclusion(rows: Rows) -> str:
    counted = Counter(str(row.get("status")) for row in rows)
    judged = counted["met"] + counted["missed"]
    lacking = f"; {counted['not measured']:,} not measured" if counted["not measured"] else ""
    if not judged:
        return f"No target could be checked{lacking}."
    return f"{counted['met']:,} of {judged:,} targets that were measured are met{lacking}."
