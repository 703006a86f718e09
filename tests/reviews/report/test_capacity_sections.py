"""Sections of the capacity model: conclusion first, nothing made up, absent from documents that had no model."""

from __future__ import annotations

from typing import Any

import pytest

from reviews.report import child, limits, sections
from reviews.report.phases import phases_view
from tests.reviews.report.document import make_brand, make_document
from tests.reviews.report.model import POINTS, make_model, make_modelled
from tests.reviews.report.test_attacks import TAGS, page_of, poisoned

NEW = ("bottlenecks", "scenarios", "phases", "thresholds")


def view_of(**changes: Any) -> dict[str, Any]:
    model = make_model()
    model["capacity"] |= changes
    return sections.build(make_document(2) | model, make_brand())


def anchors(view: dict[str, Any]) -> list[str]:
    return [entry["anchor"] for entry in view["contents"]]


def test_a_report_frozen_before_there_was_a_model_prints_as_it_did() -> None:
    view = sections.build(make_document(2), make_brand())
    assert not set(NEW) & set(anchors(view))
    assert view["readout"]["numbers"][0]["finding"]["number"] == 1
    assert 'id="bottlenecks"' not in child.write(view)


@pytest.mark.parametrize("model", [None, {}, [], "x", {"breaking_points": "x", "phases": 4, "inputs": None}])
def test_a_model_of_another_shape_does_no_harm(model: Any) -> None:
    page = child.write(sections.build(make_document(1) | {"capacity": model, "scenarios": model}, make_brand()))
    assert 'id="risk-map"' in page
    assert 'id="scenarios"' not in page


def test_sections_stand_in_the_order_of_the_document() -> None:
    shown = anchors(view_of())
    page = child.write(view_of())
    assert [a for a in shown if a in NEW] == ["bottlenecks", "scenarios", "phases", "thresholds"]
    places = [page.index(f'id="{anchor}"') for anchor in shown]
    assert places == sorted(places)


def test_what_breaks_first_opens_its_section_and_the_readout() -> None:
    view = view_of(breaking_points=POINTS[:2])
    assert view["bottlenecks"]["conclusion"] == (
        "First to break: Postgres connections, at 1.4 × today's load, in 2 to 7 months. "
        "1 resource could not be measured."
    )
    first = view["readout"]["numbers"][0]
    assert (str(first["value"]), first["said"], first["href"]) == (
        "1.4 × today's load", "Postgres connections: first to break, in 2 to 7 months (measured)", "#bottlenecks",
    )  # fmt: skip
    assert len(view["readout"]["numbers"]) == 3


def test_below_todays_load_the_first_number_says_that_it_is_a_part_of_it() -> None:
    first = limits.first_to_break({"breaking_points": [POINTS[0] | {"multiple": 0.2}]})
    assert first is not None
    assert str(first["value"]) == "0.2 × today's load"
    assert first["said"] == f"{POINTS[0]['title']}: all that it carries of today's load (measured)"


def test_a_phase_says_why_a_trigger_has_no_date_and_what_a_date_takes_for_granted() -> None:
    held = "all of it is assumed to grow with load, so the date is the earliest"
    row = {"value": 1.0, "unit": "1", "limit": 2.0, "status": "near", "grade": "measured"}
    triggers = [
        row | {"title": "Clients", "eta_note": held},
        row | {"title": "Memory", "eta_note": held},
        row | {"title": "Delay", "eta_note": "no date"},
        row | {"title": "Processor", "eta_note": ""},
    ]
    view = phases_view({"phases": [{"name": "Growth", "triggers": triggers}]})
    assert view is not None
    assert view["phases"][0]["notes"] == [f"Clients and Memory: {held}.", "Delay: no date."]
    assert f"Clients and Memory: {held}." in child.write(view_of() | {"phases": view})


def test_throughput_by_load_is_drawn_with_its_table_or_says_what_it_needs() -> None:
    points = [{"at_once": n, "per_s": 90.0 * n} for n in (1, 2, 4)]
    fit = {"curve": [[1, 90, 80, 100], [8, 400, 300, 500]], "reach": 8, "explained": 0.999, "peak": 4, "peak_low": 3}
    fitted = {"target": "/api/<b>books</b>", "points": points, "fit": fit}
    short = {"target": "/a", "points": points, "fit": None, "needs": ["load tests at 6 different numbers of users"]}
    page = child.write(view_of(curves=[fitted, short, {"target": 7, "points": 3, "fit": {"curve": [1, None]}}]))
    assert "Throughput by load: /api/&lt;b&gt;books" in page
    assert "explains 99.9 % of the differences; nothing is said beyond 8 at the same time" in page
    assert "is not known: it needs load tests at 6 different numbers of users" in page


def test_without_a_breaking_point_the_section_says_what_it_needs() -> None:
    view = view_of(breaking_points=[])
    assert view["bottlenecks"]["conclusion"] == (
        "Not measured: needs CPU of the database host at its busiest minute."
    )  # fmt: skip
    assert view["bottlenecks"]["ladder"] == ""
    assert view["thresholds"] is None
    assert "×" not in str(view["readout"]["numbers"])


def test_the_table_says_at_what_size_it_breaks_and_on_what_that_rests() -> None:
    shown = view_of()["bottlenecks"]
    assert shown["table"].rows[1] == (
        "Postgres connections", "1.4 ×", "1.2 to 1.7 ×", "170,000 users", "in 2 to 7 months", "measured",
    )  # fmt: skip
    assert shown["basis"][0] == (
        "Postgres connections",
        "capacity: max_connections − reserved; load: busiest count of sessions. Taken to grow with load.",
    )


