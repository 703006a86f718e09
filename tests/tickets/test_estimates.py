"""Three-point estimates: the worked sum of five tickets, and what correlation does to it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.estimates import Estimate, total

# Five first tickets: 1 day, 1-2 days, 1 day, 2-4 days, 2 days.
FIVE = [Estimate(1, 1, 1), Estimate(1, 1.5, 2), Estimate(1, 1, 1), Estimate(2, 3, 4), Estimate(2, 2, 2)]


def test_five_tickets_independent() -> None:
    summed = total(FIVE, correlation=0.0)
    assert summed.mean == pytest.approx(8.5)
    assert summed.deviation == pytest.approx(0.3727, abs=1e-4)


def test_correlation_widens_the_total() -> None:
    # sqrt(1/36 + 4/36 + 2 * 0.5 * 1/6 * 2/6)
    assert total(FIVE).deviation == pytest.approx(math.sqrt(7 / 36))
    assert total(FIVE).p80 == pytest.approx(8.5 + 0.8416 * math.sqrt(7 / 36), abs=1e-3)


def test_full_correlation_adds_deviations() -> None:
    assert total(FIVE, correlation=1.0).deviation == pytest.approx(0.5)


def test_nothing_sums_to_nothing() -> None:
    assert total([]).p80 == 0


def test_an_estimate_must_rise() -> None:
    with pytest.raises(ValueError, match="must rise"):
        Estimate(2, 1, 3)


_sizes = st.lists(st.floats(0, 100), min_size=3, max_size=3).map(sorted)
_estimates = st.lists(_sizes.map(lambda size: Estimate(*size)), max_size=12)


@given(_estimates)
def test_a_total_lies_between_the_sums_of_lows_and_highs(estimates: list[Estimate]) -> None:
    summed = total(estimates)
    assert sum(e.low for e in estimates) - 1e-6 <= summed.mean <= sum(e.high for e in estimates) + 1e-6
    assert summed.p80 >= summed.p50
