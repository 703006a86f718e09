"""Tickets by week, month and quarter: within the engineers there are, after what they need, nothing lost."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.capacity.roadmap import roadmap_of, window_of

Row = dict[str, Any]


def ticket(key: str, days: float, priority: str = "P0", needs: tuple[str, ...] = (), **changes: Any) -> Row:
    row = {"id": f"T{key}", "key": key, "title": f"Do {key}", "kind": "fix", "priority": priority, "severity": "high"}
    row |= {"low_days": days, "likely_days": days, "high_days": days, "needs": list(needs), "leverage": 0.1}
    row |= {"area": "postgres", "role": "database", "mechanism": "missing-index", "findings": [], "subjects": [key]}
    return row | changes


# The first tickets of the 500,000 users format: 1, 1 to 2, 1, 2 to 4 and 2 engineer-days.
FIVE = [
    ticket("red", 1),
    ticket("idempotency", 1.5, low_days=1, high_days=2, leverage=0.09),
    ticket("pooling", 1, "P1", ("red",)),
    ticket("workers", 3, "P1", ("red", "idempotency"), low_days=2, high_days=4),
    ticket("pagination", 2, "P1", ("red",), leverage=0.05),
]


def placed(roadmap: Row) -> dict[str, Row]:
    return {row["key"]: row for window in roadmap["windows"] for row in window["tickets"]}


def test_the_first_five_tickets_take_one_engineer_eight_and_a_half_days() -> None:
    """X19: 7 to 10 person-days, 8.5 expected."""
    roadmap = roadmap_of(FIVE, 1)
    assert roadmap["ends_day"] == pytest.approx(8.5)
    assert [row["ticket"] for row in roadmap["windows"][0]["tickets"]] == [
        "Tred",
        "Tidempotency",
        "Tpooling",
        "Tworkers",
        "Tpagination",
    ]
    assert roadmap["effort"]["mean_days"] == pytest.approx(8.5)
    assert roadmap["said"].startswith("5 of 5 tickets are done in two weeks with 1 engineer")


def test_the_critical_path_does_not_get_shorter_with_more_people() -> None:
    for engineers in (1, 2, 5):
        path = roadmap_of(FIVE, engineers)["critical_path"]
        assert (path["tickets"], path["days"]) == (["Tidempotency", "Tworkers"], 4.5)
    assert roadmap_of(FIVE, 5)["ends_day"] == pytest.approx(4.5)
    assert placed(roadmap_of(FIVE, 5))["workers"]["critical"] is True


@pytest.mark.parametrize(
    ("ends", "window"),
    [(10, "weeks-1-2"), (10.01, "month-1"), (20, "month-1"), (20.5, "quarter-1"), (60, "quarter-1"), (61, "later")],
)
def test_the_last_day_of_a_window_belongs_to_it(ends: float, window: str) -> None:
    assert window_of(ends) == window


def test_what_does_not_fit_in_two_weeks_follows_in_the_month() -> None:
    roadmap = roadmap_of([ticket("a", 8), ticket("b", 8), ticket("c", 50, "P2"), ticket("d", 10, "P2", leverage=0)], 1)
    assert [[row["key"] for row in window["tickets"]] for window in roadmap["windows"]] == [
        ["a"],
        ["b"],
        [],
        ["c", "d"],
    ]
    assert [window["capacity_days"] for window in roadmap["windows"]] == [10, 10, 40, None]
    assert roadmap["said"].endswith("1 of 2 P0 come later.")


def test_one_engineer_is_assumed_until_the_intake_says_how_many() -> None:
    roadmap = roadmap_of(FIVE, None)
    assert (roadmap["engineers"], roadmap["grade"], roadmap["needs"]) == (1, "assumed", ["engineers in the intake"])
    assert roadmap_of(FIVE, 2)["needs"] == []


def test_without_engineers_nothing_is_placed_and_nothing_is_lost() -> None:
    roadmap = roadmap_of(FIVE, 0)
    assert [len(window["tickets"]) for window in roadmap["windows"]] == [0, 0, 0, 5]
    assert all(row["ends_day"] is None for row in placed(roadmap).values())
    assert "nobody to work on them" in roadmap["said"]


def test_no_ticket_and_no_open_ticket_say_so() -> None:
    assert roadmap_of([], 2)["said"] == "There is nothing to do: no ticket is open."
    done = roadmap_of([ticket("a", 1, state="done"), ticket("b", 1, needs=("a",))], 1)
    assert list(placed(done)) == ["b"]
    assert placed(done)["b"]["starts_day"] == 0


def test_the_roadmap_prints_as_json() -> None:
    roadmap = roadmap_of(FIVE, 2)
    assert json.loads(json.dumps(roadmap)) == roadmap


@st.composite
def _tickets(draw: st.DrawFn) -> list[Row]:
    count = draw(st.integers(1, 9))
    return [
        ticket(
            f"t{n}",
            draw(st.integers(1, 40)) / 4,
            draw(st.sampled_from(["P0", "P1", "P2"])),
            tuple(f"t{other}" for other in range(n) if draw(st.booleans()) and draw(st.booleans())),
        )
        for n in range(count)
    ]


@given(_tickets(), st.integers(1, 4))
def test_needs_come_first_nobody_does_two_things_and_more_people_are_never_slower(
    tickets: list[Row], engineers: int
) -> None:
    roadmap = roadmap_of(tickets, engineers)
    rows = placed(roadmap)
    assert set(rows) == {row["key"] for row in tickets}
    for row in tickets:
        assert all(rows[need]["ends_day"] <= rows[row["key"]]["starts_day"] + 1e-9 for need in row["needs"])
    for one in rows.values():
        others = [row for row in rows.values() if row["engineer"] == one["engineer"] and row is not one]
        assert all(
            row["ends_day"] <= one["starts_day"] + 1e-9 or row["starts_day"] >= one["ends_day"] - 1e-9 for row in others
        )
    assert roadmap_of(tickets, engineers + 1)["ends_day"] <= roadmap["ends_day"] + 1e-9
    assert roadmap["critical_path"]["days"] <= roadmap["ends_day"] + 1e-9
