"""A range goes through a formula at all its ends."""

from reviews.capacity.formulas.drain import drained_in
from reviews.capacity.formulas.little import in_flight
from reviews.capacity.formulas.ranges import Range, at_ends
from reviews.capacity.formulas.redis_memory import jobs_memory, jobs_that_fit
from reviews.capacity.formulas.window import most_jobs
from reviews.capacity.inputs import Input, Source
from reviews.risk.matrix import Grade

BYTES = Range(2000.0, 1000.0, 5000.0)


def test_x5_ten_thousand_jobs_are_10_to_50_mb_and_400_mb_hold_80_000_to_400_000() -> None:
    assert at_ends(jobs_memory, 10_000, BYTES) == Range(20e6, 10e6, 50e6)
    assert at_ends(jobs_that_fit, 400e6, BYTES) == Range(200_000.0, 80_000.0, 400_000.0)


def test_a_formula_may_rise_in_one_input_and_fall_in_another() -> None:
    found = at_ends(most_jobs, Range(1.5, 0.2, 1.5), 5, 300)
    assert found == Range(1000.0, 1000.0, 7500.0)


def test_never_is_the_latest_of_times() -> None:
    found = at_ends(drained_in, 1000, Range(3.0, 1.0, 6.0), 5, 1)
    assert found == Range(500.0, 250.0, None)


def test_an_input_goes_in_as_it_is() -> None:
    rate = Input("http.rps_peak", "Peak", 100, "1/s", Grade.STATED, Source("said"), low=80, high=150)
    assert at_ends(in_flight, rate, 0.1) == Range(10.0, 8.0, 15.0)


def test_exact_inputs_give_an_exact_result() -> None:
    assert at_ends(in_flight, 100, 0.1) == Range(10.0, 10.0, 10.0)
