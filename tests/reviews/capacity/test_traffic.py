"""Routes, their mix and the systems: measured before stated, scanners left out, reads and writes apart."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.capacity.systems import systems_of
from reviews.capacity.traffic import MOST_ROUTES, traffic_of
from reviews.intake import Flow
from telemetry.evidence import Evidence, EvidenceSet, Place

FLOWS = (Flow("checkout", 0.5, 0.2, ("/api/checkout",)), Flow("browse", 0.5, 0.6, ("/", "/books/:id")))


def row(kind: str, subject: str, attrs: dict[str, Any] | None = None, **metrics: float) -> Evidence:
    return Evidence(kind, subject, metrics, Place(1, "a secret line"), attrs=attrs or {}, file="access.log")


def mix(traffic: dict[str, Any]) -> list[tuple[str, str, float, str]]:
    return [(one["route"], one["method"], round(one["share"], 4), one["flow"]) for one in traffic["routes"]]


def test_the_mix_is_measured_with_reads_and_writes_apart() -> None:
    traffic = traffic_of(
        EvidenceSet([
            row("http.route", "/books/[id]", {"methods": ["GET", "POST"]}, requests=60, post_requests=10, p95_ms=20),
            row("http.route", "/api/checkout", {"methods": ["POST"]}, requests=30),
            row("http.route", "/wp-login.php", {"methods": ["GET"]}, requests=10, status_4xx=10),
            row("http.route", "/old", {"methods": ["GET"], "inventory": False}, requests=10),
            row("http.route", "other", requests=20),
        ]),
        FLOWS,
    )  # fmt: skip
    assert mix(traffic) == [
        ("/books/[id]", "GET", 0.5556, "browse"),
        ("/api/checkout", "POST", 0.3333, "checkout"),
        ("/books/[id]", "POST", 0.1111, "browse"),
    ]
    assert traffic["grade"] == "measured"
    assert traffic["covered"] == pytest.approx(90 / 130)
    assert traffic["routes"][0]["p95_ms"] == 20
    assert "a secret line" not in str(traffic)


def test_a_function_log_says_what_is_read() -> None:
    traffic = traffic_of(EvidenceSet([row("function.route", "/a", requests=10, get_requests=7)]))
    assert mix(traffic) == [("/a", "GET", 0.7, ""), ("/a", "", 0.3, "")]


# flows, grade, mix
STATED = [
    (
        FLOWS, "stated",
        [("/api/checkout", "", 0.25, "checkout"), ("/", "", 0.375, "browse"), ("/books/:id", "", 0.375, "browse")],
    ),
    ((Flow("a", routes=("/a", "/b")),), "assumed", [("/a", "", 0.5, "a"), ("/b", "", 0.5, "a")]),
    ((Flow("a", 1.0, 1.0),), "assumed", []),
    ((), "assumed", []),
]  # fmt: skip


@pytest.mark.parametrize(("flows", "grade", "expected"), STATED)
def test_without_a_log_the_flows_say_it(flows: tuple[Flow, ...], grade: str, expected: list[Any]) -> None:
    traffic = traffic_of(EvidenceSet([]), flows)
    assert (traffic["grade"], mix(traffic)) == (grade, expected)
    assert traffic["needs"]


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=9), st.integers(1, 10_000), st.integers(0, 10_000)), max_size=40)
)
def test_shares_add_up_whatever_was_logged(routes: list[tuple[str, int, int]]) -> None:
    rows = [
        row("http.route", f"/{name}", {"methods": ["GET", "POST"]}, requests=requests, post_requests=posts)
        for name, requests, posts in routes
    ]
    traffic = traffic_of(EvidenceSet(rows))
    assert len(traffic["routes"]) <= MOST_ROUTES
    assert sum(one["share"] for one in traffic["routes"]) == pytest.approx(1 if traffic["routes"] else 0)
    assert traffic["covered"] is None or 0 <= traffic["covered"] <= 1


def test_systems_come_from_exports_and_from_the_stack() -> None:
    rows = [
        row("pg.replica", "standby", lag_bytes=1),
        row("queue.counts", "emails", {"system": "bullmq"}, waiting=1),
        row("queue.counts", "emails", {"system": "bullmq"}, waiting=2),
        row("queue.counts", "emails-dead", {"system": "bullmq", "dead_letter": True}, waiting=1),
    ]
    found = systems_of(EvidenceSet(rows), ("Redis",))
    assert found["names"] == ["http", "postgres", "replication", "redis"]
    assert found["queues"] == [{"name": "emails", "system": "bullmq"}]
    assert systems_of(EvidenceSet([])) == {"names": ["http"], "queues": []}
