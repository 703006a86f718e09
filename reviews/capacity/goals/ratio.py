"""By how much a metric has to get better, and whether a factor that was said is what follows."""

from dataclasses import dataclass
from typing import Any

from reviews.capacity.costs.money import ends_of
from reviews.capacity.goals.kpis import AT_MOST
from reviews.capacity.inputs import Figure
from reviews.intake_capacity import Range
from reviews.report.figures import digits, figure

Row = dict[str, Any]

# Factors are said in round numbers: 5.6 for 5.67 is rounding, 5 for 4 is not.
ROUNDING = 0.05


@dataclass(frozen=True, slots=True)
class Ratio:
    """{value, low, high, said} and what there is to say about it."""

    row: Row
    words: list[str]


def ratio_of(current: Figure, goal: Row, direction: str, said: Range | None) -> Ratio | None:
    """How many times better the target is than now, at the ends of both; None where one of them is not above 0.

    Below 1 it is reached already.
    """
    if min(current.low, goal["low"]) <= 0:
        return None
    if direction == AT_MOST:
        value, low, high = current.value / goal["value"], current.low / goal["high"], current.high / goal["low"]
    else:
        value, low, high = goal["value"] / current.value, goal["low"] / current.high, goal["high"] / current.low
    claim = list(ends_of(said)[1:]) if said is not None else None
    row = {"value": value, "low": low, "high": high, "said": claim}
    return Ratio(row, _words(current, goal, low, high, claim))


def _words(current: Figure, goal: Row, low: float, high: float, claim: list[float] | None) -> list[str]:
    if high <= 1 and claim is None:
        return []
    now = _range(current.low, current.high, current.unit)
    there = _range(goal["low"], goal["high"], goal["unit"])
    words = [f"From {now} to {there} is {_times(low, high)}."]
    if claim is not None and not (_near(claim[0], low) and _near(claim[1], high)):
        words.append(f"{_times(*claim)} are said: that does not follow from these numbers.")
    return words


def _near(said: float, computed: float) -> bool:
    return abs(said - computed) <= ROUNDING * computed


def _times(low: float, high: float) -> str:
    ends = list(dict.fromkeys(digits(end) for end in (low, high)))
    return f"{' to '.join(ends)} times"


def _range(low: float, high: float, unit: str) -> str:
    ends = list(dict.fromkeys(str(figure(end, unit)) for end in (low, high)))
    return " to ".join(ends)
