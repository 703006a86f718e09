"""The price sheet by phase: totals, cost for each user, and whether cost and capacity grow by what is said."""

from collections.abc import Sequence

from reviews.capacity.cells import Machine, cell
from reviews.capacity.costs.money import MONEY, ends_of, figure_of, quotient, total
from reviews.capacity.costs.today import TODAY, Component, components, stated
from reviews.capacity.inputs import Figure, Inputs
from reviews.intake_capacity import Price
from reviews.report.figures import digits
from reviews.risk.matrix import Grade

PER_USER = "cost of a month ÷ users"


def phase_rows(inputs: Inputs, prices: Sequence[Price], currency: str | None = None) -> list[Machine]:
    """One row a phase, today first, then as the sheet names them.

    {"phase", "users": cell | None, "components": [{"component", "area", "monthly": cell}], "total": cell,
     "per_user": cell | None, "words": [..],
     "carries": [{"component", "count", "each", "carries": cell, "unit", "meant_for": number | None}]}
    """
    names = list(dict.fromkeys([TODAY, *(price.phase for price in prices)]))
    rows = []
    for name in names:
        parts = components(inputs, prices, currency) if name == TODAY else stated(prices, name)
        if parts:
            rows.append(_phase(name, parts, [price for price in prices if price.phase == name], inputs))
    return rows


def _phase(name: str, parts: Sequence[Component], prices: Sequence[Price], inputs: Inputs) -> Machine:
    summed = total([part.monthly for part in parts], " + ".join(part.name for part in parts))
    users = users_of(prices, inputs if name == TODAY else None)
    each = quotient(summed, users, MONEY, PER_USER) if users else None
    counts = {price.users for price in prices if price.users is not None}
    words = [_contradiction(name, counts)] if len(counts) > 1 else []
    carried = [_carried(price) for price in prices if price.count and price.carries is not None]
    return {
        "phase": name,
        "users": cell(users) if users else None,
        "components": [{"component": one.name, "area": one.area, "monthly": cell(one.monthly)} for one in parts],
        "total": cell(summed),
        "per_user": cell(each) if each else None,
        "carries": carried,
        "words": words + [word for price in prices if (word := _too_little(price))],
    }


def users_of(prices: Sequence[Price], inputs: Inputs | None = None) -> Figure | None:
    """Users of a phase as its rows state them (the most, where they differ), else those of today's driver."""
    counts = [price.users for price in prices if price.users]
    if counts:
        return Figure(max(counts), max(counts), max(counts), "1", Grade.STATED, "users of the price sheet", ())
    entry = inputs.get("driver.users") if inputs else None
    return figure_of(entry) if entry and entry.low > 0 else None


def _contradiction(name: str, counts: set[float]) -> str:
    told = " and ".join(digits(count) for count in sorted(counts))
    return f"The price sheet gives the phase {name} {told} users; computed with the most."


def _carried(price: Price) -> Machine:
    value, low, high = ends_of(price.carries or 0.0)
    count = price.count or 0.0
    formula = f"{digits(count)} × {digits(value)}"
    unit = price.unit or "1"
    return {
        "component": price.component,
        "count": count,
        "each": value,
        "carries": cell(Figure(count * value, count * low, count * high, unit, Grade.STATED, formula, ())),
        "unit": unit,
        "meant_for": price.meant_for,
    }


def _too_little(price: Price) -> str:
    """A phase that is said to carry more than its parts add up to says who would have to make up for it."""
    if not price.count or price.carries is None or price.meant_for is None:
        return ""
    most = price.count * ends_of(price.carries)[2]
    if most >= price.meant_for:
        return ""
    return (
        f"{digits(price.count)} × {price.component} at {digits(ends_of(price.carries)[2])} each carry {digits(most)}, "
        f"not the {digits(price.meant_for)} that {price.phase} is meant to carry: the rest, a factor of "
        f"{digits(price.meant_for / most)}, would have to come from each doing more, which nobody measured."
    )


def factors(rows: Sequence[Machine]) -> list[Machine]:
    """Each phase against the first: by how much cost, users and capacity grow, and what does not fit together.

    {"from", "to", "cost": cell, "users": cell | None, "capacity": cell | None, "capacity_of": component | None,
     "meant_capacity": number | None, "words": [..]}
    """
    return [_factor(rows[0], row) for row in rows[1:]] if len(rows) > 1 else []


def _factor(first: Machine, row: Machine) -> Machine:
    cost = _ratio(row["total"], first["total"], f"cost of {row['phase']} ÷ cost of {first['phase']}")
    users = _ratio(row["users"], first["users"], f"users of {row['phase']} ÷ users of {first['phase']}")
    before = {one["component"]: one for one in first["carries"]}
    shared = next((one for one in row["carries"] if one["component"] in before), None)
    own = before[shared["component"]] if shared else None
    capacity = _ratio(shared["carries"], own["carries"], "capacity of both phases") if shared and own else None
    said = shared["meant_for"] / own["carries"]["value"] if shared and own and shared["meant_for"] else None
    return {
        "from": first["phase"],
        "to": row["phase"],
        "cost": cell(cost) if cost else None,
        "users": cell(users) if users else None,
        "capacity": cell(capacity) if capacity else None,
        "capacity_of": shared["component"] if shared else None,
        "meant_capacity": said,
        "words": _growth_words(cost, users, capacity, said),
    }


def _growth_words(cost: Figure | None, users: Figure | None, capacity: Figure | None, said: float | None) -> list[str]:
    if cost is None:
        return []
    words = []
    if users is not None:
        verdict = "slower than" if cost.value < users.value else "faster than" if cost.value > users.value else "as"
        words.append(f"Cost grows {_times(cost)}, users {_times(users)}: cost grows {verdict} use.")
    if capacity is not None:
        fits = "capacity grows with it" if capacity.value >= cost.value else "each unit of load gets dearer"
        words.append(f"Cost grows {_times(cost)}, capacity {_times(capacity)}: {fits}.")
        if said is not None and said > capacity.high:
            words.append(
                f"The {digits(said)} times that are said do not follow from the parts: those give {_times(capacity)}."
            )
    return words


def _times(figure: Figure) -> str:
    ends = list(dict.fromkeys(digits(end) for end in (figure.low, figure.high)))
    return f"{' to '.join(ends)} times"


def _ratio(over: Machine | None, under: Machine | None, formula: str) -> Figure | None:
    if over is None or under is None:
        return None
    return quotient(figure_back(over), figure_back(under), "1", formula)


def figure_back(row: Machine) -> Figure:
    """The figure of a cell."""
    grade = next(grade for grade in Grade if grade.word == row["grade"])
    return Figure(row["value"], row["low"], row["high"], row["unit"], grade, row["formula"], tuple(row["uses"]))
