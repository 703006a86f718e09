"""Inputs, figures and gaps as JSON-safe rows, and inputs back: they are kept with the engagement between judgings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reviews.capacity.catalogue import group_of
from reviews.capacity.cells import cell
from reviews.capacity.inputs import Change, Figure, Input, Inputs, Missing, Source
from reviews.risk.matrix import Grade

Machine = dict[str, Any]
GRADES = {grade.word: grade for grade in Grade}


def input_row(entry: Input) -> Machine:
    """An input as a row; `change` is None when nobody changed it."""
    source = entry.source
    return {
        "key": entry.key,
        "title": entry.title,
        "group": group_of(entry.key),
        "value": entry.value,
        "low": entry.low,
        "high": entry.high,
        "unit": entry.unit,
        "grade": entry.grade.word,
        "source": {"words": source.words, "file": source.file, "line": source.line, "quote": source.quote},
        "change": entry.change and _change_row(entry.change),
    }


def _change_row(change: Change) -> Machine:
    before = change.before and {"value": change.before.value, "grade": change.before.grade.word}
    return {"author": change.author, "at": change.at, "reason": change.reason, "before": before}


def inputs_of_rows(rows: Iterable[Mapping[str, Any]]) -> Inputs:
    """Inputs back from their rows, without changes: those live in their own ledger."""
    return Inputs(
        Input(
            str(row["key"]),
            str(row["title"]),
            float(row["value"]),
            str(row["unit"]),
            GRADES[row["grade"]],
            Source(**row["source"]),
            float(row["low"]),
            float(row["high"]),
        )
        for row in rows
    )


def figure_row(found: Figure | None) -> Machine | None:
    """A figure as a cell; None stays None."""
    return None if found is None else cell(found)


def missing_row(gap: Missing) -> Machine:
    """What cannot be said, and what it needs."""
    return {"title": gap.title, "keys": list(gap.keys), "needs": list(gap.needs), "resource": gap.resource or None}


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the evidence holds for a capacity model: its numbers, the day of its newest record, traffic, systems and
    what was seen at work.

    `curves` is throughput by load, as load tests showed it (`reviews.capacity.curves`); `paging` what deep pages cost.
    """

    inputs: Inputs
    as_of: date | None = None
    traffic: Machine = field(default_factory=dict)
    systems: Machine = field(default_factory=dict)
    seen: Machine = field(default_factory=dict)
    curves: list[Machine] = field(default_factory=list)
    paging: list[Machine] = field(default_factory=list)

    def kept(self) -> Machine:
        """As it is kept with the engagement until it is judged again."""
        return {
            "as_of": self.as_of and self.as_of.isoformat(),
            "inputs": [input_row(entry) for entry in self.inputs],
            "traffic": self.traffic,
            "systems": self.systems,
            "seen": self.seen,
            "curves": self.curves,
            "paging": self.paging,
        }

    @classmethod
    def of_kept(cls, stored: Mapping[str, Any]) -> "Gathered":
        """The inverse of `kept`; of an engagement that was never judged there is nothing."""
        day = stored.get("as_of")
        return cls(
            inputs_of_rows(stored.get("inputs", ())),
            date.fromisoformat(day) if day else None,
            stored.get("traffic", {}),
            stored.get("systems", {}),
            stored.get("seen", {}),
            stored.get("curves", []),
            stored.get("paging", []),
        )
