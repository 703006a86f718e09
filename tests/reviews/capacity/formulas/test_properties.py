"""What must hold whatever the numbers are: more load never helps, more capacity never hurts, absurd input ends well."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.capacity.formulas import (
    availability,
    drain,
    erlang,
    little,
    offset,
    operational,
    pool,
    redis_memory,
    retries,
    serverless,
    window,
)
from reviews.capacity.formulas.ranges import Range, at_ends
from reviews.capacity.formulas.sane import OutOfRange

# formula, then for each argument: "+" the result never falls when it rises, "-" it never rises. None counts as never.
LAWS: list[tuple[Callable[..., float | None], str]] = [
    (little.in_flight, "++"),
    (little.pool_for, "++"),
    (little.most_per_second, "+-"),
    (little.longest_hold, "+-"),
    (drain.drained_in, "++-+"),
    (drain.workers_to_drain, "+++-"),
    (drain.peak_backlog, "+-++"),
    (window.duration, "++-"),
    (window.used, "++--"),
    (window.most_jobs, "-++"),
    (window.slots_for, "++-"),
    (operational.utilisation, "++-"),
    (operational.busy, "+-"),
    (operational.service_time, "+-"),
    (pool.opened, "++"),
    (pool.allowed, "+-"),
    (pool.largest_pool, "-+"),
    (little.slots_for, "+"),
    (serverless.concurrency, "++"),
    (redis_memory.seconds_to_full, "+--"),
    (redis_memory.jobs_memory, "++"),
    (redis_memory.jobs_that_fit, "+-"),
    (offset.by_offset, "++"),
    (offset.by_key, "++"),
]
WHOLE = {window.duration: 2, window.used: 2, window.most_jobs: 1, erlang.mean_wait: 2}
few = settings(max_examples=40, deadline=None)
amounts = st.floats(1e-3, 1e6)
any_number = st.one_of(st.floats(), st.sampled_from([0.0, -1.0, 1e308, 5e-324, math.nan, math.inf]))


def called(formula: Callable[..., Any], given_: list[float]) -> Any:
    at = WHOLE.get(formula)
    return formula(*(max(1, int(min(x, 1e5))) if i == at else x for i, x in enumerate(given_)))


def late(result: float | None) -> float:
    return math.inf if result is None else result


@pytest.mark.parametrize(("formula", "signs"), LAWS, ids=[law[0].__name__ for law in LAWS])
@few
@given(st.data())
def test_each_input_moves_the_result_one_way(
    formula: Callable[..., float | None], signs: str, data: st.DataObject
) -> None:
    numbers = [data.draw(amounts) for _ in signs]
    at = data.draw(st.integers(0, len(signs) - 1))
    more = [*numbers[:at], numbers[at] * data.draw(st.floats(1, 100)), *numbers[at + 1 :]]
    before, after = late(called(formula, numbers)), late(called(formula, more))
    sign = 1 if signs[at] == "+" else -1
    assert before >= 0
    assert math.isinf(after) or sign * after >= sign * before - 1e-9 * abs(before)


@pytest.mark.parametrize("law", [*LAWS, (erlang.mean_wait, "+++"), (availability.downtime, "++")], ids=str)
@few
@given(st.data())
def test_any_number_gives_a_sane_result_or_a_refusal(
    law: tuple[Callable[..., float | None], str], data: st.DataObject
) -> None:
    formula, signs = law
    numbers = [data.draw(any_number) for _ in signs]
    try:
        result = formula(*numbers)
    except OutOfRange:
        return
    assert result is None or (math.isfinite(result) and result >= 0)


@few
@given(st.floats(0.1, 500), st.floats(0.01, 10), st.integers(1, 200))
def test_more_servers_never_lengthen_the_wait_and_more_load_never_shortens_it(rate: float, hold: float, c: int) -> None:
    here = late(erlang.mean_wait(rate, hold, c))
    assert late(erlang.mean_wait(rate, hold, c + 1)) <= here
    assert late(erlang.mean_wait(rate * 1.1, hold, c)) >= here


@few
@given(st.floats(0.1, 100), st.floats(0.01, 2), st.floats(0.001, 1))
def test_the_servers_found_are_enough_and_one_fewer_is_not(rate: float, hold: float, at_most: float) -> None:
    found = erlang.servers_for_probability(rate, hold, at_most)
    assert erlang.erlang_c(rate * hold, found) <= at_most
    assert found == 1 or erlang.erlang_c(rate * hold, found - 1) > at_most or rate * hold >= found - 1


@few
@given(st.floats(0.1, 5000), st.floats(0.001, 2), st.floats(0.1, 1))
def test_every_recommended_pool_carries_its_load(rate: float, hold: float, utilisation: float) -> None:
    found = pool.recommended(rate, hold, utilisation)
    assert found.utilisation <= utilisation * (1 + 1e-9)
    assert found.most_per_s_at_target >= rate * (1 - 1e-9)
    assert found.carries or utilisation > 0.99
    assert found.size == found.needed


@few
@given(st.floats(0, 1), st.integers(0, 50), st.integers(1, 4))
def test_attempts_lie_between_one_and_all_of_them(failing: float, most: int, layers: int) -> None:
    found = retries.attempts(failing, most, layers)
    assert 1 - 1e-9 <= found <= (most + 1) ** layers * (1 + 1e-9)
    assert retries.attempts(min(1.0, failing + 0.1), most, layers) >= found * (1 - 1e-9)


@few
@given(st.floats(1, 1e6), st.floats(1, 3), st.floats(0.1, 1), st.floats(1, 1e4))
def test_a_range_holds_its_value(hold: float, up: float, down: float, rate: float) -> None:
    found = at_ends(little.most_per_second, Range(rate, rate * down, rate * up), Range(hold, hold * down, hold * up))
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: little.in_flight(-1, 1), "rate must be 0 or more"),
        (lambda: little.pool_for(1, 1, 80), "utilisation must be a share from 0 to 1"),
        (lambda: little.in_flight(1e300, 1e300), "too large to be counted: check the units"),
        (lambda: erlang.waits(1, 1, 2.5), "servers must be a whole number of at least 1"),  # type: ignore[arg-type]
        (lambda: erlang.waits(1, 1, 10**7), "split the load into groups"),
        (lambda: erlang.servers_for_probability(1e9, 1, 0.1), "check the units of rate and hold time"),
        (lambda: operational.busy(10, 0), "watched must be above 0"),
        (lambda: retries.attempts(1, 10**9, 10**9), "too large"),
    ],
)
def test_a_refusal_says_what_is_wrong(call: Callable[[], object], words: str) -> None:
    with pytest.raises(OutOfRange, match=words):
        call()
