"""What a burst does to a station of the model: which stations there are, and what the simulation says of them."""

from typing import Any

import pytest

from reviews.capacity.burst import BURST, HEAVY, HERD, SAME, STEADY, Burst, Shown, growing, slots_without_wait, tried
from reviews.capacity.formulas.sane import OutOfRange
from reviews.capacity.inputs import Inputs
from reviews.capacity.model import capacity_of
from reviews.capacity.shapes import Gathered
from reviews.capacity.stations import Known, lacking, stations_of
from tests.reviews.capacity.making import full, model, numbers
from tests.reviews.capacity.stress_audit import audit

QUEUE = {"queue__mail__in_per_s": 3.0, "queue__mail__run_s": 2.0, "queue__mail__slots": 8.0}
TRIES = {"queue__mail__tries_failed_share": 0.1, "queue__mail__tries": 5.0}


def station(found: list[Known], identity: str) -> Known:
    return next(row for row in found if row.id == identity)


def rows(servers: int, hold: float, burst: Burst) -> dict[str, Shown]:
    return {row.title: row for row in tried(servers, hold, burst)}


def test_a_queue_is_a_station_with_its_rates_and_tries() -> None:
    found = station(stations_of(model(known=numbers(**QUEUE, **TRIES, http__peak_factor=2))), "queue:mail")
    assert (found.servers, found.hold, found.mean, found.peak) == (8, 2, 3, 6)
    assert (found.failing, found.tries, found.grade) == (0.1, 5, "derived")


def test_o15_the_worker_of_the_audit_starts_its_cycle_at_once() -> None:
    document = capacity_of(audit(), Gathered(Inputs([]), None))
    worker = station(stations_of(document), "stated:stats worker")
    assert (worker.servers, worker.at_once, worker.cycle) == (5, pytest.approx(500), 300)
    assert worker.fits == pytest.approx(5 * 300 / worker.hold)


@pytest.mark.parametrize("key", ["queue__mail__run_s", "queue__mail__slots"])
def test_without_hold_time_or_slots_a_station_is_named_with_what_it_needs(key: str) -> None:
    document = model(known=numbers(**{name: value for name, value in QUEUE.items() if name != key}))
    assert "queue:mail" not in [row.id for row in stations_of(document)]
    assert any(need.startswith(("Time of one job of mail", "Jobs of mail done")) for need in lacking(document))


def test_every_kind_with_slots_and_a_hold_time_is_a_station_of_a_full_model() -> None:
    intake, gathered = full()
    assert [row.id for row in stations_of(capacity_of(intake, gathered))] == ["postgres:pool", "queue:mail"]


def test_steady_arrivals_wait_as_erlang_c_says() -> None:
    found = rows(10, 0.1, Burst(STEADY, 80.0))
    for title in ("Wait for a slot, mean", "One in twenty waits at least"):
        row = found[title]
        assert row.closed_value is not None
        assert row.found.low <= row.closed_value <= row.found.high
        assert row.closed_value / 2.5 < row.found.value < row.closed_value * 2.5
    assert "Until all of them are through" not in found


def test_a_herd_drains_as_the_formula_says_and_what_comes_later_does_not_count() -> None:
    found = rows(5, 1.5, Burst(HERD, rate=1.0, count=500))
    through = found["Until all of them are through"]
    assert through.closed_value == 150
    assert through.found.low <= 150 <= through.found.high
    assert found["Waiting when the burst ends"].found.value == 495


def test_a_burst_piles_up_what_the_slots_cannot_do_meanwhile() -> None:
    row = rows(10, 0.1, Burst(BURST, rate=50.0, count=1500, within=10.0))["Waiting when the burst ends"]
    assert row.closed_value == 1000  # 200 a second come in, 100 go out
    assert row.found.value == pytest.approx(1000, rel=0.05)


def test_a_steady_overload_piles_up_at_the_rate_that_nobody_works_off() -> None:
    row = rows(1, 1.2, Burst(STEADY, 4.0))["Waiting at the end of the run"]
    assert row.closed_value == pytest.approx((4 - 1 / 1.2) * 750)
    assert row.found.value == pytest.approx(row.closed_value, rel=0.05)


