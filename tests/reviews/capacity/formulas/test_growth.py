"""Growth from monthly values: the slope, its interval, and how long a factor takes."""

import math
from itertools import combinations
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.capacity.formulas.growth import grown, growth_a_month, months_to
from reviews.capacity.formulas.sane import OutOfRange, TooLittle
from reviews.capacity.formulas.theil_sen import slope_of

# 30 points, 100 rows a step with an unevenness that repeats; one backfill that a mean would believe
STEADY = [(float(day), 1000 + 100 * day + (day * 37 % 11 - 5) * 8) for day in range(31)]
BACKFILLED = [*STEADY[:20], (20.0, 90_000.0), *STEADY[21:]]
# Two years of 8 % a month with an unevenness of a tenth
USERS = [(float(month), 500 * 1.08**month * (1 + (month * 37 % 11 - 5) / 50)) for month in range(24)]


def test_one_wild_value_hardly_bends_the_line() -> None:
    assert slope_of(STEADY).value == pytest.approx(100, rel=0.01)
    assert slope_of(BACKFILLED).value == pytest.approx(slope_of(STEADY).value, rel=0.01)


def test_the_slope_is_the_median_of_all_pairs() -> None:
    pairs = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(BACKFILLED, 2)]
    assert slope_of(BACKFILLED).value == pytest.approx(median(pairs))


def test_the_same_values_give_the_same_interval_in_any_order() -> None:
    assert slope_of(STEADY) == slope_of(list(reversed(STEADY)))
    assert growth_a_month(USERS) == growth_a_month(list(reversed(USERS)))


def test_the_interval_holds_the_true_rate() -> None:
    found = slope_of(STEADY)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 100 <= found.high
    assert found.high - found.low < 10


def test_growth_is_found_with_an_interval_that_holds_it_and_is_narrow() -> None:
    found = growth_a_month(USERS)
    assert found.low <= 0.08 <= found.high
    assert found.high - found.low < 0.02


def test_a_last_month_that_was_a_campaign_is_no_growth() -> None:
    """From the first month to the last it would be 18 % a month."""
    found = growth_a_month([*USERS[:12], (12.0, USERS[12][1] * 3)])
    assert found.value == pytest.approx(0.08, abs=0.02)


def test_months_that_are_missing_are_gaps_and_not_steps() -> None:
    assert growth_a_month([(0, 100), (1, 110), (5, 100 * 1.1**5)]).value == pytest.approx(0.1)


def test_one_month_is_no_growth_and_two_are_none_either() -> None:
    with pytest.raises(TooLittle, match="at least 3 months"):
        growth_a_month([(0, 100), (1, 110)])
    with pytest.raises(TooLittle, match="different times"):
        slope_of([(1, 1), (1, 2)])


def test_values_that_cannot_compound_are_refused() -> None:
    with pytest.raises(OutOfRange, match="value must be above 0"):
        growth_a_month([(0, 0), (1, 5), (20, 9)])


def test_growth_stated_as_a_per_cent_is_refused_when_it_is_a_fall_below_nothing() -> None:
    assert months_to(2, 0) is None
    assert months_to(2, -0.5) is None
    assert months_to(0.5, 0.1) == 0
    with pytest.raises(OutOfRange, match="is 20 %"):
        months_to(2, -1)
    with pytest.raises(OutOfRange, match="too large"):
        grown(1e300, 10, 1e6)


months = st.lists(
    st.tuples(st.integers(0, 60).map(float), st.floats(1, 1e9)), min_size=3, max_size=12, unique_by=lambda p: p[0]
)


@settings(max_examples=40, deadline=None)
@given(months)
def test_ends_stand_in_order_and_numbers_are_numbers(values: list[tuple[float, float]]) -> None:
    found = growth_a_month(values)
    assert -1 < found.low <= found.value <= found.high
    assert math.isfinite(found.high)


@settings(max_examples=40, deadline=None)
@given(months, st.floats(0.01, 100))
def test_growth_does_not_depend_on_the_unit(values: list[tuple[float, float]], times: float) -> None:
    scaled = growth_a_month([(month, value * times) for month, value in values])
    assert scaled.value == pytest.approx(growth_a_month(values).value, rel=1e-6, abs=1e-9)
