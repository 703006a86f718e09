"""Inputs, resources and rows for the tests of the capacity room, in few words."""

from typing import Any

from reviews.capacity.inputs import Figure, Input, Inputs, Source
from reviews.capacity.resource import Resource
from reviews.risk.matrix import Grade


def known(key: str, value: float, unit: str = "1", grade: Grade = Grade.MEASURED, **ends: float) -> Input:
    """One input; `low` and `high` are its ends."""
    return Input(key, key, value, unit, grade, Source("this test"), **ends)


def inputs(**values: float | tuple[float, float, float]) -> Inputs:
    """Inputs by key, written with `__` for a dot; three numbers are value, low and high."""
    rows = []
    for name, value in values.items():
        key = name.replace("__", ".")
        ends = value if isinstance(value, tuple) else (value, value, value)
        rows.append(known(key, ends[0], low=ends[1], high=ends[2]))
    return Inputs(rows)


def without(given: Inputs, key: str) -> Inputs:
    """The same inputs, one taken away."""
    return Inputs(entry for entry in given if entry.key != key)


def exact(value: float, unit: str = "1") -> Figure:
    """A measured figure without ends."""
    return Figure(value, value, value, unit, Grade.MEASURED, "given", ())


def resource(id: str, capacity: float, peak: float | None, **changes: Any) -> Resource:
    """A resource moved by the users."""
    fields: dict[str, Any] = {
        "title": id,
        "kind": "pool",
        "component": "postgres",
        "driver": "driver.users",
        "critical": True,
        "capacity": exact(capacity),
        "peak": None if peak is None else exact(peak),
    }
    return Resource(id=id, **(fields | changes))
