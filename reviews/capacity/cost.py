"""What the set-up costs, by component and phase, for each user and action; what tactics may save; what fits together.

`cost_of(...)` gives `capacity.cost` of the document (cells as in `reviews.capacity.cells`):

    {"currency": "USD" | None,
     "today": {"from": "bills" | "price sheet" | None, "components": [{"component", "area", "monthly": cell, "share",
               "source": {words, file, line}}], "total": cell | None, "per_user": cell | None, "needs": [..]},
     "phases": [..], "factors": [..],   # costs/phases.py
     "ai": {..},                        # costs/ai.py
     "savings": [..],                   # costs/savings.py
     "archivable": {..}}                # costs/archive.py

A bill that was sent replaces the price sheet's "today". Nothing is 0 because it is not known.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.capacity.cells import Machine, cell
from reviews.capacity.costs.ai import ai_cost
from reviews.capacity.costs.archive import archivable
from reviews.capacity.costs.areas import AI
from reviews.capacity.costs.money import MONEY, quotient, total
from reviews.capacity.costs.phases import PER_USER, factors, figure_back, phase_rows, users_of
from reviews.capacity.costs.savings import savings_of
from reviews.capacity.costs.today import TODAY, Component, components, currencies, of_area, stated
from reviews.capacity.inputs import Figure, Input, Inputs, Source
from reviews.intake_capacity import Price

NEEDS = "bills of a month (FOCUS export, or a table mapped as invoice), or a [[cost]] for each component in the intake"
USERS = "users: current_mau in the intake, or users in a [[cost]]"


def cost_of(
    inputs: Inputs,
    prices: Sequence[Price] = (),
    findings: Sequence[Mapping[str, Any]] = (),
    currency: str | None = None,
) -> Machine:
    """The part "cost" of the capacity model; the shape stands in the module's docstring."""
    parts = components(inputs, prices, currency)
    rows = phase_rows(inputs, prices, currency)
    return {
        "currency": currency or next(iter(currencies(inputs)), None),
        "today": _today(inputs, prices, parts, currency),
        "phases": rows,
        "factors": factors(rows),
        "ai": ai_cost(inputs, of_area(parts, AI)),
        "savings": savings_of(inputs, parts, findings),
        "archivable": archivable(inputs),
    }


def with_cost(inputs: Inputs, prices: Sequence[Price] = (), currency: str | None = None) -> Inputs:
    """The inputs, and beside them what thresholds ask for: `cost.monthly`, `cost.per_user`, `ai.cost_per_action`.

    A number that is known already stays as it is.
    """
    parts = components(inputs, prices, currency)
    whole, users = _whole(parts), _users(inputs, prices)
    each = quotient(whole, users, MONEY, PER_USER) if whole and users else None
    action = ai_cost(inputs, of_area(parts, AI))["per_action"]
    found = [_input("cost.monthly", "Cost of the set-up a month", whole)] if whole else []
    found += [_input("cost.per_user", "Cost for each user and month", each)] if each else []
    if action:
        found.append(_of_cell("ai.cost_per_action", "Cost of the model for each action", action))
    return Inputs([*inputs, *(entry for entry in found if inputs.get(entry.key) is None)])


def _today(inputs: Inputs, prices: Sequence[Price], parts: Sequence[Component], currency: str | None) -> Machine:
    whole, users = _whole(parts), _users(inputs, prices)
    each = quotient(whole, users, MONEY, PER_USER) if whole and users else None
    return {
        "from": ("price sheet" if parts == stated(prices) else "bills") if parts else None,
        "components": [_component(part, whole) for part in parts],
        "total": cell(whole) if whole else None,
        "per_user": cell(each) if each else None,
        "needs": ([] if parts else [NEEDS]) + ([] if users else [USERS]) + _left_out(inputs, currency),
    }


def _left_out(inputs: Inputs, currency: str | None) -> list[str]:
    """Bills that count in no sum, because they are in another currency."""
    others = [name for name in currencies(inputs) if name != currency]
    if currency is None:
        return [f"the currency of the engagement: bills are in {' and '.join(others)}"] if len(others) > 1 else []
    return [f"the bills in {' and '.join(others)} as {currency}: they are in no sum here"] if others else []


def _component(part: Component, whole: Figure | None) -> Machine:
    share = part.monthly.value / whole.value if whole and whole.value > 0 else None
    # The quoted line stands with the input of that name, where a client's copy leaves it out.
    source = {"words": part.source.words, "file": part.source.file, "line": part.source.line}
    return {"component": part.name, "area": part.area, "monthly": cell(part.monthly), "share": share, "source": source}


def _whole(parts: Sequence[Component]) -> Figure | None:
    return total([part.monthly for part in parts], "sum of all components") if parts else None


def _users(inputs: Inputs, prices: Sequence[Price]) -> Figure | None:
    return users_of([price for price in prices if price.phase == TODAY], inputs)


def _input(key: str, title: str, figure: Figure) -> Input:
    source = Source(f"computed: {figure.formula}")
    return Input(key, title, figure.value, figure.unit, figure.grade, source, figure.low, figure.high)


def _of_cell(key: str, title: str, row: Machine) -> Input:
    return _input(key, title, figure_back(row))
