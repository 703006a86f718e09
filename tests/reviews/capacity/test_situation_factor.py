"""A scenario is one multiple of today's load only when everything stands at it."""

import pytest

from reviews.capacity.inputs import Figure, Missing
from reviews.capacity.situation import Situation
from reviews.risk.matrix import Grade
from tests.reviews.capacity.given import inputs


def at(value: float) -> Figure:
    return Figure(value, value, value, "1", Grade.STATED, "", ())


GAP = Missing("users", ("driver.users",), ("users",))


@pytest.mark.parametrize(
    ("others", "multiples", "own", "factor"),
    [
        (at(10), {}, False, 10.0),
        (at(1), {"driver.users": at(4)}, False, 4.0),
        (at(1), {"driver.users": at(4), "driver.orders": at(2)}, False, None),
        (at(1), {"driver.users": at(4), "driver.orders": GAP}, False, None),
        (at(1), {"driver.users": at(4)}, True, None),
        (GAP, {}, True, None),
    ],
)
def test_the_factor_of_a_scenario(
    others: Figure | Missing, multiples: dict[str, Figure | Missing], own: bool, factor: float | None
) -> None:
    assert Situation("a", "A", "", inputs(), others, multiples, own=own).factor == factor
