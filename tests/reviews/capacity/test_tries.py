"""A job that is tried again takes a worker again: load, drain time, stations and sizes count each try once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.capacity.backlogs import backlogs_of
from reviews.capacity.inputs import Inputs
from reviews.capacity.repeats import tried_keys, tries_of
from reviews.capacity.resources import resources_of
from reviews.capacity.stations import stations_of
from reviews.risk.matrix import Grade
from tests.reviews.capacity.given import inputs, known, without
from tests.reviews.capacity.making import model

# 10 jobs a second, half of all tries fail, four are allowed: 1.875 tries of a job (O21), each of 0.2 s, on 8 slots.
MAIL = {"in_per_s": 10.0, "run_s": 0.2, "slots": 8.0, "peak_factor": 2.0}
TRIES = {"tries_failed_share": 0.5, "tries": 4.0}


def queue(**numbers: Any) -> Inputs:
    return inputs(**{f"queue__mail__{name}": value for name, value in numbers.items()})


def workers(numbers: Inputs) -> Any:
    (part,) = (part for part in resources_of(numbers)[0] if part.id == "queue:mail")
    return part


def test_o21_the_work_is_arrivals_times_tries_times_the_time_of_one() -> None:
    part = workers(queue(**MAIL, **TRIES))
    assert (part.mean.value, part.peak.value) == pytest.approx((10 * 1.875 * 0.2, 20 * 1.875 * 0.2))
    assert part.mean.formula == "jobs a second × tries of a job × time of one try (Little's law)"
    assert {"queue.mail.tries", "queue.mail.tries_failed_share"} <= set(part.peak.uses)
    assert (part.hold.value, part.tries) == (0.2, 1.875)


@pytest.mark.parametrize("key", ["tries", "tries_failed_share"])
def test_of_a_job_whose_tries_nobody_knows_one_is_counted_and_nothing_is_said_of_tries(key: str) -> None:
    part = workers(without(queue(**MAIL, **TRIES), f"queue.mail.{key}"))
    assert (part.mean.value, part.tries) == (pytest.approx(2), 1)
    assert part.mean.formula == "jobs a second × time of one (Little's law)"


def test_the_grade_is_that_of_the_worst_input_and_the_range_goes_through() -> None:
    stated = known("queue.mail.tries", 4, grade=Grade.STATED)
    part = workers(Inputs([*queue(**MAIL, tries_failed_share=(0.5, 0.0, 1.0)), stated]))
    assert part.mean.grade is Grade.STATED
    assert (part.mean.low, part.mean.high) == pytest.approx((2, 8))


@pytest.mark.parametrize(
    "wrong", [{"tries_failed_share": 1.5}, {"tries_failed_share": -0.1}, {"tries": 0.0}, {"tries": 1e300}]
)
def test_numbers_that_make_no_sense_count_for_nothing(wrong: dict[str, float]) -> None:
    assert tried_keys(queue(**(TRIES | wrong)), "mail") == ()


def test_the_simulation_is_given_jobs_since_it_sends_back_those_that_fail() -> None:
    (station,) = stations_of(model(known=queue(**MAIL, **TRIES)))
    assert (station.mean, station.peak, station.hold) == (pytest.approx(10), pytest.approx(20), 0.2)
    assert (station.failing, station.tries) == (0.5, 4)


def test_a_backlog_drains_at_the_pace_of_all_tries() -> None:
    """8 slots do 40 tries a second, which are 21.33 jobs: 11.33 more than arrive."""
    (row,) = backlogs_of(queue(**MAIL, **TRIES, waiting=1000.0))
    assert row["drain_s"]["value"] == pytest.approx(1000 / (40 / 1.875 - 10))
    assert row["formula"] == "waiting ÷ (slots ÷ (tries of a job × time of one try) − jobs that arrive)"
    assert {"queue.mail.tries", "queue.mail.tries_failed_share"} <= set(row["uses"])
    assert row["slots_for_a_day"] == 4  # (10 + 1,000 ÷ 86,400) × 1.875 × 0.2 s is 3.75


def test_workers_that_keep_up_with_each_job_once_may_not_keep_up_with_its_tries() -> None:
    once = queue(**(MAIL | {"in_per_s": 30.0}), waiting=1.0)
    (before,), (after,) = (backlogs_of(Inputs([*once, *more])) for more in ((), queue(**TRIES)))
    assert before["grows_per_s"] is None
    assert after["grows_per_s"] == pytest.approx(30 - 40 / 1.875)


@given(st.floats(0, 1), st.integers(1, 50), st.floats(0, 1))
def test_tries_are_from_one_to_those_allowed_and_rise_with_failures(share: float, allowed: int, more: float) -> None:
    there = tries_of(share, float(allowed))
    assert 1 <= there <= allowed * (1 + 1e-12)
    assert tries_of(min(1.0, share + more), float(allowed)) >= there * (1 - 1e-12)
