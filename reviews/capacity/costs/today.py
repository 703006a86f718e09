"""What the set-up costs a month now: as billed where bills were sent, else as the price sheet of the intake says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reviews.capacity.costs.areas import area_of
from reviews.capacity.costs.money import MONEY, ends_of, figure_of, total
from reviews.capacity.inputs import Figure, Input, Inputs, Source
from reviews.intake_capacity import Price
from reviews.risk.matrix import Grade

TODAY = "today"
_PREFIX, _SUFFIX = "cost.", ".monthly"
_CURRENCY = re.compile(r" \(([A-Z]{3,10})\)\.monthly\Z")


@dataclass(frozen=True, slots=True)
class Component:
    """One line: what it is, what it costs a month, where that stands."""

    name: str
    area: str
    monthly: Figure
    source: Source


def billed(inputs: Inputs, currency: str | None = None) -> list[Component]:
    """Services of the bills by month (inputs `cost.<service>.monthly`), the dearest first; empty without a bill.

    A bill's currency stands behind the service's name. Bills in another one than the engagement's are left out; where
    nobody named that one, all are as soon as they are in two: sums of two currencies are none.
    """
    found = [
        (_component(entry), currency_of(entry.key))
        for entry in inputs
        if entry.key.startswith(_PREFIX) and entry.key.endswith(_SUFFIX) and len(entry.key) > len(_PREFIX + _SUFFIX)
    ]
    named = {own for _, own in found if own}
    if currency is None and len(named) > 1:
        return []
    kept = [part for part, own in found if own in ("", currency) or currency is None]
    return sorted(kept, key=lambda one: (-one.monthly.value, one.name))


def currencies(inputs: Inputs) -> list[str]:
    """Every currency that a bill is in, as far as the bills say."""
    return sorted({own for entry in inputs.below("cost") if (own := currency_of(entry.key))})


def currency_of(key: str) -> str:
    """The currency in `cost.<service> (<currency>).monthly`; "" without one."""
    found = _CURRENCY.search(key)
    return found[1] if found else ""


def _component(entry: Input) -> Component:
    name = _CURRENCY.sub(_SUFFIX, entry.key)[len(_PREFIX) : -len(_SUFFIX)]
    return Component(name, area_of(name), figure_of(entry), entry.source)


def stated(prices: Sequence[Price], phase: str = TODAY) -> list[Component]:
    """Rows of the price sheet for a phase, as they stand there."""
    return [_stated(price) for price in prices if price.phase == phase]


def _stated(price: Price) -> Component:
    value, low, high = ends_of(price.monthly)
    words = f"{price.component}, a month, as the price sheet states"
    figure = Figure(value, low, high, MONEY, Grade.STATED, words, ())
    return Component(price.component, area_of(price.component), figure, Source("price sheet of the intake"))


def components(inputs: Inputs, prices: Sequence[Price], currency: str | None = None) -> list[Component]:
    """Today's: bills win where both exist, unless nobody knows which time they cover."""
    bills, sheet = billed(inputs, currency), stated(prices)
    guessed = any(part.monthly.grade is Grade.ASSUMED for part in bills)
    return sheet if sheet and guessed else bills or sheet


def of_area(parts: Sequence[Component], area: str) -> Figure | None:
    """What an area costs a month; None when no component belongs to it."""
    found = [part.monthly for part in parts if part.area == area]
    return total(found, f"sum of what belongs to {area}") if found else None
