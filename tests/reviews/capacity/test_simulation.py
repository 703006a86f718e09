"""The simulation agrees with the closed forms where they hold, and shows what they cannot."""

import random
from collections.abc import Callable
from dataclasses import replace
from statistics import fmean, pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.capacity.arrivals import Exponential, Herd, Hold, Lognormal, Poisson, Same
from reviews.capacity.formulas.drain import Draining, drain
from reviews.capacity.formulas.erlang import Waits, erlang_b, mean_wait, uneven, waits
from reviews.capacity.formulas.ranges import Range
from reviews.capacity.formulas.retries import attempts
from reviews.capacity.formulas.sane import OutOfRange
from reviews.capacity.simulation import Outcome, Station, Stream, interval, replicate, simulate

SECOND = Exponential(1.0)


def runs_of(station: Station, rate: float, calls: float, what: Callable[[Outcome], float | None]) -> Range[float]:
    """The interval of one number over five runs of so many calls at a Poisson rate, after the queue has filled."""
    seconds = calls / rate
    found = replicate(station, [Stream(Poisson(rate))], seconds, runs=5, warm_up=seconds / 5)
    return interval([what(outcome) or 0.0 for outcome in found])


@pytest.mark.parametrize(("servers", "used"), [(1, 0.5), (3, 0.7), (10, 0.8)])
def test_m_m_c_is_erlang_c(servers: int, used: float) -> None:
    load = used * servers
    exact = waits(load, 1.0, servers)
    assert isinstance(exact, Waits)
    found = replicate(Station(servers, SECOND), [Stream(Poisson(load))], 1800 / load, runs=6, warm_up=300 / load)
    waiting = interval([outcome.waited for outcome in found])
    mean = interval([outcome.mean_wait or 0.0 for outcome in found])
    assert waiting.low <= exact.probability <= waiting.high
    assert mean.low <= exact.mean <= mean.high
    # An interval that holds everything would prove nothing.
    assert exact.probability / 2 < waiting.low < waiting.high < 2 * exact.probability


def test_the_same_time_for_each_waits_half_as_long() -> None:
    found = runs_of(Station(1, Same(1.0)), 0.6, 1000, lambda outcome: outcome.mean_wait)
    assert found.low <= uneven(mean_wait(0.6, 1.0, 1) or 0.0, 1, 0) <= found.high


def test_without_room_to_wait_erlang_b_are_refused() -> None:
    found = runs_of(Station(3, SECOND, room=0), 3.0, 800, lambda outcome: outcome.refused)
    assert found.low <= erlang_b(3.0, 3) <= found.high


def test_where_half_fails_retries_make_what_the_sum_says() -> None:
    station = Station(20, Same(0.1), failing=0.5, retries=3, backoff=1)
    found = runs_of(station, 5.0, 500, lambda outcome: outcome.amplified)
    assert found.low <= attempts(0.5, 3) <= found.high


def test_a_backlog_drains_as_the_formula_says() -> None:
    found = simulate(Station(5, Same(1.0)), [Stream(Herd(1000, every=1000))], seconds=100)
    assert found.backlog == 500  # the hundredth round of five is about to end
    assert drain(found.backlog, 0, 5, 1) == Draining(100.0)
    assert found.drained == pytest.approx(100)


def test_s3_a_herd_every_five_minutes_waits_where_the_mean_rate_sees_no_queue() -> None:
    station = Station(5, Same(1.5))
    herd = simulate(station, [Stream(Herd(500, every=300))], seconds=600)
    spread = simulate(station, [Stream(Herd(500, every=300, spread=300))], seconds=600)
    assert herd.mean_wait == pytest.approx(74.25)  # a hundred rounds of 1.5 s: the last begins after 148.5 s
    assert herd.p95_wait == pytest.approx(141.0)
    assert spread.p95_wait is not None
    assert spread.p95_wait < 5
    assert (mean_wait(500 / 300, 1.5, 5) or 0) < 0.1


def test_the_same_mean_waits_longer_the_more_it_comes_at_once() -> None:
    station = Station(4, Exponential(1.0))
    patterns = (Poisson(2.0), Herd(200, every=100, spread=30), Herd(200, every=100))
    assert [pattern.rate for pattern in patterns] == [2.0, 2.0, 2.0]
    p95 = [simulate(station, [Stream(pattern)], seconds=500).p95_wait or 0.0 for pattern in patterns]
    assert p95[0] < p95[1] / 2 < p95[2] / 4


@pytest.mark.parametrize(("hold", "cv"), [(Same(2.0), 0), (Exponential(2.0), 1), (Lognormal(2.0, 0.5), 0.5)])
def test_a_hold_time_keeps_its_mean_and_its_spread(hold: Hold, cv: float) -> None:
    rng = random.Random(1)
    drawn = [hold.draw(rng) for _ in range(5000)]
    assert fmean(drawn) == pytest.approx(hold.mean, rel=0.03)
    assert pstdev(drawn) / fmean(drawn) == pytest.approx(cv, rel=0.05)


