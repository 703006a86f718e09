"""The 72-hour plan keeps to the hours there are, to what must come first, and to the worked case."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.estimates import Estimate
from tickets.plan import DAY_HOURS, Booking, Kind, Plan, Work, make_plan


def work(
    name: str, hours: float, kind: Kind = Kind.FIX, needs: tuple[str, ...] = (), gain: float = 0.0, urgency: int = 0
) -> Work:
    return Work(name, name, Estimate(hours, hours, hours), kind, needs, gain, urgency=urgency)


FRAME = [work("map", 4, Kind.MAP), work("handoff", 4, Kind.HANDOFF)]
# Route metrics 1 day; idempotency 1.5; pooling 1; workers 3.0 and pagination 2.0 behind the metrics.
WORKED = [
    *FRAME,
    work("red", 8, Kind.VISIBILITY),
    work("idempotency", 12, gain=0.9),
    work("pooling", 8, gain=0.5),
    work("workers", 24, needs=("red",), gain=0.4),
    work("pagination", 16, needs=("red",), gain=0.3),
]


def planned(plan: Plan) -> dict[str, set[int]]:
    days: dict[str, set[int]] = {}
    for booking in plan.bookings:
        days.setdefault(booking.work.id, set()).add(booking.day)
    return days


def start_of(booking: Booking) -> float:
    return (booking.day - 1) * DAY_HOURS + booking.start


def test_one_engineer_gets_only_the_metrics_in() -> None:
    assert planned(make_plan(WORKED, 1)) == {"map": {1}, "red": {2}, "handoff": {3}}


@pytest.mark.parametrize("engineers", [2, 3])
def test_two_or_three_engineers_also_ship_idempotency_and_pooling(engineers: int) -> None:
    days = planned(make_plan(WORKED, engineers))
    assert set(days) == {"map", "red", "idempotency", "pooling", "handoff"}
    assert days["red"] == {2}
    assert days["idempotency"] == {2, 3}


def test_no_head_count_makes_a_long_critical_path_short() -> None:
    assert {entry.id for entry in make_plan(WORKED, 20).backlog} == {"workers", "pagination"}


def test_a_first_slice_stays_within_one_day() -> None:
    plan = make_plan([*FRAME, work("a", 5), work("b", 6)], 1)
    # 3 hours are left on Day 2 and 4 before the handoff: 7 together, but no day for 6 in one go
    assert [entry.id for entry in plan.backlog] == ["b"]
    assert planned(make_plan([*FRAME, work("a", 5), work("b", 6)], 2))["b"] == {2}


def test_what_is_needed_but_does_not_fit_keeps_back_what_needs_it() -> None:
    plan = make_plan([*FRAME, work("gauge", 9, Kind.VISIBILITY), work("fix", 2, needs=("gauge",))], 4)
    assert [entry.id for entry in plan.backlog] == ["gauge", "fix"]


def test_urgency_comes_before_gain() -> None:
    plan = make_plan([*FRAME, work("later", 8, gain=9.0, urgency=2), work("first", 8, urgency=0)], 1)
    assert "first" in planned(plan)
    assert [entry.id for entry in plan.backlog] == ["later"]


def test_without_engineers_everything_waits() -> None:
    plan = make_plan(WORKED, 0)
    assert plan.bookings == ()
    assert len(plan.backlog) == 5


def test_many_map_entries_share_the_half_day() -> None:
    plan = make_plan([work(f"map{n}", 2, Kind.MAP) for n in range(5)], 1)
    assert plan.hours_on(1) == pytest.approx(4)


def test_a_circle_of_needs_is_refused() -> None:
    with pytest.raises(ValueError, match="needs itself"):
        make_plan([work("a", 1, needs=("b",)), work("b", 1, needs=("a",))], 1)


@st.composite
def _works(draw: st.DrawFn) -> list[Work]:
    works = list(FRAME)
    for number in range(draw(st.integers(0, 9))):
        earlier = [entry.id for entry in works[2:]]
        needs = tuple(draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True))) if earlier else ()
        kind = draw(st.sampled_from([Kind.VISIBILITY, Kind.FIX]))
        hours = draw(st.sampled_from([0.5, 1, 2, 3, 4, 6, 8, 12]))
        works.append(work(f"w{number}", hours, kind, needs, draw(st.floats(0, 1)), draw(st.integers(0, 2))))
    return works


@given(_works(), st.integers(0, 5))
def test_no_day_holds_more_hours_than_there_are(works: list[Work], engineers: int) -> None:
    plan = make_plan(works, engineers)
    for day in (1, 2, 3):
        assert plan.hours_on(day) <= plan.capacity + 1e-6
        for engineer in range(1, engineers + 1):
            mine = [b for b in plan.bookings if b.day == day and b.engineer == engineer]
            assert sum(booking.hours for booking in mine) <= DAY_HOURS + 1e-6
            assert all(b.start >= 0 and b.start + b.hours <= DAY_HOURS + 1e-6 for b in mine)


@given(_works(), st.integers(1, 5))
def test_nobody_does_two_things_at_once(works: list[Work], engineers: int) -> None:
    plan = make_plan(works, engineers)
    for engineer in range(1, engineers + 1):
        mine = sorted((start_of(b), start_of(b) + b.hours) for b in plan.bookings if b.engineer == engineer)
        assert all(end <= begin + 1e-6 for (_, end), (begin, _) in itertools.pairwise(mine))


@given(_works(), st.integers(1, 5))
def test_a_work_begins_after_everything_it_needs(works: list[Work], engineers: int) -> None:
    plan = make_plan(works, engineers)
    for booking in plan.bookings:
        for need in booking.work.needs:
            parts = [other for other in plan.bookings if other.work.id == need]
            assert parts
            assert all(start_of(part) + part.hours <= start_of(booking) + 1e-6 for part in parts)


@given(_works(), st.integers(1, 5))
def test_every_work_is_planned_or_in_the_backlog_once(works: list[Work], engineers: int) -> None:
    plan = make_plan(works, engineers)
    waiting = [entry.id for entry in plan.backlog]
    assert sorted([*planned(plan), *waiting]) == sorted(entry.id for entry in works)


@given(_works(), st.integers(0, 5))
def test_one_engineer_more_never_gets_less_done(works: list[Work], engineers: int) -> None:
    assert make_plan(works, engineers + 1).value() >= make_plan(works, engineers).value()


@given(_works(), st.integers(1, 4), st.randoms())
def test_the_order_of_the_input_changes_nothing(works: list[Work], engineers: int, random: object) -> None:
    shuffled = list(works)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert make_plan(shuffled, engineers) == make_plan(works, engineers)