def test_people_who_give_up_and_come_back_make_more_of_it_than_closed_forms_can_say() -> None:
    found = rows(5, 1.0, Burst(HERD, rate=0.0, count=200, patience=5.0, again=2))
    assert found["Tries that gave up waiting"].found.value > 0.5
    assert found["Tries for each call"].found.value > 1.5
    assert all(row.closed_value is None for row in found.values())


def test_o21_failures_alone_are_tried_again_as_the_sum_says() -> None:
    found = rows(50, 0.1, Burst(STEADY, 20.0, again=3, failing=0.5))
    assert found["Tries for each call"].closed_value == 1.875
    assert found["Tries for each call"].found.value == pytest.approx(1.875, rel=0.05)
    assert found["Calls that fail in the end"].closed_value == 0.0625


def test_hold_times_that_are_all_the_same_wait_half_as_long_and_a_heavy_tail_longer() -> None:
    same, heavy = (rows(1, 1.0, Burst(STEADY, 0.6, spread=spread))["Wait for a slot, mean"] for spread in (SAME, HEAVY))
    assert same.closed_value == pytest.approx(0.75)  # M/D/1: half of M/M/1
    assert same.found.low <= 0.75 <= same.found.high
    assert heavy.closed_value == pytest.approx(7.5)
    assert heavy.found.value > 2 * same.found.value


def test_where_only_so_many_may_wait_the_rest_is_refused() -> None:
    found = rows(5, 1.0, Burst(HERD, rate=0.0, count=100, room=15))
    assert found["Tries that were refused"].found.value == pytest.approx(0.8)
    assert found["Waiting when the burst ends"].found.value == 15
    assert found["Until all of them are through"].closed_value is None


def test_o5_the_slots_at_which_hardly_anybody_waits() -> None:
    assert slots_without_wait(300.0, Burst(STEADY, 30 / 3600)) == 6
    assert slots_without_wait(300.0, Burst(STEADY, 30 / 3600, patience=1.0)) is None


def test_who_is_served_first_waits_less() -> None:
    found = rows(5, 1.0, Burst(HERD, rate=0.0, count=300, first=0.2))
    assert found["Wait of those served first, mean"].found.high < found["Wait of the others, mean"].found.low


def test_the_same_numbers_give_the_same_answer() -> None:
    burst = Burst(HERD, rate=1.0, count=50, patience=5.0, again=1)
    assert tried(5, 1.0, burst) == tried(5, 1.0, burst)


@pytest.mark.parametrize(("servers", "rate", "grows"), [(5, 4.9, None), (5, 5.0, 0.0), (5, 6.0, 1.0)])
def test_what_grows_without_an_end_is_said(servers: int, rate: float, grows: float | None) -> None:
    assert growing(servers, 1.0, Burst(STEADY, rate)) == grows


WHOLE: dict[str, Any] = {"shape": HERD, "rate": 1.0, "count": 10}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"count": 0}, "calls at once must be a whole number of at least 1"),
        ({"shape": BURST}, "seconds of the burst must be above 0"),
        ({"shape": STEADY, "rate": 0.0}, "calls a second must be above 0"),
        ({"patience": 0.0}, "patience must be above 0"),
        ({"failing": 2.0}, "failing must be a share"),
    ],
)
def test_a_burst_that_makes_no_sense_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(OutOfRange, match=words):
        Burst(**WHOLE | changed)


@pytest.mark.parametrize(
    "burst", [Burst(HERD, 1.0, 50_000), Burst(HERD, 0.0, 5_000, patience=1.0, again=20, failing=0.9)]
)
def test_what_would_take_too_long_says_what_to_change(burst: Burst) -> None:
    with pytest.raises(OutOfRange, match="try fewer calls at once"):
        tried(5, 1.0, burst)


def test_a_background_beyond_the_slots_ends_all_the_same() -> None:
    found = rows(5, 1.0, Burst(HERD, rate=7.0, count=100))
    assert found["Until all of them are through"].found.value == pytest.approx(20, rel=0.3)
    assert found["Waiting when the burst ends"].found.value == 95
