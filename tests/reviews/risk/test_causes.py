"""Cause and symptom: linked by mechanism and by the same resource, never in a circle."""

from graphlib import TopologicalSorter

import pytest

from reviews.intake import Flow
from reviews.risk.cause_table import TABLE
from reviews.risk.causes import CAUSES, Found, Scene
from reviews.risk.causes import causes_of as links_of
from reviews.risk.joins import joins_of
from reviews.risk.timing import Timing, timing_of
from telemetry.evidence import Evidence, EvidenceSet, Place
from telemetry.mechanisms import MECHANISMS
from tests.reviews.risk.making import make_hit, make_row, make_rule

SCENE = Scene((Flow("account", 0.2, 0.3, ("/api/orders", "/api/account"), ("orders",), ("emails",)),), Timing({}, {}))


def causes_of(found: list[Found], scene: Scene) -> dict[int, tuple[int, ...]]:
    """The links without their reasons."""
    return {below: tuple(sorted(above)) for below, above in links_of(found, scene).items()}


def found(mechanism: str, subject: tuple[str, str], **changes: object) -> Found:
    return Found(make_rule(mechanism=mechanism), make_hit(subject, **changes))


def test_the_table_has_no_circle_and_only_known_words() -> None:
    graph: dict[str, set[str]] = {}
    for cause, symptom in CAUSES:
        graph.setdefault(symptom, set()).add(cause)
    assert list(TopologicalSorter(graph).static_order())
    assert {name for pair in CAUSES for name in pair} <= set(MECHANISMS)


def test_no_pair_stands_twice_and_every_reason_reads_after_because() -> None:
    pairs = [(cause, symptom) for row in TABLE for cause in row.causes for symptom in row.symptoms]
    assert len(pairs) == len(set(pairs)) == len(CAUSES)
    assert all(row.reason[0].islower() and not row.reason.endswith(".") for row in TABLE)


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
        (
            found("missing-timeouts", ("server", "postgres")),
            found("connection-exhaustion", ("server", "postgres")),
            True,
        ),
        (
            found("missing-timeouts", ("server", "postgres"), degradation=0.1),
            found("connection-exhaustion", ("server", "postgres")),
            False,
        ),
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


REDIS = ("server", "redis")
PG = ("server", "postgres")


@pytest.mark.parametrize(
    ("cause", "symptom", "linked"),
    [
        # memory of Redis, down to the jobs
        (found("no-expiry", REDIS), found("memory-growth", REDIS), True),
        (found("memory-growth", REDIS), found("writes-rejected", REDIS), True),
        (found("memory-growth", ("server", "redis (a)")), found("writes-rejected", ("server", "redis (b)")), False),
        (found("unbounded-retention", ("queue", "mails")), found("eviction-of-durable-keys", REDIS), True),
        (found("eviction-of-durable-keys", REDIS), found("failing-jobs", ("queue", "mails")), False),
        # locks and pools
        (found("long-transaction", ("application", "web")), found("table-bloat", ("table", "orders")), True),
        (found("ddl-lock", ("table", "orders")), found("lock-contention", ("table", "orders")), True),
        (found("ddl-lock", ("table", "orders")), found("lock-contention", ("table", "books")), False),
        (
            found(
                "long-transaction", ("application", "sync"), row=make_row("pg.activity", "server", waiting_for_lock=9.0)
            ),
            found("lock-contention", ("table", "books")),
            True,
        ),
        (found("long-transaction", ("application", "sync")), found("lock-contention", ("table", "books")), False),
        (found("lock-contention", ("table", "books"), shared=True), found("slow-route", ("route", "/a")), True),
        (found("lock-contention", ("table", "books")), found("slow-route", ("route", "/a")), False),
        (found("pool-exhaustion", ("pool", "app"), shared=True), found("error-burst", ("route", "/a")), True),
        (found("pool-exhaustion", ("pool", "app")), found("error-burst", ("route", "/a")), False),
        # settings decide only what they are about
        (found("misconfiguration", ("setting", "max_wal_size")), found("checkpoint-pressure", PG), True),
        (found("misconfiguration", ("setting", "random_page_cost")), found("checkpoint-pressure", PG), False),
        # queues
        (found("no-dead-letter", ("queue", "mails")), found("retry-storm", ("queue", "mails")), True),
        (found("retry-storm", ("queue", "mails")), found("backlog", ("queue", "mails")), True),
        (found("retry-storm", ("task", "send")), found("backlog", ("queue", "mails")), False),
        # machines
        (found("cpu-saturation", ("host", "a"), shared=True), found("slow-route", ("route", "/a")), True),
        (found("cpu-saturation", ("host", "a")), found("slow-route", ("route", "/a")), False),
        (found("missing-gates", ("pipeline", "web")), found("failed-deploys", ("pipeline", "web")), True),
        (found("missing-gates", ("pipeline", "web")), found("failed-deploys", ("pipeline", "docs")), False),
    ],
)
def test_the_evidence_has_to_meet(cause: Found, symptom: Found, linked: bool) -> None:
    assert causes_of([cause, symptom], SCENE) == ({1: (0,)} if linked else {})


