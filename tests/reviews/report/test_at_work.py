"""Pictures of what was seen at work, in the section where their claim is made; none where nothing was measured."""

from __future__ import annotations

from typing import Any

import pytest

from reviews.report import child, sections
from reviews.report.at_work import at_work, latency
from reviews.report.growing import growth_pictures
from reviews.report.limits import joined, with_application
from reviews.report.rests import rests_view
from tests.reviews.report.document import make_brand, make_document
from tests.reviews.report.model import make_model
from tests.reviews.report.pictures.drawing import of_class

ACCENT = "#0b5d66"
SEEN: dict[str, Any] = {
    "routes": {"from": "access log", "rows": [
        {"route": "/quick", "requests": 9_000, "p50_ms": 3.0, "p95_ms": 20.0, "p99_ms": 60.0},
        {"route": "/api/checkout", "requests": 300, "p50_ms": 200.0, "p95_ms": 900.0},
    ]},
    "statements": {"from": "since the statistics were last reset", "total_ms": 1_000_000.0, "rows": [
        {"name": "f1", "text": "SELECT * FROM orders WHERE id = $1", "calls": 1000.0, "total_ms": 700_000.0},
        {"name": "f2", "text": "UPDATE counters SET n = n + $1", "calls": 10.0, "total_ms": 150_000.0},
    ]},
    "flows": [{"name": "checkout", "requests": 40.0, "total_ms": 1_500.0, "db_ms": 800.0, "external_ms": 100.0}],
    "queues": [{"name": "emails", "waiting_max": 900.0}],
}  # fmt: skip


def number(key: str, value: float, grade: str = "measured") -> dict[str, Any]:
    return {"key": key, "title": key, "value": value, "low": value, "high": value, "unit": "1", "grade": grade}


QUEUE = [
    number("queue.emails.waiting", 360), number("queue.emails.in_per_s", 3.0, "stated"),
    number("queue.emails.slots", 1, "assumed"), number("queue.emails.run_s", 2.0),
]  # fmt: skip
FINDINGS = [{"number": 4, "cited": ["f1", "f9"]}, {"number": 7, "cited": ["f1"]}]


def test_statements_name_the_findings_that_cite_them() -> None:
    part = at_work({"seen": SEEN}, FINDINGS, ACCENT)[0]
    assert part["picture"].message == "2 statements take 85 % of the database's time"
    assert part["table"].head[-1] == "Finding"
    assert part["table"].rows == (
        ("SELECT * FROM orders WHERE id = $1", "1,000", "700 ms", "70 %", "4, 7"),
        ("UPDATE counters SET n = n + $1", "10", "15 s", "15 %", ""),
    )
    assert "11.7 min" in part["picture"]
    assert at_work({"seen": SEEN})[0]["table"].head == ("Statement", "Calls", "Mean", "Share")


def test_one_statement_alone_is_no_ranking() -> None:
    alone = SEEN["statements"] | {"rows": SEEN["statements"]["rows"][:1]}
    assert at_work({"seen": {"statements": alone}}) == []


def test_parts_of_a_request_are_means_and_the_rest_is_what_is_left() -> None:
    part = at_work({"seen": SEEN})[1]
    assert part["table"].rows == (("checkout", "20 ms", "2.5 ms", "15 ms", "37.5 ms", "40"),)


def test_calls_side_by_side_leave_no_rest_below_zero() -> None:
    flow = {"name": "a", "requests": 1.0, "total_ms": 10.0, "db_ms": 8.0, "external_ms": 8.0}
    assert at_work({"seen": {"flows": [flow]}})[0]["table"].rows[0][3] == "0"


OVER = {"queue": "emails", "grows_per_s": 2.5, "drain_s": None}
SOON = {"queue": "emails", "grows_per_s": None, "drain_s": {"value": 3600.0, "low": 1800.0, "high": None}}


