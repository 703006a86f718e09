"""The printed rule, case by case, and the waits behind it (X11: judged by the peak, not by the mean)."""

import pytest

from reviews.capacity.resource import Resource
from reviews.capacity.resources.base import ALL
from reviews.capacity.verdict import Use, judge, level_of
from tests.reviews.capacity.making import core, model, row_of


def use(
    steady: float | None, peak: float | None, kind: str = "pool", critical: bool = True, full: str = "waits"
) -> Use:
    return Use(Resource("r", "the pool", kind, "c", "driver.users", critical, ALL, when_full=full), steady, peak)


@pytest.mark.parametrize(
    ("given", "event_h", "word"),
    [
        (use(0.5, 0.69), None, "comfortable"),
        (use(0.5, 0.7), None, "survivable but stressed"),
        (use(0.5, 1.0), None, "survivable but stressed"),  # a brief touch
        (use(0.5, 1.01), None, "partial outage"),
        (use(1.0, 1.0), None, "complete failure"),
        (use(0.5, 4.0), 24.0, "partial outage"),
        (use(0.9, 4.0, kind="workers"), 24.0, "complete failure"),  # 720 hours to work off what piled up
        (use(0.1, 1.5, kind="workers"), 5.0, "partial outage"),  # 2.8 hours
        (use(0.5, 1.0, kind="memory"), None, "complete failure"),
        (use(0.5, 1.0, kind="memory", full="loses data"), None, "partial outage"),
        (use(None, 1.2), None, "partial outage"),
        (use(0.3, None), None, "not known"),
        (use(None, None), None, "not known"),
        (use(0.3, 0.4, critical=False), None, "not known"),
    ],
)
def test_the_rule(given: Use, event_h: float | None, word: str) -> None:
    verdict = judge([given], event_h=event_h)
    assert verdict.word == word
    assert verdict.reason


def test_a_resource_that_nobody_waits_on_never_fails_all() -> None:
    assert judge([use(0.1, 0.2), use(9.0, 9.0, critical=False)]).word == "partial outage"


def test_lost_data_is_an_outage_whatever_the_load() -> None:
    assert judge([use(0.1, 0.2)], ["Queue keys were evicted"]).word == "partial outage"


def test_the_reason_names_what_decides() -> None:
    said = judge([use(0.1, 0.2), use(1.5, 2.0)]).reason
    assert said == "the pool at 150 % of its capacity at steady load."


def test_unknown_loads_have_no_level() -> None:
    assert level_of(use(None, None), None) is None


REVIEWS = """
[[driver]]
name = "reviews a day"
current = 1000
[[resource]]
name = "review workers"
kind = "concurrency"
critical = true
driver = "reviews a day"
capacity = 5
hold_s = 120
per = 1.1574e-5
"""


def test_x11_five_workers_are_enough_on_average_and_nobody_judges_by_that() -> None:
    """1,000 reviews a day of 120 s are 1.39 erlang: a use of 28 % and a mean wait of 0.49 s, but the peak decides."""
    document = model(REVIEWS)
    workers = row_of(document["resources"], title="review workers")
    assert workers["used_mean"] == pytest.approx(0.278, abs=0.001)
    assert workers["wait"]["mean"]["mean_s"] == pytest.approx(0.49, abs=0.01)
    assert workers["wait"]["peak"] is None
    today = row_of(document["scenarios"], name="today")
    assert (today["verdict"], today["needs_keys"]) == ("not known", ["resource.review workers.peak_factor"])
    peak = model(f"{REVIEWS}peak_factor = 3.5\n")
    wait = row_of(peak["resources"], title="review workers")["wait"]["peak"]
    assert wait["mean_s"] == pytest.approx(805, rel=0.01)
    assert row_of(peak["scenarios"], name="today")["verdict"] == "survivable but stressed"


POOL = """
[[driver]]
name = "requests"
current = 1000
[[resource]]
name = "pool"
kind = "concurrency"
critical = true
driver = "requests"
capacity = {size}
hold_s = {hold}
per = 1
peak_factor = 1
"""


def test_x1_a_pool_of_50_is_put_back_through_its_formula() -> None:
    """50 connections carry 500 a second of 100 ms; 1,000 need more than 100, or holds of 50 ms (40 ms at 80 %)."""
    today = core(POOL.format(size=50, hold=0.1))["scenarios"][0]
    assert today["verdict"] == "complete failure"
    size, hold = today["better"]
    assert (size["carries"], size["to"]) == (100, 125)
    assert (hold["carries"], hold["to"]) == pytest.approx((0.05, 0.04))


def test_x14_ten_connections_carry_500_a_second_below_20_ms() -> None:
    """At 15 ms the pool is used to 75 %, at 20 ms to the last."""
    rows = POOL.replace("1000", "500")
    assert core(rows.format(size=10, hold=0.015))["scenarios"][0]["verdict"] == "survivable but stressed"
    assert core(rows.format(size=10, hold=0.02))["scenarios"][0]["verdict"] == "complete failure"
