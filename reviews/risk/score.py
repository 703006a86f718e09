"""The arithmetic of one risk: share of revenue and users behind it, severity with its range, leverage.

R = d * sum(r_f * e_f) and U = d * max(u_f * e_f) over the flows f a failure touches; users overlap, hence the maximum.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reviews.risk.joins import Join
from reviews.risk.matrix import (
    PROBABILITY,
    Grade,
    Proximity,
    Severity,
    revenue_band,
    severity_of,
    user_band,
)

MONEY_FLOOR = 4


@dataclass(frozen=True, slots=True)
class Quantity:
    """A share in 0..1 with the ends it may have, its grade and, in words, where it comes from."""

    low: float
    point: float
    high: float
    grade: Grade
    basis: str

    @classmethod
    def exact(cls, value: float, grade: Grade, basis: str) -> "Quantity":
        """A value without a range."""
        return cls(value, value, value, grade, basis)


@dataclass(frozen=True, slots=True)
class Exposure:
    """One flow behind a risk: its share of revenue and of users, and the share of its requests that meet the risk.

    `reached` says by which join the flow stands behind the risk, None when it only stands in for flows.
    """

    flow: str
    revenue: Quantity
    users: Quantity
    touched: Quantity
    reached: Join | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a score is made of. `removes` is the share of the risk the fix takes away, `effort_days` its size."""

    exposures: tuple[Exposure, ...]
    degradation: float
    proximity: Proximity
    removes: float
    effort_days: float
    money: bool = False  # money was lost or doubled, or a tenant read another's rows


@dataclass(frozen=True, slots=True)
class Score:
    """A scored risk. `low` and `high` are the severities at the ends of every input that was not measured."""

    revenue: float
    users: float
    impact: int
    proximity: int
    severity: Severity
    low: Severity
    high: Severity
    expected: float
    leverage: float
    cap: str
    decisive: tuple[Grade, ...]

    @property
    def robust(self) -> bool:
        """The unmeasured inputs do not change the severity."""
        return self.low == self.high


def score(inputs: Inputs) -> Score:
    """Score one risk; the steps are in `reviews.risk.why`."""
    revenue, users, impact = _impact(inputs, lambda quantity: quantity.point)
    severity, cap = gate(impact, inputs.proximity)
    low, high = (gate(_impact(inputs, end)[2], inputs.proximity)[0] for end in (_low, _high))
    expected = revenue * PROBABILITY[inputs.proximity.value]
    return Score(
        revenue=revenue,
        users=users,
        impact=impact,
        proximity=inputs.proximity.value,
        severity=severity,
        low=low,
        high=high,
        expected=expected,
        leverage=expected * inputs.removes / max(inputs.effort_days, 0.125),
        cap=cap,
        decisive=_decisive(inputs, robust=low == high),
    )


def gate(impact: int, proximity: Proximity) -> tuple[Severity, str]:
    """The matrix, but nothing is High on assumptions alone.

    High needs a measured proximity of at least 4, or a measured date within 90 days behind an impact of 5. The second
    part of the answer says what would lift the cap; empty when nothing was capped.
    """
    cell = severity_of(impact, proximity.value)
    measured = proximity.grade is Grade.MEASURED
    if cell is not Severity.HIGH or (measured and (proximity.value >= 4 or proximity.trend)):
        return cell, ""
    wanted = "a measured peak of 80 % of the limit or more, a measured date within 90 days, or an observed breach"
    return Severity.MEDIUM, f"Medium (assumed; would be High if the evidence held {wanted})"


def _impact(inputs: Inputs, end: Callable[[Quantity], float]) -> tuple[float, float, int]:
    d = 1.0 if inputs.money else inputs.degradation
    revenue = d * sum(end(entry.revenue) * end(entry.touched) for entry in inputs.exposures)
    users = d * max((end(entry.users) * end(entry.touched) for entry in inputs.exposures), default=0.0)
    impact = max(revenue_band(revenue), user_band(users))
    return min(revenue, 1.0), min(users, 1.0), max(impact, MONEY_FLOOR) if inputs.money else impact


def _low(quantity: Quantity) -> float:
    return quantity.low


def _high(quantity: Quantity) -> float:
    return quantity.high


def _decisive(inputs: Inputs, robust: bool) -> tuple[Grade, ...]:
    """Grades that decide: proximity and assumed shares of the business always, the rest where its range matters."""
    grades = [inputs.proximity.grade]
    for entry in inputs.exposures:
        business = (entry.revenue.grade, entry.users.grade)
        grades += grades_of(entry) if not robust else (grade for grade in business if grade is Grade.ASSUMED)
    return tuple(grades)


def grades_of(exposure: Exposure) -> Sequence[Grade]:
    """The grades of a flow's three inputs."""
    return (exposure.revenue.grade, exposure.users.grade, exposure.touched.grade)