@pytest.mark.parametrize(
    ("inputs", "backlogs", "row"),
    [
        (QUEUE, [OVER], ("emails", "360 (most 900)", "not measured", "3", "0.5", "assumed",
                         "grows by 9,000 jobs an hour, never gone")),
        ([QUEUE[0], number("queue.emails.in_per_s", 0.4), *QUEUE[2:]], [SOON],
         ("emails", "360 (most 900)", "not measured", "0.4", "0.5", "assumed", "gone in 60 min")),
        ([number("queue.emails.in_per_s", 2), number("queue.emails.out_per_s", 1.9)], [],
         ("emails", "most 900", "not measured", "2", "1.9", "measured", "not measured")),
        ([number("queue.emails.waiting", 0)], [],
         ("emails", "0 (most 900)", "not measured", "not measured", "not measured", "", "nothing waits")),
    ],
)  # fmt: skip
def test_a_queue_shows_what_the_model_says_of_its_backlog(
    inputs: list[dict[str, Any]], backlogs: list[dict[str, Any]], row: tuple[str, ...]
) -> None:
    model = {"seen": {"queues": SEEN["queues"]}, "inputs": inputs, "backlogs": backlogs}
    assert at_work(model)[0]["table"].rows == (row,)


def test_what_the_slots_carry_counts_all_tries_of_a_job() -> None:
    once, tried = (at_work({"inputs": QUEUE, "repeats": rows})[0] for rows in ([], [{"queue": "emails", "tries": 2.5}]))
    assert (once["table"].rows[0][4], tried["table"].rows[0][4]) == ("0.5", "0.2")
    assert "tries" not in once["note"]
    assert tried["note"].endswith("what can be done is slots ÷ time of a job, with all its tries where they are known.")


@pytest.mark.parametrize("run", [1e-320, 0.0])
def test_slots_held_for_next_to_nothing_carry_what_nobody_can_say(run: float) -> None:
    inputs = [*QUEUE[:3], number("queue.emails.run_s", run)]
    assert at_work({"inputs": inputs})[0]["table"].rows[0][4] == "not measured"


@pytest.mark.parametrize("value", [-1.0, 1e300, None, "x", True])
def test_a_number_that_makes_no_sense_is_not_measured(value: Any) -> None:
    inputs = [
        number("queue.emails.waiting", 5),
        number("queue.emails.slots", 2),
        number("queue.emails.in_per_s", value),
    ]
    part = at_work({"inputs": [*inputs, number("queue.emails.run_s", 1.0)]})[0]
    assert part["table"].rows[0][3] == "not measured"


def test_routes_are_held_against_the_strictest_target() -> None:
    goals = [{"metric": "http.p95_ms", "target": {"value": value}} for value in (800.0, 500.0)]
    part = latency({"seen": SEEN, "targets": goals}, ACCENT)
    assert part is not None
    assert part["picture"].message == "1 route over budget; /api/checkout most, at 1.8 × its budget"
    assert [row[0] for row in part["table"].rows] == ["/api/checkout", "/quick"]
    assert part["table"].rows[0] == ("/api/checkout", "200 ms", "900 ms", "not measured", "500 ms", "300")
    assert latency({}, ACCENT) is None


def growing(**changes: Any) -> dict[str, Any]:
    point = {
        "resource": "postgres.pool", "title": "Connection pool", "driver": "driver.users", "multiple": 1.5,
        "at_value": 180_000.0, "reached": {"months_low": 4.0, "months_high": 6.0, "from": "2026-05-01",
                                           "to": "2026-06-30", "words": "in 4 to 6 months"},
    }  # fmt: skip
    return {
        "as_of": "2026-01-01",
        "inputs": [number("driver.users", 120_000), number("driver.users.growth", 0.08)],
        "breaking_points": [point | changes],
    }


def test_the_line_meets_the_threshold_when_the_formula_says() -> None:
    """ln 1.5 / ln 1.08 = 5.27 months, between the two ends."""
    (picture,) = growth_pictures(growing(), ACCENT)
    assert picture.message == "driver.users: Connection pool reached in 4 to 6 months"
    band, limit = of_class(picture, "eta")[0], of_class(picture, "limit", "line")[0]
    line = of_class(picture, "faint", "path")[0].get("d", "").replace("M", "").split(" L")
    crossing = next(x for x, y in (map(float, step.split()) for step in line) if y <= float(limit.get("y1", 0)))
    left = float(band.get("x", 0))
    assert left < crossing < left + float(band.get("width", 0))


