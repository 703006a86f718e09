"""A monotone formula at both ends of its inputs: the one way in which a range goes through a formula."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Generic, Protocol, TypeVar

Number = TypeVar("Number", float, float | None)


class Ends(Protocol):
    """Anything with a value and two ends: an Input, a Figure, another Range."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Range(Generic[Number]):
    """A result with the ends it has at the ends of its inputs, low <= value <= high; None is never, after all times."""

    value: Number
    low: Number
    high: Number


def at_ends(formula: Callable[..., Number], *inputs: "float | Ends") -> Range[Number]:
    """The formula at its inputs' values and at every combination of their ends.

    Exact where the formula rises or falls throughout in each input alone, which all formulas here do (their property
    tests say so); which way each goes need not be known. Interval arithmetic over the vertices of a box.
    """
    value = formula(*(_value(entry) for entry in inputs))
    corners: list[Number] = [value]
    corners += [formula(*corner) for corner in product(*(_ends(entry) for entry in inputs))]
    return Range(value, min(corners, key=_never_last), max(corners, key=_never_last))


def _value(entry: "float | Ends") -> float:
    return entry if isinstance(entry, int | float) else entry.value


def _ends(entry: "float | Ends") -> Iterable[float]:
    if isinstance(entry, int | float):
        return (entry,)
    return (entry.low,) if entry.low == entry.high else (entry.low, entry.high)


def _never_last(result: float | None) -> tuple[bool, float]:
    return (result is None, result or 0.0)
