"""The backend review (S2) from its own facts: the pool by Little's law, its remedy put back, cost against capacity."""

import pytest

from reviews.capacity.packs.alerts import alert_rules
from tests.reviews.capacity.seeds import Row, document_of, named, scenario, used


@pytest.fixture(scope="module")
def review() -> Row:
    return document_of("s2")


@pytest.fixture(scope="module")
def cost(review: Row) -> Row:
    found: Row = review["capacity"]["cost"]
    return found


def better(review: Row, name: str, change: str) -> Row:
    rows = [row for row in scenario(review, name)["better"] if row["title"] == "connection pool"]
    return named(rows, change, "change")


def test_s2_02_what_one_server_carries(review: Row) -> None:
    server = used(review, "target", "application server")
    assert (server["capacity"], server["load"], server["word"]) == (1_000, 10_000, "over its limit")


def test_s2_05_a_pool_of_10_starves(review: Row) -> None:
    pool = used(review, "today", "connection pool")
    assert (pool["load"], pool["capacity"], pool["word"]) == (100, 10, "over its limit")
    assert pool["formula"].startswith("rate of one × requests × hold time (Little's law)")
    assert scenario(review, "today")["verdict"] == "complete failure"


def test_s2_06_x1_a_pool_of_50_does_not_carry_the_load_it_is_recommended_for(review: Row) -> None:
    """50 connections carry 500 requests a second of 100 ms; more than 100 do, or queries of 50 ms (40 at 80 %)."""
    pool = used(review, "pool of 50", "connection pool")
    assert (pool["load"], pool["capacity"], pool["used_steady"]) == (100, 50, 2)
    assert scenario(review, "pool of 50")["verdict"] == "complete failure"
    size, hold = better(review, "pool of 50", "capacity"), better(review, "pool of 50", "hold time")
    assert (size["from"], size["carries"], size["to"], size["used_after"]) == (50, 100, 125, 0.8)
    assert size["most_per_s"] == pytest.approx(1000)  # put back: the load it is for, at 80 %
    assert (hold["carries"], hold["to"]) == pytest.approx((0.05, 0.04))


def test_s2_09_sharding_waits_for_10000_requests_a_second(review: Row) -> None:
    found = named(review["capacity"]["right_sizing"]["rows"], "sharding", "slug")
    assert found["criteria"][0]["limit"] == 10_000
    assert found["verdict"] in ("skip", "not yet", "not known")


def test_s2_14_work_that_is_looked_for_every_minute_waits(review: Row) -> None:
    (row,) = review["capacity"]["polling"]
    assert (row["interval"]["value"], row["mean_s"]["value"], row["longest_s"]["value"]) == (60, 30, 60)
    assert row["grade"] == "stated"


def test_s2_19_advanced_patterns_are_gated(review: Row) -> None:
    rows = review["capacity"]["right_sizing"]["rows"]
    limits = {slug: named(rows, slug, "slug") for slug in ("cqrs", "edge-computing", "graphql-federation")}
    assert all(row["verdict"] not in ("needed now", "in use") for row in limits.values())
    assert limits["cqrs"]["criteria"][0]["limit"] == 100_000


def test_s2_21_what_is_watched_and_what_is_missing(review: Row) -> None:
    titles = {ticket["title"] for ticket in review["tickets"] if ticket["kind"] == "visibility"}
    assert {"Log slow queries, lock waits and temporary files", "Add route-level rate, errors and duration"} <= titles


def test_s2_22_the_caches_hit_rate_against_its_target(review: Row) -> None:
    trigger = named(review["capacity"]["phases"][1]["triggers"], "redis.hit_share", "measure")
    assert (trigger["value"], trigger["limit"], trigger["status"]) == (0, 0.9, "reached")


def test_s2_23_alerts(review: Row) -> None:
    rows = [row for row in review["capacity"]["policy"]["thresholds"] if row["own"]]
    alerts = [(row["measure"], row["value"], row["minutes"]) for row in rows if row["minutes"]]
    assert alerts == [("http.error_share", 0.01, 5), ("http.p95_ms", 500, 5), ("postgres.pool_waiting", 10, 1)]
    assert "groups:" in alert_rules(review)


def test_s2_26_the_order_of_the_work(review: Row) -> None:
    """The statements and routes that everything else is judged by come first; nothing is promised for a later year."""
    roadmap = review["capacity"]["roadmap"]
    placed = {row["title"]: row["tickets"] for row in roadmap["windows"]}
    assert list(placed) == ["Weeks 1 and 2", "Month 1", "Quarter 1", "Later"]
    assert [row["title"] for row in placed["Weeks 1 and 2"]][:2] == [
        "Collect query statistics with pg_stat_statements",
        "Add route-level rate, errors and duration",
    ]
    assert {row["ticket"] for rows in placed.values() for row in rows} == {row["id"] for row in review["tickets"]}


def test_s2_27_what_the_scaled_set_up_costs(cost: Row) -> None:
    assert [(row["phase"], row["total"]["value"]) for row in cost["phases"]] == [("today", 150), ("scaled", 850)]
    parts = {row["component"]: row["monthly"]["value"] for row in cost["phases"][1]["components"]}
    assert parts == {
        "App servers": 250,
        "Database": 400,
        "Redis": 50,
        "Message queue": 30,
        "S3 + CDN": 100,
        "Load balancer": 20,
    }


def test_s2_28_x12_ten_times_the_capacity_does_not_follow(cost: Row) -> None:
    """850 over 150 is 5.67 (5.7, not 5.6), and five servers carry 5,000, not 10,000."""
    (factor,) = cost["factors"]
    assert (factor["cost"]["value"], factor["capacity"]["value"]) == (pytest.approx(5.667, abs=0.001), 5)
    assert factor["words"] == [
        "Cost grows 5.67 times, capacity 5 times: each unit of load gets dearer.",
        "The 10 times that are said do not follow from the parts: those give 5 times.",
    ]
    assert cost["phases"][1]["words"][0].startswith("5 × App servers at 1,000 each carry 5,000")


def target(review: Row, metric: str) -> Row:
    return named(review["capacity"]["targets"], metric, "metric")


def test_s2_24_where_it_stands_and_where_it_should(review: Row) -> None:
    rows = {metric: target(review, metric) for metric in ("http.rps_carried", "http.p95_ms", "redis.hit_share")}
    assert [(row["current"]["value"], row["target"]["value"]) for row in rows.values()] == [
        (1_000, 10_000),
        (200, 50),
        (0, 0.9),
    ]
    assert {row["status"] for row in rows.values()} == {"missed"}


def test_s2_30_x13_200_ms_to_20_or_50_is_4_to_10_times(review: Row) -> None:
    """The review says 5 to 10."""
    row = target(review, "http.p95_ms")
    assert (row["ratio"]["low"], row["ratio"]["high"]) == (4, 10)
    assert row["words"] == [
        "From 200 ms to 20 ms to 50 ms is 4 to 10 times.",
        "5 to 10 times are said: that does not follow from these numbers.",
    ]
