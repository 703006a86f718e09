"""The arithmetic of a severity at both ends of each assumption, and the gate that may hold it down."""

from dataclasses import replace
from typing import Any

from reviews.risk.matrix import Grade, revenue_band, severity_of, user_band
from reviews.risk.score import Exposure, Inputs, Quantity, gate, score

Machine = dict[str, Any]
END_WORDS = {"low": "Low end", "point": "As taken", "high": "High end"}


def ends_of(inputs: Inputs) -> list[Machine]:
    """One row per end: shares of revenue and users behind it with their bands, impact, the cell, what the gate left."""
    return [_end(inputs, name) for name in END_WORDS]


def gate_words(inputs: Inputs) -> str:
    """Which way the gate stands: nothing is High without measured evidence of how close it is."""
    near = inputs.proximity
    if near.grade is not Grade.MEASURED:
        return f"Closed: the proximity is {near.grade.word}, and only a measured one makes a risk High."
    if near.value >= 4:
        return f"Open: a measured proximity of {near.value}, where 4 or more are asked."
    if near.trend:
        return "Open: a measured date, which an impact of 5 within 90 days may rest on."
    return f"Closed: a measured proximity of {near.value}, where 4 or a measured date within 90 days is asked."


def measured_inputs(grades: Machine) -> Machine:
    """How many inputs of a finding are measured or derived from measured ones, of how many."""
    known = grades.get("measured", 0) + grades.get("derived", 0)
    return {"known": known, "all": sum(grades.values())}


def _end(inputs: Inputs, name: str) -> Machine:
    pinned = replace(inputs, exposures=tuple(_pinned(entry, name) for entry in inputs.exposures))
    result = score(pinned)
    return {
        "name": END_WORDS[name],
        "revenue": result.revenue,
        "revenue_band": revenue_band(result.revenue),
        "users": result.users,
        "user_band": user_band(result.users),
        "impact": result.impact,
        "proximity": result.proximity,
        "cell": severity_of(result.impact, result.proximity).word,
        "severity": gate(result.impact, inputs.proximity)[0].word,
    }


def _pinned(entry: Exposure, name: str) -> Exposure:
    revenue, users, touched = (_at(share, name) for share in (entry.revenue, entry.users, entry.touched))
    return replace(entry, revenue=revenue, users=users, touched=touched)


def _at(quantity: Quantity, name: str) -> Quantity:
    return Quantity.exact(getattr(quantity, name), quantity.grade, quantity.basis)