def when(title: str, low: float | None, high: float | None, said: str) -> dict[str, Any]:
    return {"title": title, "multiple": 2.0, "reached": {"months_low": low, "months_high": high, "words": said}}


@pytest.mark.parametrize(
    ("points", "conclusion", "order"),
    [
        ([when("Late", 9.0, 12.0, "in 9 to 12 months"), when("Soon", 2.0, None, "not before 2 months"),
          when("Full", 0.0, 0.0, "already reached")],
         "Already reached: Full. Next: Soon, not before 2 months.", ["Full", "Soon", "Late"]),
        ([when("Never", None, None, "not reached at this growth"), when("Late", 9.0, 12.0, "in 9 to 12 months")],
         "Next: Late, in 9 to 12 months.", ["Late", "Never"]),
        ([when("Never", None, None, "not reached at this growth")],
         "At today's growth none of them is reached.", ["Never"]),
    ],
)  # fmt: skip
def test_thresholds_stand_by_their_earliest_time(
    points: list[dict[str, Any]], conclusion: str, order: list[str]
) -> None:  # fmt: skip
    view = view_of(breaking_points=points)["thresholds"]
    assert view["conclusion"] == conclusion
    assert [row[0] for row in view["table"].rows] == order


def test_the_worst_verdict_opens_the_scenarios_and_each_has_a_row() -> None:
    view = view_of()["scenarios"]
    assert view["conclusion"] == "Target: complete failure. Postgres connections at 168 %."
    assert [row[2] for row in view["verdicts"].rows] == ["Survivable but stressed", "Complete failure", "Not known"]
    assert view["verdicts"].rows[2][3] == "Not measured: needs the peak of the launch day"
    assert view["better"].rows == (
        ("Target", "Postgres connections", "a higher limit: Connections that Postgres allows",
         "100 connections → 368 connections", "80 %"),
    )  # fmt: skip


def test_a_phase_says_where_we_are_and_which_triggers_nobody_measured() -> None:
    view = view_of()["phases"]
    assert view["conclusion"] == (
        "You are in Growth (100,000 to 500,000 monthly users); 1 trigger of it reached: Database connections in use."
    )
    assert view["phases"][1]["table"].rows == (
        ("Database connections in use", "96 % (measured)", "> 80 %", "Reached", "", "Put a pooler in front"),
    )
    assert view["phases"][1]["open"] == ["Cache hit rate (< 70 %)"]


def test_a_phase_says_what_runs_out_in_it_and_a_map_how_long_work_waits() -> None:
    phases = make_model()["capacity"]["phases"]
    phases[1] = phases[1] | {"runs_out": [{"said": "Pool, full at 1.4 times today's load"}]}
    said = "Mails looks for work every 60 s (stated): work waits 30 s on average, and 60 s at most, before it begins."
    view = view_of(phases=phases, polling=[{"said": said}])
    assert view["phases"]["phases"][1]["runs_out"] == ["Pool, full at 1.4 times today's load"]
    page = child.write(view)
    assert "Runs out in this phase: Pool, full at 1.4 times today&#x27;s load." in page
    assert said in page


def test_the_cover_says_what_each_part_of_the_stack_is_for() -> None:
    document = make_document(1)
    document["engagement"] |= {"parts": [{"name": "Postgres", "role": "database"}, {"name": "Ours", "role": ""}]}
    assert sections.build(document, make_brand())["meta"]["stack"] == ["Postgres (database)", "Ours"]


def test_the_report_says_who_changed_which_number() -> None:
    view = view_of()["model_inputs"]
    assert view["changed"].rows == (
        ("Peak over mean", "1.68 (measured)", "3", "R. Quist, 4 Mar 2026", "Sale days were left out of the log."),
    )
    assert view["conclusion"] == (
        "The model rests on 3 numbers: 1 measured and 2 stated. 1 of them was set by a consultant."
    )
    assert view["table"].rows[0] == ("Connections that Postgres allows", "100", "measured", "pg/settings.csv:7")
    assert view["table"].rows[1][1] == "0.2 s to 1.5 s"


def test_boxes_carry_the_risks_of_their_area_and_the_lowest_multiple() -> None:
    ranked = [{"area": "postgres", "severity": "high"}, {"area": "postgres", "severity": "low"}]
    boxes = {box["title"]: box for box in limits.boxes_of([{"component": "functions"}], POINTS, ranked)}
    assert list(boxes) == ["Functions", "Postgres", 'Queue "emails"', "Redis"]
    assert {title for title, box in boxes.items() if box["first"]} == {"Redis"}
    assert (boxes["Postgres"]["risks"], boxes["Postgres"]["high"], boxes["Postgres"]["multiple"]) == (2, 1, 1.42)
    assert [box["layer"] for box in boxes.values()] == ["app", "data", "async", "data"]


@pytest.mark.parametrize("tag", [TAGS[0], TAGS[6], TAGS[-1]])
def test_no_field_of_the_model_adds_an_element(tag: str) -> None:
    clean, payload = make_modelled(1), tag.format(url="http://attack.invalid/x")
    dirty = page_of(poisoned(clean, payload), make_brand())
    assert dirty.elements - page_of(clean, make_brand()).elements <= {("p", ()), ("br", ()), ("em", ())}
    assert not [a for a in dirty.addresses if a.startswith(("http://attack", "file:", "data:"))]
