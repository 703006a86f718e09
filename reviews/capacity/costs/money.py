"""Arithmetic of figures in money: sums, quotients, shares of; ends go along, the worst grade stays."""

from collections.abc import Iterable, Sequence

from reviews.capacity.inputs import Figure, Input, worst
from reviews.intake_capacity import Range
from reviews.risk.matrix import Grade

MONEY = "money"


def ends_of(value: Range) -> tuple[float, float, float]:
    """Value, low and high of what was stated; of a range the value is the middle."""
    return (sum(value) / 2, *value) if isinstance(value, tuple) else (value, value, value)


def figure_of(entry: Input) -> Figure:
    """An input as a figure."""
    return Figure(entry.value, entry.low, entry.high, entry.unit, entry.grade, entry.title, (entry.key,))


def total(parts: Sequence[Figure], formula: str) -> Figure:
    """The sum of one figure or more; of a single one it is that one."""
    if len(parts) == 1:
        return parts[0]
    return Figure(
        sum(part.value for part in parts),
        sum(part.low for part in parts),
        sum(part.high for part in parts),
        parts[0].unit,
        worst(part.grade for part in parts),
        formula,
        keys_of(parts),
    )


def quotient(over: Figure, under: Figure, unit: str, formula: str) -> Figure | None:
    """over / under at all ends; None where the lower end of what divides is not above 0."""
    if under.low <= 0:
        return None
    return Figure(
        over.value / under.value,
        over.low / under.high,
        over.high / under.low,
        unit,
        worst((over.grade, under.grade)),
        formula,
        keys_of((over, under)),
    )


def product(one: Figure, other: Figure, unit: str, formula: str) -> Figure:
    """Both multiplied; neither may be negative."""
    return Figure(
        one.value * other.value,
        one.low * other.low,
        one.high * other.high,
        unit,
        worst((one.grade, other.grade)),
        formula,
        keys_of((one, other)),
    )


def between(low: float, high: float, unit: str, grade: Grade, formula: str, uses: tuple[str, ...] = ()) -> Figure:
    """A figure that is only known to lie between two ends; its value is the middle."""
    return Figure((low + high) / 2, low, high, unit, grade, formula, uses)


def keys_of(parts: Iterable[Figure]) -> tuple[str, ...]:
    """Keys of all inputs behind the parts, each once."""
    return tuple(dict.fromkeys(key for part in parts for key in part.uses))
