"""What was seen at work: percentiles that enough requests back, statements with their time, links that are said."""

from typing import Any

import pytest

from reviews.capacity.links import links_of
from reviews.capacity.seen import seen_of
from reviews.intake import Flow, Intake
from reviews.intake_capacity import CapacityIntake
from telemetry.evidence import Evidence, EvidenceSet, Place

FLOWS = (Flow("checkout", 0.5, 0.2, ("/api/checkout", "/api/cart"), ("orders",), ("emails",)),)


def row(kind: str, subject: str, attrs: dict[str, Any] | None = None, **metrics: float) -> Evidence:
    return Evidence(kind, subject, metrics, Place(7, "a secret line"), attrs=attrs or {}, file="a.log")


def seen(*rows: Evidence) -> dict[str, Any]:
    return seen_of(EvidenceSet(list(rows)), FLOWS)


def test_routes_stand_by_the_time_that_users_spend_in_them() -> None:
    found = seen(
        row("http.route", "/fast", requests=9_000, total_ms=9_000, p50_ms=1, p95_ms=2, p99_ms=4),
        row("http.route", "/api/checkout", requests=300, total_ms=90_000, p50_ms=200, p95_ms=900, p99_ms=2_000),
        row("http.route", "/wp-login.php", requests=400, status_4xx=400, total_ms=99_000, p95_ms=9, p50_ms=9),
        row("http.route", "/untimed", requests=400),
    )["routes"]
    assert found["from"] == "access log"
    assert [(one["route"], one["flow"], one["p95_ms"]) for one in found["rows"]] == [
        ("/api/checkout", "checkout", 900), ("/fast", "", 2),
    ]  # fmt: skip
    assert found["rows"][0]["evidence"] == {
        "file": "a.log", "line": 7, "metric": "p99_ms", "value": 2_000, "unit": "ms",
    }  # fmt: skip
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    ("requests", "names"),
    [(299, {"p50_ms", "p95_ms", "p99_ms"}), (298, {"p50_ms", "p95_ms"}), (59, {"p50_ms", "p95_ms"}),
     (58, {"p50_ms"}), (5, {"p50_ms"}), (4, set())],
)  # fmt: skip
def test_a_percentile_needs_enough_requests(requests: int, names: set[str]) -> None:
    found = seen(row("http.route", "/a", requests=requests, total_ms=10, p50_ms=1, p95_ms=2, p99_ms=3))["routes"]
    assert {name for one in found.get("rows", ()) for name in one if name.startswith("p")} == names


def test_traces_tell_times_where_no_log_does() -> None:
    found = seen(
        row("http.route", "/a", requests=900),
        row("trace.route", "/a", requests=900, total_ms=90, p50_ms=1, p95_ms=2, p99_ms=3),
    )["routes"]
    assert (found["from"], found["rows"][0]["p99_ms"]) == ("traces", 3)


@pytest.mark.parametrize(
    ("kind", "count", "said"),
    [
        ("pg.stat.statement.change", "calls", "between the two exports of the statistics"),
        ("pg.stat.statement", "calls", "since the statistics were last reset"),
        ("pg.log.statement", "count", "in the log, which may hold slow statements only"),
        ("trace.query", "calls", "in what was traced"),
    ],
)
def test_statements_share_all_time_of_their_source(kind: str, count: str, said: str) -> None:
    found = seen(
        row(kind, "b", {"query": "SELECT 1"}, total_ms=30, **{count: 3}),
        row(kind, "a", {"query": "SELECT 2"}, total_ms=60, **{count: 2}),
        row(kind, "other", {"query": "x"}, total_ms=10, **{count: 2}),
    )["statements"]
    assert (found["from"], found["total_ms"]) == (said, 100)
    assert [(one["name"], one["text"], one["calls"]) for one in found["rows"]] == [
        ("a", "SELECT 2", 2),
        ("b", "SELECT 1", 3),
    ]


