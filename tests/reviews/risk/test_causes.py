"""Cause and symptom: linked by mechanism and by the same resource, never in a circle."""

from graphlib import TopologicalSorter

import pytest

from reviews.intake import Flow
from reviews.risk.causes import CAUSES, Found, Scene, causes_of
from reviews.risk.timing import Timing, timing_of
from telemetry.evidence import EvidenceSet
from telemetry.mechanisms import MECHANISMS
from tests.reviews.risk.making import make_hit, make_row, make_rule

SCENE = Scene((Flow("account", 0.2, 0.3, ("/api/orders", "/api/account"), ("orders",), ("emails",)),), Timing({}, {}))


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
    assert causes_of([cause, symptom], SCENE) == ({1: (0,)} if linked else {})


def test_a_link_has_one_direction() -> None:
    slow = found("slow-route", ("route", "/api/account"))
    assert causes_of([slow, INDEX], SCENE) == {0: (1,)}


def test_only_a_heavy_statement_fills_a_pool() -> None:
    pool = found("pool-exhaustion", ("pool", "app"))
    for share, links in ((0.4, {1: (0,)}), (0.1, {})):
        query = found("missing-index", ("query", "Q"), row=make_row("pg.stat.statement", "Q", share=share))
        assert causes_of([query, pool], SCENE) == links


ROUTE = make_row("http.route", "/api/account", requests=200.0, total_ms=50_000.0, status_5xx=20.0)


@pytest.mark.parametrize(
    ("mechanism", "calls", "total_ms", "linked"),
    [
        ("missing-index", 200.0, 40_000.0, True),  # one call in each request, most of its time
        ("missing-index", 100.0, 10_000.0, True),  # a fifth of the time
        ("missing-index", 100.0, 9_900.0, False),  # less than a fifth of the time, were it all spent here
        ("missing-index", 9_000.0, 400_000.0, False),  # 44 ms each: most of them run elsewhere, one is a sixth of 250
        ("n-plus-one", 9_000.0, 40_000.0, True),  # short by nature, many for each request
        ("n-plus-one", 9_000.0, 400.0, False),
    ],
)
def test_a_statement_explains_a_route_only_by_a_relevant_part_of_its_time(
    mechanism: str, calls: float, total_ms: float, linked: bool
) -> None:
    row = make_row("pg.stat.statement", "f00d", calls=calls, total_ms=total_ms)
    cause = found(mechanism, ("query", "SELECT orders"), row=row, tables=("orders",))
    slow = found("slow-route", ("route", "/api/account"), row=ROUTE)
    scene = Scene(SCENE.flows, timing_of(EvidenceSet([row, ROUTE])))
    assert causes_of([cause, slow], scene) == ({1: (0,)} if linked else {})


@pytest.mark.parametrize(("deadlocks", "linked"), [(4.0, True), (3.0, False)])
def test_deadlocks_explain_errors_only_when_there_are_enough(deadlocks: float, linked: bool) -> None:
    row = make_row("pg.log.deadlock", "orders", count=deadlocks)
    cause = found("deadlock", ("table", "orders"), row=row)
    errors = found("error-burst", ("route", "/api/account"), row=ROUTE)
    scene = Scene(SCENE.flows, timing_of(EvidenceSet([row, ROUTE])))
    assert causes_of([cause, errors], scene) == ({1: (0,)} if linked else {})


def test_findings_that_cite_statements_meet_only_in_the_same_one() -> None:
    def of(mechanism: str, fingerprint: str) -> Found:
        row = make_row("pg.stat.statement", fingerprint, calls=1.0, total_ms=1.0)
        return found(mechanism, ("query", f"{mechanism} {fingerprint}"), row=row, tables=("orders",))

    assert causes_of([of("missing-index", "a"), of("slow-query", "a")], SCENE) == {1: (0,)}
    assert causes_of([of("missing-index", "a"), of("slow-query", "b")], SCENE) == {}
