"""When something that grows reaches a limit: in one shape and one wording, never further than the growth carries."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.capacity.inputs import Figure, Inputs
from reviews.capacity.reached import HORIZON_MONTHS, limit_reached, mover_of, reached
from reviews.risk.matrix import Grade
from tests.reviews.capacity.given import inputs

TENTH = (0.1, 0.1)
# lowest and highest multiple of today's load, slowest and fastest growth a month, months observed, words
CASES = [
    (2, 2, TENTH, None, "in about 7 months"),
    (2, 4, TENTH, None, "in 7 to 15 months"),
    (2, 4, (0.05, 0.2), None, "in 3 to 29 months"),
    (1.05, 1.08, TENTH, None, "in 2 to 4 weeks"),
    (1.05, 1.05, TENTH, None, "in about 2 weeks"),
    (1.004, 1.004, TENTH, None, "in about 30 hours"),
    (0.5, 0.9, TENTH, None, "already reached"),
    (0.5, 2, TENTH, None, "between now and 8 months"),
    (2, math.inf, TENTH, None, "not before 7 months"),
    (0.9, math.inf, TENTH, None, "from now on, or later"),
    (2, 4, (0, 0.1), None, "not before 7 months"),
    (2, 4, (-0.2, 0), None, "not reached at this growth"),
    (1e6, 1e6, TENTH, None, "in more than 60 months"),
    (2, 1e6, TENTH, None, "not before 7 months"),
    (2, 2, TENTH, 1, "in more than 3 months"),
    (1.2, 2, TENTH, 1, "not before 8 weeks"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_time_is_said_outwards_in_whole_units(
    case: tuple[float, float, tuple[float, float], float | None, str],
) -> None:
    low, high, (slow, fast), seen, words = case
    known = inputs(driver__users__growth=((slow + fast) / 2, slow, fast))
    if seen:
        known = Inputs([*known, *inputs(driver__users__observed_months=seen)])
    found = reached(known, "driver.users", low, high, date(2026, 1, 1))
    assert found is not None
    assert found["words"] == words
    assert found["uses"] == ["driver.users.growth", *(["driver.users.observed_months"] if seen else [])]
    assert (found["from"] is None) == (found["months_low"] is None)


def test_nothing_is_said_without_growth_and_no_date_without_a_day() -> None:
    assert reached(inputs(), "driver.users", 2, 2, date(2026, 1, 1)) is None
    found = reached(inputs(driver__users__growth=0.1), "driver.users", 2, 2, None)
    assert found is not None
    assert (found["from"], found["to"]) == (None, None)


def test_a_figure_grows_with_its_own_driver_where_that_one_is_known_to_grow() -> None:
    known = inputs(driver__users__growth=0.1, driver__orders__growth=0.2, driver__shops=5)
    figures = {name: Figure(40, 40, 40, "1", Grade.STATED, "", (f"driver.{name}",)) for name in ("orders", "shops")}
    assert [mover_of(known, figures[name]) for name in figures] == ["driver.orders", "driver.users"]
    doubled = limit_reached(known, figures["orders"], 80, None)
    assert doubled is not None
    assert doubled["months_low"] == pytest.approx(3.80, abs=0.005)  # O18


def test_what_is_nothing_today_never_grows_to_a_limit() -> None:
    nothing = Figure(0, 0, 0, "1", Grade.MEASURED, "", ())
    found = limit_reached(inputs(driver__users__growth=0.1), nothing, 80, None)
    assert found is not None
    assert found["words"] == "not reached at this growth"


_multiple, _growth = st.floats(0.01, 1e9), st.floats(-0.5, 2)


@given(_multiple, st.floats(1, 100), _growth, st.floats(0, 1), st.none() | st.floats(0.1, 36))
def test_ends_stand_in_order_and_no_date_lies_beyond_what_the_growth_carries(
    low: float, wider: float, slow: float, faster: float, seen: float | None
) -> None:
    known = inputs(driver__users__growth=(slow, slow, slow + faster))
    known = known if seen is None else Inputs([*known, *inputs(driver__users__observed_months=seen)])
    found = reached(known, "driver.users", low, low * wider, date(2026, 1, 1))
    assert found is not None
    ends = [end for end in (found["months_low"], found["months_high"]) if end is not None]
    assert ends == sorted(ends)
    assert all(0 <= end <= min(HORIZON_MONTHS, 3 * (seen or HORIZON_MONTHS)) * (1 + 1e-9) for end in ends)
    assert found["words"]
