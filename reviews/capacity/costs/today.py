"""What the set-up costs a month now: as billed where bills were sent, else as the price sheet of the intake says."""

from collections.abc import Sequence
from dataclasses import dataclass

from reviews.capacity.costs.areas import area_of
from reviews.capacity.costs.money import MONEY, ends_of, figure_of, total
from reviews.capacity.inputs import Figure, Inputs, Source
from reviews.intake_capacity import Price
from reviews.risk.matrix import Grade

TODAY = "today"
_PREFIX, _SUFFIX = "cost.", ".monthly"


@dataclass(frozen=True, slots=True)
class Component:
    """One line: what it is, what it costs a month, where that stands."""

    name: str
    area: str
    monthly: Figure
    source: Source


def billed(inputs: Inputs) -> list[Component]:
    """Services of the bills by month (inputs `cost.<service>.monthly`), the dearest first; empty without a bill."""
    found = [
        Component(name, area_of(name), figure_of(entry), entry.source)
        for entry in inputs
        if entry.key.startswith(_PREFIX) and entry.key.endswith(_SUFFIX)
        if (name := entry.key[len(_PREFIX) : -len(_SUFFIX)])
    ]
    return sorted(found, key=lambda one: (-one.monthly.value, one.name))


def stated(prices: Sequence[Price], phase: str = TODAY) -> list[Component]:
    """Rows of the price sheet for a phase, as they stand there."""
    return [_stated(price) for price in prices if price.phase == phase]


def _stated(price: Price) -> Component:
    value, low, high = ends_of(price.monthly)
    words = f"{price.component}, a month, as the price sheet states"
    figure = Figure(value, low, high, MONEY, Grade.STATED, words, ())
    return Component(price.component, area_of(price.component), figure, Source("price sheet of the intake"))


def components(inputs: Inputs, prices: Sequence[Price]) -> list[Component]:
    """Today's: bills win where both exist."""
    return billed(inputs) or stated(prices)


def of_area(parts: Sequence[Component], area: str) -> Figure | None:
    """What an area costs a month; None when no component belongs to it."""
    found = [part.monthly for part in parts if part.area == area]
    return total(found, f"sum of what belongs to {area}") if found else None
