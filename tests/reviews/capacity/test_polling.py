"""Work that somebody looks for waits half the interval on average; without an interval nothing is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.capacity.formulas.polling import longest_wait, mean_wait
from reviews.capacity.inputs import Inputs
from reviews.capacity.polling import polling_of
from reviews.risk.matrix import Grade
from tests.reviews.capacity.given import inputs, known


def test_a_stated_interval_says_how_long_work_waits() -> None:
    (row,) = polling_of(Inputs([known("poll.mails.interval_s", 60, "s", Grade.STATED)]))
    assert (row["mean_s"]["value"], row["longest_s"]["value"], row["uses"]) == (30, 60, ["poll.mails.interval_s"])
    assert row["said"] == (
        "Mails looks for work every 60 s (stated): work waits 30 s on average, and 60 s at most, before it begins."
    )


def test_a_range_keeps_its_ends() -> None:
    (row,) = polling_of(Inputs([known("poll.mails.interval_s", 40, "s", Grade.STATED, low=20, high=60)]))
    assert (row["mean_s"]["low"], row["mean_s"]["high"]) == (10, 30)
    assert "work waits 10 s to 30 s on average" in row["said"]


def test_without_an_interval_nothing_is_said() -> None:
    assert polling_of(inputs(queue__mails__waiting=4)) == []


@given(st.floats(1e-3, 1e6), st.lists(st.floats(0, 1), min_size=1))
def test_nobody_waits_longer_than_the_interval(interval: float, arrivals: list[float]) -> None:
    """Arrivals spread evenly over an interval wait its mean; no single one waits longer than the longest."""
    waits = [interval * (1 - place) for place in arrivals]
    assert max(waits) <= longest_wait(interval)
    even = [interval * (1 - (n + 0.5) / 100) for n in range(100)]
    assert sum(even) / 100 == pytest.approx(mean_wait(interval))
