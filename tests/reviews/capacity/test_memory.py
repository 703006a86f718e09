"""What was seen at one load only is assumed to grow with it, and says so; what somebody states not to grow does not."""

from typing import Any

import pytest

from reviews.capacity.breaking import breaking_points
from reviews.capacity.figure import figure
from reviews.capacity.inputs import Figure, Inputs
from reviews.capacity.resources import resources_of
from reviews.capacity.scenarios import loaded_of
from reviews.capacity.situation import TODAY, Situation
from reviews.risk.matrix import Grade
from tests.reviews.capacity.given import inputs, known

HOST = {"host.web.memory_bytes": 8e9, "host.web.memory_used_max": 4e9}
CONTAINER = {"container.web.memory_limit": 8e9, "container.web.memory_max": 4e9}
CLIENTS = {"redis.maxclients": 100, "redis.clients": 20, "http.peak_factor": 1.25}
POOLER = {"pooler.max_clients": 100, "pooler.clients": 20, "http.peak_factor": 1.25}
CONNECTIONS = {"postgres.max_connections": 100, "postgres.connections": 20, "postgres.connections_peak": 25}
# What is known, the resource, the multiple of today's load at which it is full
SEEN_ONCE = [
    (HOST, "host:web:memory", 2),
    (CONTAINER, "container:web:memory", 2),
    (CLIENTS, "redis:clients", 4),
    (POOLER, "pooler:clients", 4),
    (CONNECTIONS, "postgres:connections", 4),
]
FIXED = [("host", HOST), ("container", CONTAINER)]


def given(numbers: dict[str, float], **more: float) -> Inputs:
    return Inputs([*(known(key, value) for key, value in numbers.items()), *inputs(driver__users=100, **more)])


def point(numbers: Inputs, name: str) -> dict[str, Any]:
    return next(row for row in breaking_points(numbers, resources_of(numbers)[0]) if row["resource"] == name)


@pytest.mark.parametrize(("numbers", "name", "multiple"), SEEN_ONCE, ids=[case[1] for case in SEEN_ONCE])
def test_what_was_seen_at_one_load_is_assumed_to_grow_and_says_so(
    numbers: dict[str, float], name: str, multiple: float
) -> None:
    row = point(given(numbers), name)
    assert (row["multiple"], row["grade"]) == (pytest.approx(multiple), "assumed")
    assert "assumed to grow with load" in row["note"]


@pytest.mark.parametrize(("kind", "numbers"), FIXED)
def test_what_does_not_grow_is_left_out_and_then_nothing_is_assumed(kind: str, numbers: dict[str, float]) -> None:
    row = point(given(numbers | {f"{kind}.web.memory_fixed": 3e9}), f"{kind}:web:memory")
    assert (row["multiple"], row["grade"], row["note"]) == (pytest.approx(5), "derived", "")


def test_connections_that_do_not_grow_are_left_out_too() -> None:
    """25 at the peak, of which 10 never grow: 15 do, and 90 are left for them."""
    numbers = given(CONNECTIONS | {"postgres.connections_fixed": 10})
    row = point(numbers, "postgres:connections")
    assert (row["multiple"], row["grade"], row["note"]) == (pytest.approx(6), "derived", "")
    assert "postgres.connections_fixed" in row["uses"]
    (part,) = (part for part in resources_of(numbers)[0] if part.id == "postgres:connections")
    assert part.utilisation(1.0) == pytest.approx(0.25)


def test_todays_use_stays_as_measured_as_it_is() -> None:
    numbers = given(HOST, target=10)
    (part,) = (part for part in resources_of(numbers)[0] if part.id == "host:web:memory")
    ten = figure(numbers, "ten times", "1", "10", ("target",), lambda target: target)
    assert isinstance(ten, Figure)
    loads = [loaded_of(Situation("s", "S", "", numbers, others), part).peak for others in (TODAY, ten)]
    assert [load.grade if load else None for load in loads] == [Grade.DERIVED, Grade.ASSUMED]
