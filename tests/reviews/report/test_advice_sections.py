"""Right-sizing, cost and waits in print, from what the capacity modules really answer."""

from __future__ import annotations

from typing import Any

import pytest

from reviews.capacity.cost import cost_of
from reviews.capacity.model import _resource_row
from reviews.capacity.policy import policy_of
from reviews.capacity.right_sizing import right_sizing_of
from reviews.report import child, sections
from reviews.report.ahead import must_fix_view, redesign_view, roadmap_view
from reviews.report.cells import graded, told
from reviews.report.money import cost_view
from reviews.report.readiness import scorecard_view, targets_view
from reviews.report.sizing import right_sizing_view
from reviews.report.waiting import waits_of
from tests.reviews.capacity.costs.making import GROWTH_SHEET
from tests.reviews.capacity.costs.making import inputs as priced
from tests.reviews.capacity.given import exact, inputs, resource
from tests.reviews.report.document import make_brand
from tests.reviews.report.model import POINTS, make_modelled
from tests.reviews.report.pictures.drawing import of_class, place, steps, texts

SOLO = inputs(driver__users=900, people__team=1)


def sized() -> dict[str, Any]:
    return {"right_sizing": right_sizing_of(policy_of("right-sized"), SOLO, breaking_points=POINTS)}


def test_right_sizing_opens_with_its_headline_and_gives_each_technology_a_verdict() -> None:
    view = right_sizing_view(sized(), "#0b5d66")
    assert view is not None
    assert view["conclusion"].startswith("900 users, 1 person: with fewer than 1,000 users")
    assert view["table"].rows[0][:2] == ("Microservices", "Skip")
    assert all(all(cell for cell in row) for row in view["table"].rows)
    assert len(view["rungs"].rows) == len(of_class(view["ladder"], "box")) + len(of_class(view["ladder"], "solid"))
    assert view["runway"].startswith("First to break: Postgres connections, at 1.42 ×")


def test_the_rung_that_is_due_is_the_filled_step() -> None:
    hit = {"id": "F1", "rule": "x", "mechanism": "missing-index", "rank": 1, "title": "Slow", "counts": True}
    view = right_sizing_view({"right_sizing": right_sizing_of(policy_of(None), SOLO, findings=[hit])}, "#0b5d66")
    assert view is not None
    assert len(of_class(view["ladder"], "solid")) == 1
    assert "you are here" in texts(view["ladder"])


@pytest.mark.parametrize("capacity", [{}, {"right_sizing": {}}, {"right_sizing": "x"}, {"cost": []}])
def test_what_was_not_computed_has_no_section(capacity: dict[str, Any]) -> None:
    assert right_sizing_view(capacity, "#0b5d66") is None
    assert cost_view(capacity, "USD", "#0b5d66") is None


def test_cost_by_phase_is_printed_with_its_sums() -> None:
    """O20 of the method: the first seed's table."""
    view = cost_view({"cost": cost_of(priced({}), GROWTH_SHEET)}, "USD", "#0b5d66")
    assert view is not None
    assert view["conclusion"].startswith("USD 900 (stated) a month today")
    assert "USD 0.90 for each user" in view["conclusion"]
    assert view["phases"].rows[-3][1:] == ("USD 900", "USD 4,800", "USD 17,000", "USD 32,000")
    assert "Cost grows 35.6 times, users 100 times: cost grows slower than use." in view["said"]
    assert view["by_phase"].message == "From USD 900 a month (Today) to USD 32,000 (Phase 4)"


def test_without_a_price_the_section_says_what_it_needs() -> None:
    view = cost_view({"cost": cost_of(priced({}))}, "USD", "#0b5d66")
    assert view is not None
    assert view["conclusion"].startswith("Not known: needs bills of a month")
    assert (view["by_phase"], view["per_user"], view["components"].rows) == ("", "", ())


def test_the_curve_goes_through_the_wait_that_was_computed() -> None:
    """O6 of the method: ten slots of 100 ms at 90 a second wait 66.9 ms in the mean."""
    row = _resource_row(resource("Pool", 10, 9.0, hold=exact(0.1, "s")))
    (wait,) = waits_of([row], "#0b5d66")
    assert wait["picture"].message == "Pool: 66.9 ms of waiting at today's peak, 90 % in use"
    mark = place(of_class(wait["picture"], "point", "circle")[0], "cx", "cy")
    line = steps(of_class(wait["picture"], "curve", "path")[0])
    assert mark == pytest.approx(min(line, key=lambda point: abs(point[0] - mark[0])), abs=0.05)
    assert "one in twenty at least 259 ms" in wait["note"]


def test_a_full_pool_an_idle_one_and_one_without_times_have_no_curve() -> None:
    full, bare = resource("Full", 10, 12.0, hold=exact(0.1, "s")), resource("Bare", 10, 5.0)
    idle = resource("Idle", 10, 1.0, hold=exact(0.1, "s"))  # fewer than one request in a million waits
    assert waits_of([_resource_row(row) for row in (full, bare, idle)] + [{}], "#0b5d66") == []


