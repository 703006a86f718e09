"""The inputs of a score as plain data, kept with each finding, and back: what was computed can be computed again."""

from typing import Any

from reviews.risk.joins import Join
from reviews.risk.matrix import Grade, Proximity
from reviews.risk.score import Exposure, Inputs, Quantity

Machine = dict[str, Any]
# Shares are products of stated shares; finer digits are noise of the arithmetic.
DIGITS = 6
SHARES = ("revenue", "users", "touched")


def plain(inputs: Inputs) -> Machine:
    """JSON-safe: shares in 0..1 with their ends, grade and basis; proximity 1..5; effort in engineer-days."""
    proximity = inputs.proximity
    return {
        "exposures": [
            {"flow": entry.flow} | _join(entry.reached) | {name: _quantity(getattr(entry, name)) for name in SHARES}
            for entry in inputs.exposures
        ],
        "degradation": inputs.degradation,
        "proximity": {"value": proximity.value, "reason": proximity.reason}
        | {"grade": proximity.grade.word, "trend": proximity.trend},
        "removes": inputs.removes,
        "effort_days": inputs.effort_days,
        "money": inputs.money,
    }


def restored(machine: Machine) -> Inputs:
    """The inputs that `plain` wrote."""
    near = machine["proximity"]
    return Inputs(
        exposures=tuple(
            Exposure(
                entry["flow"],
                **{name: _restored(entry[name]) for name in SHARES},
                reached=_restored_join(entry.get("reached")),
            )
            for entry in machine["exposures"]
        ),
        degradation=machine["degradation"],
        proximity=Proximity(near["value"], near["reason"], grade_of(near["grade"]), near["trend"]),
        removes=machine["removes"],
        effort_days=machine["effort_days"],
        money=machine["money"],
    )


def grade_of(word: str) -> Grade:
    """A grade by its word."""
    return next(grade for grade in Grade if grade.word == word)


def _quantity(quantity: Quantity) -> Machine:
    ends = {name: round(getattr(quantity, name), DIGITS) for name in ("low", "point", "high")}
    return ends | {"grade": quantity.grade.word, "basis": quantity.basis}


def _restored(row: Machine) -> Quantity:
    return Quantity(row["low"], row["point"], row["high"], grade_of(row["grade"]), row["basis"])


def _join(join: Join | None) -> Machine:
    return {"reached": {"by": join.by, "grade": join.grade.word, "said": join.said}} if join else {}


def _restored_join(row: Machine | None) -> Join | None:
    return Join(row["by"], grade_of(row["grade"]), row["said"]) if row else None