def test_who_leaves_makes_room_for_who_comes_at_the_same_moment() -> None:
    found = simulate(Station(1, Same(1.0), room=0), [Stream(Herd(1, every=1))], seconds=20)
    assert (found.calls, found.refused, found.mean_wait) == (20, 0, 0)


def test_a_heavy_tail_waits_longer_at_the_same_load() -> None:
    even, tail = (
        simulate(Station(2, hold), [Stream(Poisson(1.4))], seconds=1000).mean_wait or 0.0
        for hold in (Same(1.0), Lognormal(1.0, 3.0))
    )
    assert tail > 2 * even


def test_patience_bounds_the_wait_and_overload_shows_as_timeouts() -> None:
    found = simulate(Station(2, Same(1.0), patience=3), [Stream(Poisson(4.0))], seconds=300)
    assert found.p95_wait is not None
    assert found.p95_wait <= 3
    assert found.timed_out == pytest.approx(0.5, abs=0.06)  # twice what two can carry
    assert found.lost == found.timed_out
    assert found.backlog <= 4 * 3 * 2


def test_retries_after_timeouts_feed_the_load_and_lose_nearly_as_much() -> None:
    once = Station(2, Same(1.0), patience=3)
    again = replace(once, retries=3, backoff=1)
    first, second = (simulate(station, [Stream(Poisson(3.0))], seconds=200) for station in (once, again))
    assert first.amplified == 1
    assert second.amplified > 1.7
    assert second.timed_out > first.timed_out + 0.15
    assert second.lost > first.lost / 2


def test_a_full_queue_refuses_and_keeps_the_wait_short() -> None:
    found = simulate(Station(1, Same(1.0), room=2), [Stream(Poisson(2.0))], seconds=300)
    assert found.refused > 0.4
    assert found.p95_wait is not None
    assert found.p95_wait <= 2


def test_priority_moves_the_wait_from_one_to_the_other_and_takes_none_away() -> None:
    station = Station(2, Exponential(1.0))
    rates = (0.9, 0.9)
    ranked = simulate(station, [Stream(Poisson(rate), rank) for rank, rate in enumerate(rates)], seconds=500)
    alike = simulate(station, [Stream(Poisson(rate)) for rate in rates], seconds=500)
    first, last = ranked.waits[0], ranked.waits[1]
    assert first[0] < last[0] / 3
    assert first[1] < last[1]
    assert ranked.mean_wait == pytest.approx(alike.mean_wait)  # Kleinrock's conservation law, run by run


def test_a_seed_gives_one_answer_and_nothing_outside_is_touched() -> None:
    station = Station(3, Lognormal(1.0, 2.0), patience=5, failing=0.1, retries=2, backoff=1)
    streams = [Stream(Poisson(2.0)), Stream(Herd(20, every=30), priority=1)]
    random.seed(7)
    before = random.getstate()
    assert simulate(station, streams, 60, seed=4) == simulate(station, streams, 60, seed=4)
    assert simulate(station, streams, 60, seed=4) != simulate(station, streams, 60, seed=5)
    assert random.getstate() == before


def test_nobody_came_is_no_wait_of_zero() -> None:
    found = simulate(Station(1, SECOND), [Stream(Poisson(0.0))], seconds=10)
    assert (found.calls, found.mean_wait, found.p95_wait, found.waits) == (0, None, None, {})


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 6), st.floats(0.2, 4), st.floats(0.1, 2), st.integers(0, 1000))
def test_another_slot_never_lengthens_a_wait_and_a_longer_hold_never_shortens_it(
    servers: int, rate: float, hold: float, seed: int
) -> None:
    def waited(slots: int, seconds_each: float) -> float:
        station = Station(slots, Exponential(seconds_each))
        return simulate(station, [Stream(Poisson(rate))], 30, seed).mean_wait or 0.0

    here = waited(servers, hold)
    assert waited(servers + 1, hold) <= here + 1e-9
    assert waited(servers, hold * 1.5) >= here - 1e-9


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: simulate(Station(1, SECOND), [Stream(Poisson(1e6))], 3600), "shorten the run or scale it down"),
        (lambda: simulate(Station(1, SECOND), [Stream(Poisson(1))], 10, warm_up=10), "warm-up must end before"),
        (lambda: Station(0, SECOND), "servers must be a whole number"),
        (lambda: Station(1, SECOND, patience=0), "patience must be above 0"),
        (lambda: Herd(1, 10, 11), "a herd cannot be spread"),
        (lambda: interval([1.0]), "at least two runs"),
    ],
)
def test_a_refusal_says_what_is_wrong(call: Callable[[], object], words: str) -> None:
    with pytest.raises(OutOfRange, match=words):
        call()
