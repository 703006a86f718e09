"""What waits in a queue: until it is gone, how fast it grows, what it weighs, and what tries again add."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.capacity.backlogs import backlogs_of
from reviews.capacity.repeats import repeats_of
from reviews.report.said import said_of
from tests.reviews.capacity.given import inputs, without

HOUR = 3600
DRAINS = {"waiting": 600.0, "in_per_s": 3.0, "run_s": 2.0, "slots": 8.0}
# O15 and O16: S3's scenario B, 10,000 campaigns every 5 minutes on 5 slots of 1.5 s, and jobs of 1 to 5 kB
GROWS = {"waiting": 1000.0, "in_per_s": 10_000 / 300, "run_s": 1.5, "slots": 5.0, "job_bytes": (3e3, 1e3, 5e3)}
REDIS = {"redis__maxmemory": 500e6, "redis__used_memory": 100e6, "redis__holds_jobs": 1.0}


def queue(**numbers: Any) -> dict[str, Any]:
    return {f"queue__mail__{name}": value for name, value in numbers.items()}


def test_a_backlog_that_drains_says_when_it_is_gone() -> None:
    (row,) = backlogs_of(inputs(**queue(**DRAINS)))
    assert row["drain_s"] == {"value": 600, "low": 600, "high": 600}  # four a second go out, three come in
    assert (row["grows_per_s"], row["bytes"], row["full_in_s"], row["needs"]) == (None, None, None, [])
    assert (row["grade"], row["waiting"]) == ("derived", 600)


def test_o16_a_backlog_that_grows_never_drains_and_fills_redis() -> None:
    (row,) = backlogs_of(inputs(**queue(**GROWS), **REDIS))
    assert row["drain_s"] is None
    assert row["grows_per_s"] == pytest.approx(30)
    assert row["bytes_per_hour"] == pytest.approx({"value": 324e6, "low": 108e6, "high": 540e6})
    assert row["full_in_s"]["low"] / HOUR == pytest.approx(0.74, abs=0.005)
    assert row["full_in_s"]["high"] / HOUR == pytest.approx(3.7, abs=0.005)
    assert row["room"] == pytest.approx({"value": 400e6 / 3e3, "low": 80_000, "high": 400_000})  # X5
    assert row["slots_for_a_day"] == 51  # 50 carry what comes in, one more what waits
    assert said_of({"backlogs": [row]}) == [
        "mail: 51 jobs side by side would work off what waits within a day.",
        "mail: what waits grows by 108 MB to 540 MB an hour and fills Redis in 44 min to 222 min.",
    ]


def test_a_queue_seen_to_grow_is_worked_on_as_fast_as_it_can_be() -> None:
    (row,) = backlogs_of(inputs(**queue(waiting=50.0, waiting_per_s=1.0, in_per_s=3.0, out_per_s=2.0)))
    assert (row["grows_per_s"], row["drain_s"], row["needs"]) == (1, None, [])


def test_jobs_done_of_a_queue_that_keeps_up_say_nothing_of_what_its_workers_can_do() -> None:
    (row,) = backlogs_of(inputs(**queue(waiting=50.0, in_per_s=3.0, out_per_s=3.0)))
    assert (row["drain_s"], row["grows_per_s"]) == (None, None)
    assert [need.split(":")[0] for need in row["needs"]] == [
        "Jobs of mail done side by side",
        "Time of one job of mail",
    ]


@pytest.mark.parametrize("key", ["in_per_s", "run_s", "slots"])
def test_nothing_is_said_of_the_time_when_a_number_is_taken_away(key: str) -> None:
    (row,) = backlogs_of(without(inputs(**queue(**DRAINS)), f"queue.mail.{key}"))
    assert row["drain_s"] is None
    assert len(row["needs"]) == 1


def test_where_nothing_waits_and_nothing_grows_there_is_no_row() -> None:
    assert backlogs_of(inputs(**queue(**(DRAINS | {"waiting": 0.0})))) == []
    assert backlogs_of(inputs(postgres__connections=5.0)) == []


def test_the_queue_that_never_drains_comes_first() -> None:
    other = {name.replace("mail", "big.export"): value for name, value in queue(**GROWS).items()}
    rows = backlogs_of(inputs(**queue(**DRAINS), **other))
    assert [row["queue"] for row in rows] == ["big__export".replace("__", "."), "mail"]


@settings(max_examples=40, deadline=None)
@given(st.floats(1, 1e5), st.floats(0.1, 3.9), st.floats(1, 3))
def test_more_waiting_or_more_arrivals_never_drain_sooner(waiting: float, arrives: float, more: float) -> None:
    def seconds(jobs: float, rate: float) -> float:
        (row,) = backlogs_of(inputs(**queue(**(DRAINS | {"waiting": jobs, "in_per_s": rate}))))
        return row["drain_s"]["value"] if row["drain_s"] else float("inf")

    here = seconds(waiting, arrives)
    assert seconds(waiting * more, arrives) >= here
    assert seconds(waiting, arrives * more) >= here


def test_o21_tries_of_a_job_where_half_of_them_fail() -> None:
    (row,) = repeats_of(inputs(**queue(tries_failed_share=0.5, tries=4.0, in_per_s=10.0)))
    assert (row["tries"], row["in_outage"], row["per_s"], row["lost"]) == (1.875, 4, 18.75, 0.0625)
    assert said_of({"repeats": [row]}) == [
        "mail: each job is tried 1.88 times on average, since 50 % of tries fail; in an outage 4 times."
    ]


@pytest.mark.parametrize(
    "known", [{"tries": 4.0}, {"tries_failed_share": 0.5}, {"tries_failed_share": 0.0, "tries": 4.0}]
)
def test_without_failures_or_without_the_tries_allowed_nothing_is_said(known: dict[str, float]) -> None:
    assert repeats_of(inputs(**queue(**known))) == []
