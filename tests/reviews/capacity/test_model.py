"""The model on the stress audit's own figures: verdicts by the printed rule, breaking points, what helps."""

import json
from datetime import date
from typing import Any

import pytest

from reviews.capacity.inputs import Change, Inputs
from reviews.capacity.model import capacity_of
from reviews.capacity.shapes import Gathered
from reviews.intake import parse_intake
from tests.reviews.capacity.making import full, numbers
from tests.reviews.capacity.making import model as small
from tests.reviews.capacity.stress_audit import audit

Machine = dict[str, Any]


@pytest.fixture(scope="module")
def model() -> Machine:
    return capacity_of(audit(), Gathered(Inputs([]), date(2026, 3, 1)))


def scenario(model: Machine, name: str) -> Machine:
    return next(row for row in model["scenarios"] if row["name"] == name)


def used(model: Machine, name: str, resource: str) -> tuple[float | None, float | None]:
    row = next(row for row in scenario(model, name)["rows"] if row["title"] == resource)
    return row["used_steady"], row["used_peak"]


def test_the_audit_gets_its_three_verdicts(model: Machine) -> None:
    verdicts = {row["name"]: row["verdict"] for row in model["scenarios"] if row["own"]}
    assert verdicts == {"A": "survivable but stressed", "B": "complete failure", "C": "partial outage"}


def test_the_table_of_utilisation_stands_behind_the_word(model: Machine) -> None:
    pool = next(row for row in scenario(model, "A")["rows"] if row["title"] == "connection pool")
    assert (pool["used_peak_low"], pool["used_peak_high"]) == pytest.approx((0.667, 1.0))
    assert used(model, "B", "stats worker")[0] == pytest.approx(10)  # 3,000 s in a window of 300 s
    assert used(model, "C", "connection pool")[1] == pytest.approx(4.17, rel=0.01)
    assert scenario(model, "B")["first_to_break"][0] == "stated:stats worker"


def test_the_worker_breaks_where_its_own_formula_says(model: Machine) -> None:
    """X2: 1,000 campaigns at 1.5 s and 7,500 at 0.2 s, not 200."""
    point = next(row for row in model["breaking_points"] if row["title"] == "stats worker")
    assert (point["multiple_low"] * 500, point["multiple_high"] * 500) == pytest.approx((1000, 7500))
    assert point["reached"]["words"] == "in 3 to 15 months"
    assert point["reached"]["from"] == "2026-06-23"


@pytest.mark.parametrize(("limit", "multiple"), [(50, 0.5), (100, 1.0), (101, None)])
def test_a_steady_load_over_its_limit_breaks_whatever_the_peak(limit: int, multiple: float | None) -> None:
    stated = f"""[engagement]\nclient = "A"\ntitle = "B"\ncurrent_mau = 1000
[[resource]]\nname = "pool"\nkind = "concurrency"\ncapacity = {limit}\nhold_s = 0.1\nper = 1"""
    points = capacity_of(parse_intake(stated), Gathered(Inputs([]), None))["breaking_points"]
    assert [point["multiple"] for point in points] == ([] if multiple is None else [multiple])
    assert all("the peak is not known" in point["formula"] for point in points)


def test_what_helps_is_put_back_through_its_formula(model: Machine) -> None:
    """O15: 50 workers just carry scenario B, 63 do so at 80 %."""
    rows = [row for row in scenario(model, "B")["better"] if row["title"] == "stats worker"]
    slots = next(row for row in rows if row["change"] == "slots")
    assert (slots["from"], slots["carries"], slots["to"]) == (5, 50, 63)
    assert slots["used_after"] == pytest.approx(3000 * 5 / 63 / 300)
    hold = next(row for row in rows if row["change"] == "hold time")
    assert (hold["carries"], hold["to"]) == pytest.approx((0.15, 0.12))


def test_pools_that_open_too_much_become_smaller_by_whole_connections() -> None:
    """12 processes with 10 each do not fit into 97; with 8 they do, with 6 at 80 %."""
    known = numbers(
        postgres__max_connections=100, postgres__reserved_connections=3, postgres__pool_size=10, postgres__instances=12
    )
    rows = scenario(small("current_mau = 100", known), "today")["better"]
    row = next(row for row in rows if row["change"] == "pools")
    assert (row["key"], row["from"], row["carries"], row["to"]) == ("postgres.pool_size", 10, 8, 6)
    assert row["used_after"] == pytest.approx(72 / 97)


def test_a_pool_beyond_what_its_cores_do_well_says_so() -> None:
    known = numbers(postgres__cores=4, postgres__pool_size=10, postgres__instances=4, postgres__busy=5)
    pool = next(row for row in small("", known)["resources"] if row["id"] == "postgres:pool")
    assert pool["note"].startswith("4 cores work well on some 9 statements at once")  # O12


def test_an_absurd_number_is_said_and_breaks_nothing() -> None:
    stated = """[[driver]]\nname = "jobs"\ncurrent = 1e11
[[resource]]\nname = "worker"\nkind = "window"\ncapacity = 300\nslots = 0\nhold_s = 1e17\ndriver = "jobs\""""
    unknown = small(stated)["unknown"]
    assert ["Worker: jobs done side by side: a number above 0"] in [row["needs"] for row in unknown]


@pytest.mark.parametrize("value", [0.0, 1e-12, 1e15])
def test_no_number_that_can_be_set_breaks_the_model(value: float) -> None:
    intake, gathered = full()
    for row in capacity_of(intake, gathered)["inputs"]:
        changes = {row["key"]: (value, Change("Ada", "2026-03-01", "", None))}
        json.dumps(capacity_of(intake, gathered, changes=changes), allow_nan=False)


def test_what_nobody_stated_is_not_known(model: Machine) -> None:
    target = scenario(model, "target")
    assert used(model, "target", "connection pool") == (None, None)
    assert any("target_mau" in need or "[[driver]]" in need for need in target["needs"])
    assert "driver.requests.target" in target["needs_keys"]


def test_the_model_is_json(model: Machine) -> None:
    assert json.loads(json.dumps(model, allow_nan=False)) == model
