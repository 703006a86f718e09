"""Cause and symptom: linked by mechanism and by the same resource, never in a circle."""

from graphlib import TopologicalSorter

import pytest

from reviews.intake import Flow
from reviews.risk.causes import CAUSES, Found, causes_of
from telemetry.mechanisms import MECHANISMS
from tests.reviews.risk.making import make_hit, make_row, make_rule

FLOWS = (Flow("account", 0.2, 0.3, ("/api/orders", "/api/account"), ("orders",), ("emails",)),)


def found(mechanism: str, subject: tuple[str, str], **changes: object) -> Found:
    return Found(make_rule(mechanism=mechanism), make_hit(subject, **changes))


def test_the_table_has_no_circle_and_only_known_words() -> None:
    graph: dict[str, set[str]] = {}
    for cause, symptom in CAUSES:
        graph.setdefault(symptom, set()).add(cause)
    assert list(TopologicalSorter(graph).static_order())
    assert {name for pair in CAUSES for name in pair} <= set(MECHANISMS)


INDEX = found("missing-index", ("table", "orders(customer_id)"), tables=("orders",))
LOCK = found("lock-contention", ("table", "counters"))


@pytest.mark.parametrize(
    ("cause", "symptom", "linked"),
    [
        (INDEX, found("slow-query", ("query", "SELECT 1"), tables=("orders",)), True),
        (INDEX, found("slow-query", ("query", "SELECT 1"), tables=("books",)), False),
        (INDEX, found("slow-route", ("route", "/api/account")), True),
        (INDEX, found("slow-route", ("route", "/api/search")), False),
        (INDEX, found("slow-route", ("route", "/internal/orders/list")), True),
        (LOCK, found("slow-route", ("route", "/api/account")), False),
        (found("n-plus-one", ("query", "Q")), found("slow-query", ("query", "Q")), True),
        (found("cold-starts", ("route", "/a")), found("slow-route", ("route", "/a")), True),
        (found("cold-starts", ("route", "/a")), found("slow-route", ("route", "/b")), False),
        (found("failing-jobs", ("queue", "a")), found("backlog", ("queue", "a")), True),
        (found("failing-jobs", ("queue", "a")), found("backlog", ("queue", "b")), False),
        (found("connection-exhaustion", ("server", "pg"), shared=True), found("error-burst", ("route", "/a")), True),
        (found("no-expiry", ("server", "redis")), found("writes-rejected", ("server", "redis")), True),
    ],
)
def test_a_link_needs_the_same_resource(cause: Found, symptom: Found, linked: bool) -> None:
    assert causes_of([cause, symptom], FLOWS) == ({1: (0,)} if linked else {})


def test_a_link_has_one_direction() -> None:
    slow = found("slow-route", ("route", "/api/account"))
    assert causes_of([slow, INDEX], FLOWS) == {0: (1,)}


def test_only_a_heavy_statement_fills_a_pool() -> None:
    pool = found("pool-exhaustion", ("pool", "app"))
    for share, links in ((0.4, {1: (0,)}), (0.1, {})):
        query = found("missing-index", ("query", "Q"), row=make_row("pg.stat.statement", "Q", share=share))
        assert causes_of([query, pool], FLOWS) == links
