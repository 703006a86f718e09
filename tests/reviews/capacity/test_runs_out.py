"""What runs out in which phase: by load or by date, never guessed, and at the latest where no peak is known."""

from typing import Any

import pytest

from reviews.capacity.breaking import breaking_points
from reviews.capacity.inputs import Inputs
from reviews.capacity.measured import measured
from reviews.capacity.phases import phases_of
from reviews.capacity.policy import policy_of
from reviews.capacity.resource import Resource
from reviews.capacity.runs_out import with_what_runs_out
from tests.reviews.capacity.given import exact, inputs, resource, without

Row = dict[str, Any]
GROWTH = policy_of("growth")
KNOWN = inputs(
    driver__users=2_000, driver__users__growth=0.2, driver__jobs=100, driver__jobs__growth=0.2, driver__calls=10
)
JOBS = {"driver": "driver.jobs"}


def placed(part: Resource, known: Inputs = KNOWN) -> dict[str, list[Row]]:
    phases = phases_of(GROWTH, known, [part])
    size = measured(known, GROWTH.profile.driver)
    rows = with_what_runs_out(phases, size, known, [part], breaking_points(known, [part]))
    return {row["name"]: row["runs_out"] for row in rows if row["runs_out"]}


# Growth holds 1,000 to 10,000 users, Scale 10,000 to 50,000: 5 and 25 times today's 2,000, 8.8 and 17.7 months away.
PLACES = [
    ("users at the end of the phase", resource("a", 100, 20.1), "Growth"),
    ("users at the beginning of the next", resource("a", 100, 20), "Scale"),
    ("users of the last", resource("a", 100, 1), "Enterprise"),
    ("over its limit already", resource("a", 100, 120), "Growth"),
    ("another driver by its date", resource("a", 100, 25, **JOBS), "Growth"),
    ("and by a later one", resource("a", 100, 10, **JOBS), "Scale"),
]


@pytest.mark.parametrize(("part", "phase"), [case[1:] for case in PLACES], ids=[case[0] for case in PLACES])
def test_a_resource_stands_in_the_phase_in_which_it_is_full(part: Resource, phase: str) -> None:
    assert list(placed(part)) == [phase]


NOWHERE = [
    ("nobody knows how its driver grows", resource("a", 100, 25, driver="driver.calls"), KNOWN),
    ("no date of a phase", resource("a", 100, 25, **JOBS), without(KNOWN, "driver.users.growth")),
    ("no load", resource("a", 100, None), KNOWN),
    ("no size", resource("a", 100, 25), without(KNOWN, "driver.users")),
]


@pytest.mark.parametrize(("part", "known"), [case[1:] for case in NOWHERE], ids=[case[0] for case in NOWHERE])
def test_what_nothing_places_stands_nowhere(part: Resource, known: Inputs) -> None:
    assert placed(part, known) == {}


def test_a_load_in_the_phases_own_measure_needs_no_growth() -> None:
    (row,) = placed(resource("a", 100, 25), without(KNOWN, "driver.users.growth"))["Growth"]
    assert (row["reached"], row["latest"]) == (None, False)
    assert row["said"] == "a, full at 4 times today's load"


def test_where_only_the_steady_load_is_known_it_runs_out_then_at_the_latest() -> None:
    (row,) = placed(resource("a", 5, None, mean=exact(1.25), **JOBS))["Growth"]
    assert (row["multiple"], row["latest"]) == (4, True)
    assert row["said"] == ("a, full at 4 times today's load, in about 8 months, at the latest: its peak is not known")


def test_phases_that_no_growth_brings_leave_everything_in_the_one_of_today() -> None:
    still = inputs(driver__users=2_000, driver__users__growth=0, driver__jobs=100, driver__jobs__growth=0.2)
    assert list(placed(resource("a", 100, 10, **JOBS), still)) == ["Growth"]