@pytest.mark.parametrize(
    "changes",
    [
        {"multiple": 0.9},
        {"reached": {"months_low": 4.0, "months_high": None, "from": "2026-05-01", "to": None, "words": "later"}},
        {"reached": None},
        {"at_value": None},
    ],
)
def test_what_has_no_dated_range_is_not_drawn(changes: dict[str, Any]) -> None:
    assert growth_pictures(growing(**changes), ACCENT) == []


@pytest.mark.parametrize("missing", ["as_of", "inputs", "breaking_points"])
def test_without_a_day_or_a_growth_there_is_no_line(missing: str) -> None:
    assert growth_pictures(growing() | {missing: None}, ACCENT) == []


def test_what_piles_up_has_a_line_of_its_own() -> None:
    model = growing(resource="table:orders", title="Rows of orders", at_value=None)
    part = {"id": "table:orders", "title": "Rows of orders", "grows": True, "fixed": 4e6, "unit": "1",
            "capacity": {"value": 5e6}, "per_day": {"value": 7_000.0, "low": 7_000.0, "high": 7_000.0}}  # fmt: skip
    (picture,) = growth_pictures(model | {"resources": [part]}, ACCENT)
    assert "Rows of orders, 5,000,000" in picture


def test_a_section_rests_on_its_worst_number_and_says_how_many_it_lacks() -> None:
    model = {
        "inputs": [number("postgres.max_connections", 60, "stated"), number("postgres.connections", 6),
                   number("http.rps_mean", 3)],
        "breaking_points": [{"uses": ["postgres.max_connections", "postgres.connections"]}],
        "unknown": [{"keys": ["postgres.connections_peak", "redis.maxmemory"]}],
        "phases": {"phases": [{"triggers": [{"uses": ["http.rps_mean"]}]}]},
    }  # fmt: skip
    part = rests_view(model, ACCENT)
    assert part is not None
    assert part["table"].head == ("Input", "Limits", "Phases")
    found = {row[0]: row[1:] for row in part["table"].rows}
    assert sorted(found.values()) == [("", "measured"), ("missing", ""), ("stated", "")]
    assert [name for name in found if name.endswith("2 of 3 known")]
    assert rests_view({}, ACCENT) is None


def test_the_application_has_a_box_where_a_line_begins_at_it() -> None:
    boxes = [{"id": "postgres"}, {"id": "redis"}]
    links = [("application", "postgres"), ("queue x", "redis")]
    assert [box["id"] for box in with_application(boxes, links)] == ["application", "postgres", "redis"]
    assert with_application(boxes, links[1:]) == boxes
    functions = [*boxes, {"id": "functions"}]
    assert with_application(functions, links) == functions
    assert joined(functions, links)[0] == ("functions", "postgres")
    assert joined(boxes, links)[0] == ("application", "postgres")


def test_each_picture_stands_in_its_section() -> None:
    model = make_model()
    model["capacity"] |= {"seen": SEEN, "targets": [{"metric": "http.p95_ms", "title": "p95", "status": "missed",
                                                     "current": {"value": 900.0, "unit": "ms"}}]}  # fmt: skip
    page = child.write(sections.build(make_document(2) | model, make_brand()))
    places = [page.index(f'id="{name}"') for name in
              ("bottlenecks", "statements-title", "flows-title", "scenarios", "targets", "latency-title")]  # fmt: skip
    assert places == sorted(places)


STRANGE = [
    None, [], "x", {"routes": "x", "statements": [], "flows": 3, "queues": None},
    {"statements": {"rows": [{}], "total_ms": 0}, "flows": [{}], "routes": {"rows": [{}]}},
]  # fmt: skip


@pytest.mark.parametrize("seen", STRANGE)
def test_what_was_seen_in_another_shape_does_no_harm(seen: Any) -> None:
    assert at_work({"seen": seen}) == []
    assert latency({"seen": seen}, ACCENT) is None
