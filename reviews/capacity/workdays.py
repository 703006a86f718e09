"""Tickets on a calendar of working days: who does what when, with the engineers there are.

A serial schedule: the next ticket by priority and leverage, after what it needs, goes to the engineer who is free
first. One engineer does a ticket from begin to end, in its expected days. Such a schedule may get worse with one person
more (Graham 1969), and a smaller team's can always be kept by a larger one, so every smaller team is tried as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tickets.estimates import Estimate

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Placed:
    """A ticket with working days since the start; `engineer` counts from 1."""

    ticket: Row
    starts: float
    ends: float
    engineer: int


def days_of(ticket: Row) -> float:
    """Expected engineer-days (PERT mean of the three estimates)."""
    return size_of(ticket).mean


def size_of(ticket: Row) -> Estimate:
    """The three estimates of a ticket, in engineer-days."""
    return Estimate(ticket["low_days"], ticket["likely_days"], ticket["high_days"])


def schedule(tickets: Sequence[Row], engineers: int) -> list[Placed]:
    """The schedule that ends first among all team sizes up to `engineers`; nothing without engineers."""
    ordered = in_order(tickets)
    sizes = range(min(engineers, len(ordered)), 0, -1)
    plans = [_serial(ordered, size) for size in sizes]
    return min(plans, key=lambda plan: max(entry.ends for entry in plan), default=[])


def in_order(tickets: Sequence[Row]) -> list[Row]:
    """Priority, leverage, key; a ticket always after what it needs. A need that is no open ticket is met."""
    chosen = sorted(tickets, key=lambda row: (row["priority"], -row["leverage"], row["key"]))
    known = {row["key"]: row for row in chosen}
    placed: dict[str, Row] = {}

    def place(row: Row, path: frozenset[str]) -> None:
        for need in sorted(row["needs"]):
            if need in known and need not in placed and need not in path:
                place(known[need], path | {row["key"]})
        placed.setdefault(row["key"], row)

    for row in chosen:
        place(row, frozenset())
    return list(placed.values())


def _serial(ordered: Sequence[Row], engineers: int) -> list[Placed]:
    free, ends = [0.0] * engineers, dict[str, float]()
    plan = []
    for row in ordered:
        ready = max((ends.get(need, 0.0) for need in row["needs"]), default=0.0)
        engineer = min(range(engineers), key=lambda one: (max(free[one], ready), one))
        starts = max(free[engineer], ready)
        free[engineer] = ends[row["key"]] = starts + days_of(row)
        plan.append(Placed(row, starts, free[engineer], engineer + 1))
    return plan


def longest_chain(tickets: Sequence[Row]) -> list[Row]:
    """The chain of needs with the most expected days: no team, however large, is done sooner."""
    known = {row["key"]: row for row in tickets}
    best: dict[str, tuple[float, list[Row]]] = {}
    for row in in_order(tickets):
        before = [best[need] for need in row["needs"] if need in best and need in known]
        length, chain = max(before, key=lambda found: found[0], default=(0.0, []))
        best[row["key"]] = (length + days_of(row), [*chain, row])
    return max(best.values(), key=lambda found: found[0], default=(0.0, []))[1]
