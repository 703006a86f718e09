"""Percentiles are within one percent of the exact nearest-rank answer."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.histogram import Histogram, bucket_of

TIMES = st.lists(st.floats(min_value=0.001, max_value=1e7), min_size=1, max_size=200)


def histogram(values: list[float]) -> Histogram:
    counted = Histogram()
    counted.add(map(bucket_of, values))
    return counted


@given(TIMES, st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]))
def test_within_one_percent(values: list[float], share: float) -> None:
    exact = sorted(values)[math.ceil(share * len(values)) - 1]
    assert histogram(values).quantile(share) == pytest.approx(exact, rel=0.01)


@given(TIMES, TIMES)
def test_merging_is_counting_both(first: list[float], second: list[float]) -> None:
    merged = histogram(first)
    merged.merge(histogram(second))
    assert merged.counts == histogram(first + second).counts


def test_zero_is_zero_and_empty_is_zero() -> None:
    assert histogram([0.0, 0.0, 5.0]).quantile(0.5) == 0.0
    assert Histogram().quantile(0.5) == 0.0
