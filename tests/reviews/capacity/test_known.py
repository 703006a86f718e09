"""Inputs put together: measured over stated, a consultant over both, and what follows from them anew."""

import pytest

from reviews.capacity.inputs import Change, Inputs
from reviews.capacity.known import Changes, inputs_of, overridden
from reviews.intake import parse_intake
from reviews.risk.matrix import Grade
from tests.reviews.capacity.making import HEAD, number, numbers

STATED = parse_intake(
    HEAD + 'current_mau = 100\ngrowth_per_month = 0.08\n[capacity]\n"http.rps_mean" = 5\n"postgres.busy" = [1, 3]\n'
)


def put(known: Inputs | None = None, **changes: float) -> Inputs:
    words = Change("Ada", "2026-03-01", "the true one", None)
    changed: Changes = {key.replace("__", "."): (value, words) for key, value in changes.items()}
    return inputs_of(STATED, known or Inputs([]), changed)


def value(inputs: Inputs, key: str) -> float | None:
    entry = inputs.get(key)
    return entry.value if entry else None


def test_what_was_measured_counts_more_than_what_was_said() -> None:
    found = put(numbers(http__rps_mean=7))
    rate = found.get("http.rps_mean")
    assert rate is not None
    assert (rate.value, rate.grade, rate.source.file) == (7, Grade.MEASURED, "a.log")


def test_how_large_a_driver_is_stays_as_stated_but_its_growth_is_measured() -> None:
    found = put(numbers(driver__users=90, driver__users__growth=0.2))
    assert (value(found, "driver.users"), value(found, "driver.users.growth")) == (100, 0.2)


def test_a_range_keeps_its_ends_through_what_follows() -> None:
    busy = put(numbers(http__peak_factor=2)).get("postgres.busy_peak")
    assert busy is not None
    assert (busy.low, busy.value, busy.high, busy.grade) == (2, 4, 6, Grade.STATED)
    assert busy.source.words.startswith("derived: ")


def test_a_change_is_stated_and_says_what_stood_there() -> None:
    rate = put(numbers(http__rps_mean=7), http__rps_mean=9).get("http.rps_mean")
    assert rate is not None
    assert rate.change is not None
    assert rate.change.before is not None
    assert (rate.value, rate.grade, rate.source.words) == (9, Grade.STATED, "set by Ada")
    assert (rate.change.before.value, rate.change.before.grade) == (7, Grade.MEASURED)


def test_what_follows_is_computed_anew_unless_it_was_set_itself() -> None:
    measured = numbers(http__rps_mean=10, http__peak_factor=2)
    assert value(put(measured), "http.rps_peak") == 20
    assert value(put(measured, http__rps_mean=30), "http.rps_peak") == 60
    peak = put(measured, http__rps_peak=50).get("http.rps_peak")
    assert peak is not None
    assert peak.change is not None
    assert peak.change.before is not None
    assert (peak.value, peak.change.before.value) == (50, 20)


def test_a_change_can_give_what_nobody_knew() -> None:
    pool = put(postgres__pool_size=30).get("postgres.pool_size")
    assert pool is not None
    assert pool.change is not None
    assert (pool.value, pool.change.before, pool.unit) == (30, None, "1")


def test_a_scenario_puts_its_own_numbers_over_all_and_computes_anew() -> None:
    found = put(Inputs([number("http.peak_factor", 2)]))
    mine = overridden(found, {"postgres.busy": (8, 8, 8)}, "scenario B")
    assert (value(mine, "postgres.busy_peak"), value(found, "postgres.busy_peak")) == (16, 4)


@pytest.mark.parametrize("factor", [0, 1e-300])
def test_a_mean_of_nothing_has_no_peak_factor(factor: float) -> None:
    found = put(numbers(http__rps_mean=factor, http__rps_peak=5))
    peak = value(found, "http.peak_factor")
    assert peak is None or peak > 1
