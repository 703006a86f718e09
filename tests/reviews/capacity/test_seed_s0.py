"""The 500k MAU review (S0) from its own facts: it holds no measurement, so the review asks instead of claiming."""

import pytest

from tests.reviews.capacity.seeds import Row, document_of, named


@pytest.fixture(scope="module")
def review() -> Row:
    return document_of("s0")


def window(review: Row, name: str) -> list[str]:
    return [entry["title"] for entry in named(review["plan"], name, "name")["entries"]]


def test_s0_01_what_the_cover_says(review: Row) -> None:
    cover = review["engagement"]
    assert (cover["title"], cover["target_mau"]) == ("500k MAU Scaling Review", 500_000)
    assert cover["stack"] == ["nextjs", "vercel", "postgres", "redis"]


def test_s0_02_nothing_is_measured_and_nothing_is_claimed(review: Row) -> None:
    assert review["findings"] == review["clear"] == review["coverage"] == []
    assert {row["verdict"] for row in review["scenarios"]} == {"not known"}
    assert review["engagement"]["missing"][0] == "current_mau"


def test_s0_06_the_ranking_rule_is_printed(review: Row) -> None:
    assert [row["impact"] for row in review["method"]["matrix"]] == [5, 4, 3, 2, 1]
    assert {"revenue", "users", "probability"} <= set(review["method"]["policy"])


PARTS = ("connection-exhaustion", "missing-idempotency", "no-expiry", "function-timeout", "no-rollback")


@pytest.mark.parametrize("mechanism", PARTS, ids=["S0-07", "S0-08", "S0-09", "S0-10", "S0-11"])
def test_s0_07_to_11_each_part_of_the_risk_map_is_an_open_question(review: Row, mechanism: str) -> None:
    """The document calls two High and three Medium without a measurement; here each says what would answer it."""
    question = named(review["questions"], mechanism, "mechanism")
    assert question["status"] == "cannot tell"
    assert question["needs"]


def test_s0_13_day_1_maps(review: Row) -> None:
    assert window(review, "Day 1") == [
        "Map routes",
        "Map data stores",
        "Map background jobs",
        "Map third-party APIs",
        "Map top revenue flows",
    ]


def test_s0_14_day_2_installs_what_is_missing(review: Row) -> None:
    assert {
        "Watch Redis memory, evictions and hit rate",
        "Log slow queries, lock waits and temporary files",
        "Keep function logs with timeouts and cold starts",
    } <= set(window(review, "Day 2"))


def test_s0_15_day_3_ships_nothing_that_no_finding_asks_for(review: Row) -> None:
    assert window(review, "Day 3") == []


def test_s0_16_the_handoff(review: Row) -> None:
    assert window(review, "Handoff") == [
        "Hand over the backlog",
        "Hand over the rollback playbook",
        "Hand over the next capacity thresholds",
        "Hand over the ownership map",
    ]


def test_s0_18_route_level_metrics_are_a_ticket(review: Row) -> None:
    ticket = named(review["tickets"], "Add route-level rate, errors and duration")
    assert ticket["low_days"] < ticket["likely_days"] <= 1  # the document says one day
    assert [flow["name"] for flow in review["engagement"]["flows"]][:3] == ["signup", "login", "billing"]


def test_s0_23_24_25_nine_buyer_inputs(review: Row) -> None:
    states = {row["slug"]: (row["group"], row["state"]) for row in review["engagement"]["inputs"]}
    assert len(states) == 9
    assert {group for group, _ in states.values()} == {"Architecture", "Telemetry", "Operations"}
    assert states.pop("top-flows") == ("Architecture", "received")
    assert {state for _, state in states.values()} == {"missing"}