def test_a_third_party_slows_the_routes_whose_code_calls_it() -> None:
    use = Evidence(
        "code.use", "/api/pay", {"calls": 1.0}, Place(1, "pay"), attrs={"run_as": "route", "hosts": ["bank"]}
    )
    host, pay = found("slow-dependency", ("external host", "bank")), found("slow-route", ("route", "/api/pay"))
    joined = Scene(SCENE.flows, SCENE.timing, joins_of(EvidenceSet([use])))
    assert causes_of([host, pay], joined) == {1: (0,)}
    assert causes_of([host, pay], SCENE) == {}
    assert causes_of([host, found("slow-route", ("route", "/api/read"))], joined) == {}


def test_a_call_without_a_limit_in_the_code_slows_nothing_by_itself() -> None:
    calls = make_row("code.check", "call_without_timeout", hits=2.0, places=5.0)
    code = Found(
        make_rule(mechanism="slow-dependency"), make_hit(("external host", "any"), calls, routes=("/api/pay",))
    )
    assert causes_of([code, found("slow-route", ("route", "/api/pay"))], SCENE) == {}


def test_jobs_are_lost_in_redis_when_the_queue_says_so() -> None:
    said = Evidence("queue.counts", "mails", {"failed": 9.0}, Place(3, "Error: Missing key for job 17. moveToFinished"))
    failing = found("failing-jobs", ("queue", "mails"), row=said)
    assert causes_of([found("eviction-of-durable-keys", REDIS), failing], SCENE) == {1: (0,)}


def deploys(*times: str) -> Found:
    row = Evidence("ops.deployment", "web", {"failed": 5.0}, Place(1, "web"), attrs={"times": list(times)})
    return found("failed-deploys", ("pipeline", "web"), row=row)


EVERY_FIVE = [f"2026-03-01T{hour:02}:{minute:02}:00+00:00" for hour in range(24) for minute in range(0, 60, 5)]


@pytest.mark.parametrize(
    ("times", "linked"),
    [
        (["2026-03-01T11:55:00+00:00", "2026-03-03T08:00:00+00:00"], True),
        (["2026-03-01T12:55:00+01:00"], True),  # the same moment in another zone
        (["2026-03-01T11:49:00+00:00"], False),  # eleven minutes before
        (["2026-03-01T12:01:00+00:00"], False),  # after it
        (["2026-03-01T11:55:00"], False),  # no zone: it may be any hour
        (EVERY_FIVE, False),  # every moment lies shortly after a deployment
    ],
)
def test_errors_follow_a_deployment_only_shortly_after_it(times: list[str], linked: bool) -> None:
    quote = '10.0.0.x - - [01/Mar/2026:12:00:00 +0000] "GET /api/pay HTTP/1.1" 500 12'
    errors = Evidence("http.route", "/api/pay", {"status_5xx": 30.0}, Place(7, quote))
    burst = found("error-burst", ("route", "/api/pay"), row=errors)
    assert causes_of([deploys(*times), burst], SCENE) == ({1: (0,)} if linked else {})


@pytest.mark.parametrize(
    ("schedule", "clock", "linked"),
    [
        ("0 * * * *", "14:01:30", True),
        ("0,30 * * * *", "02:31:00 PM", True),
        ("0 * * * *", "14:20:00", False),
        ("* * * * *", "14:01:00", False),  # each minute: every peak comes when it starts
        ("0 * * * *", "", False),
    ],
)
def test_a_peak_is_a_schedules_only_when_it_comes_with_its_start(schedule: str, clock: str, linked: bool) -> None:
    cron = Evidence("platform.cron", "/api/sync", {"runs_per_hour": 1.0}, Place(1, "c"), attrs={"schedule": schedule})
    cpu = Evidence("host.cpu", "web-1", {"busy_max": 0.99}, Place(1, "cpu"), attrs={"peak_clock": clock})
    pair = [
        found("overlapping-schedule", ("schedule", "/api/sync"), row=cron),
        found("cpu-saturation", ("host", "web-1"), row=cpu),
    ]
    assert causes_of(pair, SCENE) == ({1: (0,)} if linked else {})


def test_looking_up_by_name_finds_what_comparing_all_pairs_finds() -> None:
    subjects = [("table", "orders"), ("query", "Q"), ("route", "/api/orders"), ("queue", "emails"), REDIS]
    every = [
        found(mechanism, subject, tables=tables, shared=shared)
        for mechanism in sorted({name for pair in CAUSES for name in pair})
        for subject in subjects
        for tables, shared in (((), False), (("orders",), False), ((), True))
    ]
    pairs = {
        (above, below)
        for (cause, symptom), row in CAUSES.items()
        for above, one in enumerate(every)
        if one.rule.mechanism == cause
        for below, other in enumerate(every)
        if other.rule.mechanism == symptom and row.meets(one, other, SCENE)
    }
    links = links_of(every, SCENE)
    assert {(above, below) for below, found_above in links.items() for above in found_above} == pairs
    assert len(pairs) > 500