CARD: dict[str, Any] = {
    "said": "Readiness 3/10: data first.", "overall": 3.4, "rule": "The weakest decides.",
    "dimensions": [
        {"title": "Data", "score": 2.5, "shown": "2.5/10", "answered": 0.7,
         "raises": [{"text": "A restore was tried", "kind": "fix", "gain": 3.0},
                    {"text": "Backups leave the machine", "kind": "answer", "gain": 0.5}]},
        {"title": "Observability", "score": None, "shown": "–/10", "answered": 0.4, "raises": []},
    ],
}  # fmt: skip
TARGETS: list[dict[str, Any]] = [
    {"title": "Response time, 95th percentile", "direction": "at most", "by": "Phase 2", "status": "missed",
     "current": {"value": 1020.0, "low": 1020.0, "high": 1020.0, "unit": "ms", "grade": "measured"},
     "target": {"value": 500.0, "low": 500.0, "high": 500.0, "unit": "ms"}},
    {"title": "Uptime", "direction": "at least", "by": None, "status": "not measured", "current": None,
     "target": {"value": 0.999, "low": 0.999, "high": 0.999, "unit": "share"}, "words": ["99.9 % is 43 minutes."]},
]  # fmt: skip


AHEAD: dict[str, Any] = {
    "must_fix": [
        {"title": "Before the target", "said": "2 things, 1 to 2 days.", "uncovered": ["Disk"], "rows": [
            {"kind": "ticket", "ticket": "T-2", "title": "Pool connections", "priority": "P0", "impact": "It holds.",
             "effort": {"low_days": 1, "likely_days": 1.5, "high_days": 2}, "reason": "Connections at 168 %"},
            {"kind": "change", "ticket": None, "title": "A higher limit", "priority": None, "effort": None,
             "impact": "No size helps.", "reason": "", "size": None},
            {"kind": "change", "ticket": None, "title": "slots", "priority": None, "effort": None, "impact": "",
             "reason": "", "size": {"title": "Worker", "change": "slots", "from": 5, "to": 9, "unit": "jobs",
                                    "used_after": 0.79}}]},
        {"title": "Before: ten times", "said": "1 change of size.", "uncovered": [], "rows": [
            {"kind": "change", "title": "A higher limit", "size": None},
            {"kind": "change", "size": {"title": "Worker", "change": "slots", "from": 5, "to": 62.5, "unit": "jobs",
                                        "used_after": 0.8}},
            {"kind": "change", "size": {"title": "Disk", "change": "capacity", "from": 1e9, "to": 2.0004e9,
                                        "unit": "bytes", "used_after": 0.8}}]},
    ],
    "redesign": {
        "now": {"title": "Now", "rows": [{"what": "Idempotent webhooks", "why": "Doubled", "until": ""}]},
        "next_phase": {"title": "At the next phase", "rows": []},
        "never": {"title": "Never", "rows": [{"what": "Queue in Redis", "why": "It holds", "status": "proposed"}]},
    },
    "roadmap": {
        "said": "All of it ends in week 3.", "assumes": "One engineer, as nobody said.",
        "critical_path": {"said": "T-1 then T-2: 4 days."},
        "windows": [
            {"title": "Weeks 1 and 2", "effort_days": 4.25, "capacity_days": 10, "tickets": [
                {"ticket": "T-2", "title": "Pool connections", "priority": "P0", "days": 1.5, "ends_day": 4.0,
                 "needs": ["T-1"], "critical": True}]},
            {"title": "Later", "effort_days": 0, "capacity_days": None, "tickets": []}],
    },
}  # fmt: skip


def test_must_fix_lists_name_effort_and_what_nothing_relieves() -> None:
    view = must_fix_view(AHEAD)
    assert view is not None
    assert view["conclusion"] == "Before the target: 2 things, 1 to 2 days."
    assert view["lists"][0]["table"].rows == (
        ("P0", "Pool connections (T-2)", "1 to 2 days", "It holds.", "Connections at 168 %"),
        ("Also", "A higher limit", "not estimated", "No size helps.", ""),
    )
    assert view["lists"][0]["uncovered"] == ["Disk"]


def test_sizes_stand_in_one_table_with_a_column_for_each_load() -> None:
    view = must_fix_view(AHEAD)
    assert view is not None
    assert view["lists"][1]["table"].rows == ()
    assert view["sizes"].head == ("What", "Size today", "Before the target", "ten times")
    assert view["sizes"].rows == (
        ("Worker: slots, jobs", "5", "9", "62.5"),
        ("Disk: capacity", "1 GB", "as today", "2.01 GB"),  # rounded to the safe side
    )
    assert view["used"] == "80 %"


def test_redesign_shows_only_lists_that_hold_something() -> None:
    view = redesign_view(AHEAD)
    assert view is not None
    assert view["conclusion"] == "Now: Idempotent webhooks."
    assert [entry["title"] for entry in view["lists"]] == ["Now", "Never"]
    assert view["lists"][0]["table"].head == ("What", "Why"), "nothing waits"
    assert view["lists"][1]["table"].rows == (("Queue in Redis", "It holds", "proposed"),)