@pytest.mark.parametrize(
    ("attrs", "label"),
    [
        ({"verb": "SELECT", "tables": ["orders"], "equality": ["o.customer_id", "status"], "ranges": ["o.customer_id"]},
         "select orders by customer_id, status"),
        ({"verb": "INSERT", "tables": ["a", "b"]}, "insert a, b"),
        ({"query": "VACUUM"}, "VACUUM"),
        ({}, "f1"),
    ],
)  # fmt: skip
def test_a_statement_is_named_by_what_it_asks_of_which_tables(attrs: dict[str, Any], label: str) -> None:
    found = seen(row("pg.stat.statement", "f1", attrs, total_ms=60, calls=2))["statements"]
    assert found["rows"][0]["label"] == label


def test_a_delta_goes_before_a_total_and_a_cache_is_no_database() -> None:
    found = seen(
        row("pg.stat.statement", "a", total_ms=60, calls=2),
        row("pg.stat.statement.change", "b", total_ms=5, calls=2),
    )["statements"]
    assert [one["name"] for one in found["rows"]] == ["b"]
    assert seen(row("trace.query", "redis GET", {"system": "redis"}, total_ms=60, calls=2))["statements"] == {}


def test_parts_of_a_request_are_added_up_by_flow() -> None:
    found = seen(
        row("trace.route", "/api/checkout", requests=10, total_ms=1_000, db_ms=600, external_ms=100),
        row("trace.route", "/api/cart", requests=30, total_ms=500, db_ms=200),
        row("trace.route", "/about", requests=5, total_ms=10, db_ms=0),
        row("trace.route", "/nothing-traced-below", requests=5, total_ms=9_000),
    )["flows"]
    assert found == [
        {"name": "checkout", "requests": 40, "total_ms": 1_500, "db_ms": 800, "external_ms": 100},
        {"name": "/about", "requests": 5, "total_ms": 10, "db_ms": 0},
    ]


def test_the_worst_of_a_queue_over_time_is_kept() -> None:
    found = seen(row("queue.counts", "emails", waiting=3, waiting_max=9), row("queue.counts", "b", waiting=1))
    assert found["queues"] == [{"name": "emails", "waiting_max": 9}]


def test_without_evidence_nothing_was_seen() -> None:
    assert seen() == {"routes": {}, "statements": {}, "flows": [], "queues": []}


def intake(**stated: Any) -> Intake:
    flows = stated.pop("flows", ())
    return Intake("A", "B", flows=flows, capacity=CapacityIntake(**stated))


# evidence, intake, links
LINKS = [
    ([], intake(), []),
    ([row("code.pool", "db.ts:pool", {"connects": "database"})], intake(), [["application", "postgres"]]),
    ([row("code.pool", "db.ts:cache", {"connects": "redis"})], intake(), [["application", "redis"]]),
    ([row("repo.setting", "DATABASE_URL", {"purpose": "database"})], intake(), [["application", "postgres"]]),
    ([row("repo.setting", "MONGO_URL", {"purpose": "database"})], intake(), []),
    ([], intake(numbers={"postgres.pool_size": 10.0}), [["application", "postgres"]]),
    ([row("pool.show", "shop/web")], intake(), [["application", "pooler"], ["pooler", "postgres"]]),
    ([row("queue.counts", "mail", {"system": "bullmq"})], intake(), [["queue mail", "redis"]]),
    ([row("queue.counts", "mail", {"system": "sqs"})], intake(), []),
    ([row("trace.external", "api.example", {"routes": ["/a"]})], intake(),
     [["application", "third party api.example"]]),
    ([row("code.use", "/a", {"run_as": "route", "queues": ["mail"]})], intake(), [["application", "queue mail"]]),
    ([row("code.use", "mail", {"run_as": "job", "tables": ["users"]})], intake(), [["queue mail", "postgres"]]),
    ([row("code.use", "a.ts:send", {"run_as": "job", "tables": ["users"]})], intake(), []),
    ([], intake(flows=FLOWS), [["application", "postgres"], ["application", "queue emails"]]),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "stated", "links"), LINKS)
def test_a_line_is_drawn_only_where_somebody_says_so(
    rows: list[Evidence], stated: Intake, links: list[list[str]]
) -> None:  # fmt: skip
    assert links_of(EvidenceSet(rows), stated) == links
