"""Growth from snapshots: the slope, its interval, and when a threshold is reached, no more exactly than known."""

import math
from itertools import combinations
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.capacity.formulas.growth import Trend, exponential, grown, linear, months_to
from reviews.capacity.formulas.reach import reached
from reviews.capacity.formulas.sane import OutOfRange, TooLittle
from reviews.capacity.formulas.theil_sen import slope_of

# 30 days, 100 rows a day with an unevenness that repeats; one backfill that a mean would believe
STEADY = [(float(day), 1000 + 100 * day + (day * 37 % 11 - 5) * 8) for day in range(31)]
BACKFILLED = [*STEADY[:20], (20.0, 90_000.0), *STEADY[21:]]


def test_one_wild_snapshot_hardly_bends_the_line() -> None:
    assert linear(STEADY).rate == pytest.approx(100, rel=0.01)
    assert linear(BACKFILLED).rate == pytest.approx(linear(STEADY).rate, rel=0.01)


def test_the_slope_is_the_median_of_all_pairs() -> None:
    pairs = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(BACKFILLED, 2)]
    assert slope_of(BACKFILLED).value == pytest.approx(median(pairs))


def test_the_same_snapshots_give_the_same_interval_in_any_order() -> None:
    assert slope_of(STEADY) == slope_of(list(reversed(STEADY)))


def test_the_interval_holds_the_true_rate() -> None:
    trend = linear(STEADY)
    assert trend.low is not None
    assert trend.high is not None
    assert trend.low <= 100 <= trend.high
    assert trend.high - trend.low < 10


def test_what_compounds_is_found_to_compound() -> None:
    trend = exponential([(float(day), 500 * 1.01**day) for day in range(0, 60, 4)])
    assert trend.rate == pytest.approx(0.01)
    found = reached(trend, trend.last * 1.01**30)
    assert found.days == pytest.approx(30)
    assert found.words in ("in 4 to 5 weeks", "in 5 weeks")


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        (4000, "already reached"),
        (4800, "in 7 to 8 days"),
        (6000, "in 2 to 3 weeks"),
        (40_000, "in more than 3 months"),
    ],
)
def test_a_threshold_is_said_as_a_range_and_not_beyond_three_spans(threshold: float, words: str) -> None:
    assert reached(linear(STEADY), threshold).words == words


def test_the_latest_date_is_open_when_it_lies_beyond_what_was_observed() -> None:
    trend = Trend(False, 10.0, 1.0, 20.0, 0.0, 30.0, 8)
    found = reached(trend, 600)
    assert (found.days, found.low, found.high) == (60.0, 30.0, None)
    assert found.words == "not before 4 weeks"


def test_what_shrinks_or_stands_still_is_never_said_to_fill() -> None:
    for step in (0, -5):
        found = reached(linear([(float(day), 100.0 + step * day) for day in range(0, 20, 2)]), 1000)
        assert found.never
        assert (found.days, found.low, found.high, found.words) == (None, None, None, "not reached at this rate")


def test_two_snapshots_are_a_rate_and_not_a_trend() -> None:
    found = reached(linear([(0, 100), (30, 400)]), 700)
    assert (found.days, found.low, found.high) == (30.0, None, None)
    assert found.rough == "2 snapshots over 30 days are a rate, not a trend"
    assert found.words == "in about 4 weeks"


def test_a_week_is_a_rate_and_not_a_trend() -> None:
    found = reached(linear(STEADY[:8]), 3000)
    assert found.rough == "8 snapshots over 7 days are a rate, not a trend"
    assert not linear(STEADY[:15]).rough


def test_one_snapshot_is_no_growth() -> None:
    with pytest.raises(TooLittle, match="at least two snapshots"):
        linear([(0, 1)])
    with pytest.raises(TooLittle, match="different times"):
        linear([(1, 1), (1, 2)])


def test_values_that_cannot_compound_are_refused() -> None:
    with pytest.raises(OutOfRange, match="value must be above 0"):
        exponential([(0, 0), (1, 5), (20, 9)])


def test_growth_stated_as_a_per_cent_is_refused_when_it_is_a_fall_below_nothing() -> None:
    assert months_to(2, 0) is None
    assert months_to(2, -0.5) is None
    assert months_to(0.5, 0.1) == 0
    with pytest.raises(OutOfRange, match="is 20 %"):
        months_to(2, -1)
    with pytest.raises(OutOfRange, match="too large"):
        grown(1e300, 10, 1e6)


snapshots = st.lists(
    st.tuples(st.integers(0, 400).map(float), st.floats(1, 1e9)), min_size=2, max_size=12, unique_by=lambda p: p[0]
)


@settings(max_examples=40, deadline=None)
@given(snapshots, st.floats(1, 1e12), st.booleans())
def test_ends_stand_in_order_and_numbers_are_numbers(
    points: list[tuple[float, float]], threshold: float, compounding: bool
) -> None:
    trend = exponential(points) if compounding else linear(points)
    found = reached(trend, threshold)
    said = [days for days in (found.low, found.days, found.high) if days is not None]
    assert said == sorted(said)
    assert all(math.isfinite(days) and days >= 0 for days in said)
    assert found.words


@settings(max_examples=40, deadline=None)
@given(snapshots, st.floats(1, 1e9), st.floats(1, 10))
def test_a_higher_threshold_is_never_reached_sooner(
    points: list[tuple[float, float]], threshold: float, more: float
) -> None:
    trend = linear(points)
    near, far = trend.days_to(threshold, trend.rate), trend.days_to(threshold * more, trend.rate)
    assert near is None or far is None or near <= far
    assert near is not None or far is None