def test_redesign_opens_with_the_first_three_and_says_until_when_the_others_wait() -> None:
    now = [{"what": f"Mend part {n}", "why": "Doubled", "until": ""} for n in range(5)]
    later = [{"what": "Shards", "why": "Dear", "until": "one machine is full"}]
    view = redesign_view({"redesign": {"now": {"rows": now}, "next_phase": {"rows": later}}})
    assert view is not None
    assert view["conclusion"] == "Now: Mend part 0; Mend part 1; Mend part 2; and 2 more."
    assert view["lists"][1]["table"].rows == (("Shards", "Dear", "one machine is full"),)


def test_the_roadmap_says_when_a_ticket_ends_and_what_it_waits_for() -> None:
    view = roadmap_view(AHEAD)
    assert view is not None
    assert [(window["title"], window["effort"]) for window in view["windows"]] == [
        ("Weeks 1 and 2", "4.2 of 10 engineer-days")
    ]
    assert view["windows"][0]["table"].rows == (
        ("P0", "Pool connections (T-2), critical path", "1.5", "T-1", "4"),
    )  # fmt: skip


def test_where_no_ticket_waits_for_another_there_is_no_such_column() -> None:
    alone = {"ticket": "T-1", "title": "Index", "priority": "P1", "days": 2.0, "ends_day": 2.0, "needs": []}
    window = AHEAD["roadmap"]["windows"][0]
    view = roadmap_view({"roadmap": {"windows": [window, window | {"tickets": [alone]}]}})
    assert view is not None
    waits, free = (entry["table"] for entry in view["windows"])
    assert waits.head == ("", "Ticket", "Days", "Waits for", "Ends on day")
    assert (free.head, free.rows) == (("", "Ticket", "Days", "Ends on day"), (("P1", "Index (T-1)", "2", "2"),))
    assert (waits.numeric, free.numeric) == ({2, 4}, {2, 3})


@pytest.mark.parametrize("capacity", [{}, {"must_fix": [], "redesign": {"now": {}}, "roadmap": {"windows": [{}]}}])
def test_nothing_ahead_has_no_section(capacity: dict[str, Any]) -> None:
    assert must_fix_view(capacity) is redesign_view(capacity) is roadmap_view(capacity) is None


def test_the_scorecard_says_what_would_raise_each_dimension_most() -> None:
    view = scorecard_view(CARD, "#0b5d66")
    assert view is not None
    assert view["table"].rows == (
        ("Data", "2.5/10", "70 %", "A restore was tried (+3); Backups leave the machine (answer it, +0.5)"),
        ("Observability", "–/10", "40 %", ""),
    )
    assert scorecard_view({}, "#0b5d66") is None


def test_a_dimension_that_does_not_apply_is_not_printed() -> None:
    apart = {"title": "Financial integrity", "applies": False, "score": None, "shown": "n/a", "answered": 1.0}
    view = scorecard_view(CARD | {"dimensions": [*CARD["dimensions"], apart]}, "#0b5d66")
    assert view == scorecard_view(CARD, "#0b5d66")


def test_targets_are_judged_and_what_nobody_measured_is_named() -> None:
    view = targets_view({"targets": TARGETS}, "USD", "#0b5d66")
    assert view is not None
    assert view["conclusion"] == "0 of 1 targets that were measured are met; 1 not measured."
    assert view["table"].rows == (
        ("Response time, 95th percentile", "1,020 ms (measured)", "≤ 500 ms", "Phase 2", "Missed"),
    )  # fmt: skip
    assert view["open"] == ["Uptime (at least 99.9 %)"]
    assert view["said"] == ["Uptime: 99.9 % is 43 minutes."]
    assert targets_view({}, "USD", "#0b5d66") is None


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (None, ""),
        ({"value": None, "unit": "money"}, ""),
        ({"value": 0.9, "unit": "money", "grade": "stated"}, "USD 0.90 (stated)"),
        ({"value": 2, "low": 1, "high": 3.5, "unit": "s", "grade": "derived"}, "1 s to 3.5 s (derived)"),
        ({"value": 0.3, "low": 0.3, "high": 0.3, "unit": "share"}, "30 %"),
    ],
)
def test_a_figure_is_printed_with_its_range_and_grade(cell: Any, shown: str) -> None:
    assert graded(cell, "USD") == shown
    assert told(cell, "USD") == shown.split(" (")[0]


def test_all_sections_together_stand_in_the_order_of_their_contents() -> None:
    document = make_modelled(2)
    document["capacity"] |= AHEAD | sized() | {"cost": cost_of(priced({}), GROWTH_SHEET)}
    document["capacity"]["targets"], document["scorecard"] = TARGETS, CARD
    view = sections.build(document, make_brand())
    page = child.write(view)
    places = [page.index(f'id="{entry["anchor"]}"') for entry in view["contents"]]
    assert places == sorted(places)
    assert {"right-sizing", "cost", "targets", "scorecard", "must-fix", "redesign", "roadmap"} <= {
        entry["anchor"] for entry in view["contents"]
    }
