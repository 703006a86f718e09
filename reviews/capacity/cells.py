"""How numbers stand in the document: a figure as a cell, evidence as its place. Full floats; the page rounds."""

from typing import Any

from reviews.capacity.inputs import Figure, Input
from reviews.risk.matrix import Grade
from telemetry.evidence import Evidence
from telemetry.kinds import unit_of

Machine = dict[str, Any]


def cell(figure: Figure) -> Machine:
    """{value, low, high, unit, grade (a word), formula, uses [keys]}"""
    return {
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "unit": figure.unit,
        "grade": figure.grade.word,
        "formula": figure.formula,
        "uses": list(figure.uses),
    }


def known(value: float, unit: str, grade: Grade, formula: str = "", uses: tuple[str, ...] = ()) -> Machine:
    """The cell of a number without ends of its own."""
    return cell(Figure(value, value, value, unit, grade, formula, uses))


def said(entry: Input) -> Machine:
    """The cell of an input as it is."""
    return cell(Figure(entry.value, entry.low, entry.high, entry.unit, entry.grade, "", (entry.key,)))


def cited(row: Evidence, metric: str) -> Machine:
    """{file, line, metric, value, unit}: one number of an export, without the line: a client's copy holds none."""
    place = row.place_of(metric)
    return {
        "file": place.file or row.file,
        "line": place.line,
        "metric": metric,
        "value": row.metrics[metric],
        "unit": unit_of(row.kind, metric),
    }
