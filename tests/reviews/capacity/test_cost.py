"""Cost by component, phase, user and action: the seeds' tables, what does not fit together, and what nobody knows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.capacity.cost import cost_of, with_cost
from reviews.capacity.costs.areas import area_of
from reviews.intake_capacity import Price
from reviews.risk.matrix import Grade
from tests.reviews.capacity.costs.making import BACKEND_SHEET, GROWTH_SHEET, inputs

# METHOD O20: totals and cost for each user of the first seed's table
O20 = [("today", 900, 0.90), ("Phase 2", 4_800, 0.48), ("Phase 3", 17_000, 0.34), ("Phase 4", 32_000, 0.32)]


@pytest.mark.parametrize(("phase", "total", "per_user"), O20)
def test_cost_by_phase_and_user(phase: str, total: float, per_user: float) -> None:
    (row,) = [row for row in cost_of(inputs({}), GROWTH_SHEET)["phases"] if row["phase"] == phase]
    assert row["total"]["value"] == total
    assert row["per_user"]["value"] == pytest.approx(per_user)
    assert row["per_user"]["grade"] == "stated"


def test_cost_grows_slower_than_use_through_the_phases() -> None:
    words = [row["words"] for row in cost_of(inputs({}), GROWTH_SHEET)["factors"]]
    assert words[-1] == ["Cost grows 35.6 times, users 100 times: cost grows slower than use."]


def test_cost_and_capacity_are_checked_against_each_other() -> None:
    """X12: 850 / 150 is 5.67, not 5.6; five servers of 1,000 requests a second carry 5,000, not 10,000."""
    cost = cost_of(inputs({}), BACKEND_SHEET)
    (factor,) = cost["factors"]
    assert [row["total"]["value"] for row in cost["phases"]] == [150, 850]
    assert factor["cost"]["value"] == pytest.approx(5.667, abs=0.001)
    assert factor["capacity"]["value"] == 5
    assert factor["meant_capacity"] == 10
    assert factor["words"] == [
        "Cost grows 5.67 times, capacity 5 times: each unit of load gets dearer.",
        "The 10 times that are said do not follow from the parts: those give 5 times.",
    ]
    (flag,) = cost["phases"][1]["words"]
    assert flag.startswith("5 × App servers at 1,000 each carry 5,000, not the 10,000 that scaled is meant to carry")
    assert "factor of 2" in flag


def test_parts_that_carry_what_is_meant_are_not_flagged() -> None:
    sheet = [Price("Server", 50.0, count=10, carries=(900.0, 1_000.0), meant_for=10_000)]
    assert cost_of(inputs({}), sheet)["phases"][0]["words"] == []


def test_bills_win_over_the_sheet_of_today_and_keep_their_place() -> None:
    bills = inputs({"cost.Amazon RDS.monthly": 171.0, "cost.Vercel.monthly": 40.0}, Grade.MEASURED)
    today = cost_of(bills, BACKEND_SHEET)["today"]
    assert today["from"] == "bills"
    assert [(row["component"], row["area"]) for row in today["components"]] == [
        ("Amazon RDS", "database"),
        ("Vercel", "compute"),
    ]
    assert today["total"]["value"] == 211
    assert today["total"]["uses"] == ["cost.Amazon RDS.monthly", "cost.Vercel.monthly"]
    assert cost_of(bills, BACKEND_SHEET)["factors"][0]["cost"]["value"] == pytest.approx(850 / 211)


# bills, engagement's currency, sum, needs
CURRENCIES = [
    ({"cost.RDS (USD).monthly": 10.0, "cost.S3 (USD).monthly": 5.0}, "USD", 15, ""),
    ({"cost.RDS (USD).monthly": 10.0, "cost.Neon (EUR).monthly": 5.0}, "USD", 10, "the bills in EUR as USD"),
    ({"cost.RDS (USD).monthly": 10.0, "cost.Neon (EUR).monthly": 5.0}, None, None, "bills are in EUR and USD"),
    ({"cost.RDS (USD).monthly": 10.0, "cost.Own server.monthly": 5.0}, None, 15, ""),
]


@pytest.mark.parametrize(("bills", "currency", "total", "needs"), CURRENCIES)
def test_currencies_are_never_added_to_each_other(
    bills: dict[str, Any], currency: str | None, total: float | None, needs: str
) -> None:
    cost = cost_of(inputs(bills | {"driver.users": 1.0}, Grade.MEASURED), currency=currency)
    assert (cost["today"]["total"] or {"value": None})["value"] == total
    assert needs in " ".join(cost["today"]["needs"])
    assert bool(cost["today"]["needs"]) == bool(needs)
    assert not [row for row in cost["today"]["components"] if "(" in row["component"]]


def test_a_sheet_wins_over_bills_of_which_nobody_knows_the_time() -> None:
    guessed = inputs({"cost.RDS.monthly": 999.0}, Grade.ASSUMED)
    assert cost_of(guessed, BACKEND_SHEET)["today"]["total"]["value"] == 150
    assert cost_of(guessed)["today"]["total"]["grade"] == "assumed"


def test_nothing_known_is_nothing_printed() -> None:
    cost = cost_of(inputs({}))
    assert cost["today"]["from"] is None
    assert cost["today"]["total"] is None
    assert len(cost["today"]["needs"]) == 2
    assert cost["phases"] == cost["factors"] == cost["savings"] == []
    assert cost["ai"]["per_action"] is None
    assert cost["ai"]["needs"]
    assert cost["archivable"]["bytes"] is None
    assert cost["archivable"]["needs"]


def test_users_come_from_todays_driver_where_the_sheet_names_none() -> None:
    today = cost_of(inputs({"driver.users": 300.0}), BACKEND_SHEET)["today"]
    assert today["per_user"]["value"] == pytest.approx(0.5)
    assert today["per_user"]["uses"] == ["driver.users"]


def test_a_sheet_that_contradicts_itself_says_so() -> None:
    sheet = [Price("A", 1.0, users=100), Price("B", 1.0, users=200)]
    assert "100 and 200 users" in cost_of(inputs({}), sheet)["phases"][0]["words"][0]


# inputs, AI component a month, cost of an action, formula
ACTIONS: list[tuple[dict[str, Any], float | None, float, str]] = [
    ({"ai.actions_per_month": 30_000.0}, 500.0, 0.016667, "cost of the models a month ÷ actions a month"),
    (
        {"llm.a.requests": 100.0, "llm.a.cost_per_request": 0.02, "ai.calls_per_action": 3.0},
        None,
        0.06,
        "cost of a call × calls for an action",
    ),
    (
        {
            "ai.input_tokens_per_action": 10_000.0,
            "ai.price_in": 0.3,
            "ai.output_tokens_per_action": 1_000.0,
            "ai.price_out": 2.5,
        },
        None,
        0.0055,
        "tokens sent × price + tokens received × price",
    ),
]


@pytest.mark.parametrize(("numbers", "monthly", "each", "formula"), ACTIONS)
def test_cost_of_an_action(numbers: dict[str, Any], monthly: float | None, each: float, formula: str) -> None:
    sheet = [Price("AI", monthly)] if monthly else []
    found = cost_of(inputs(numbers), sheet)["ai"]
    assert found["per_action"]["value"] == pytest.approx(each, rel=1e-4)
    assert found["per_action"]["formula"] == formula
    assert found["needs"] == []
    assert inputs_with(numbers, sheet)["ai.cost_per_action"] == pytest.approx(each, rel=1e-4)


def inputs_with(numbers: dict[str, Any], sheet: list[Price]) -> dict[str, float]:
    return {entry.key: entry.value for entry in with_cost(inputs(numbers), sheet)}


def test_a_number_that_is_known_stays_beside_the_cost() -> None:
    known = inputs_with({"cost.per_user": 7.0, "driver.users": 10.0}, [Price("Server", 100.0)])
    assert known["cost.per_user"] == 7.0
    assert known["cost.monthly"] == 100.0


def test_what_may_be_archived_is_what_is_older_at_todays_pace() -> None:
    numbers = {"table.logs.bytes": 100e9, "table.logs.rows": 1e9, "table.logs.rows_per_day": 2e6}
    found = cost_of(inputs(numbers | {"archive.after_days": 180.0, "cost.storage_per_gb": 0.1}))["archivable"]
    assert found["bytes"]["value"] == pytest.approx(64e9)  # 1e9 rows less 180 days of 2e6
    assert found["monthly"]["value"] == pytest.approx(6.4)
    young = cost_of(inputs(numbers | {"archive.after_days": 1_000.0}))["archivable"]
    assert young["bytes"]["value"] == 0
    assert young["tables"] == []


def saving(numbers: dict[str, Any], ident: str, sheet: list[Price], findings: Any = ()) -> Any:
    (row,) = [row for row in cost_of(inputs(numbers), sheet, findings)["savings"] if row["id"] == ident]
    return row


MODELS = {"llm.big.requests": 100.0, "llm.big.cost_per_request": 0.10, "llm.small.requests": 100.0}
MODELS |= {"llm.small.cost_per_request": 0.01}
TOKENS = {"ai.input_tokens_per_action": 9_000.0, "ai.output_tokens_per_action": 1_000.0}
TOKENS |= {"ai.price_in": 1.0, "ai.price_out": 1.0}
QUERY = {"id": "PG001-1", "mechanism": "missing-index", "rank": 1}
QUERY["evidence"] = [{"file": "pgss.csv", "line": 3, "metric": "share", "unit": "share", "value": 0.4}]
TWICE = QUERY | {"id": "PG008-1", "mechanism": "n-plus-one"}
DAY = {"http.rps_mean": 10.0, "http.rps_peak": 40.0, "http.window_s": 7 * 86_400.0}
LOGGED = QUERY | {"evidence": [{"file": "pg.log", "line": 9, "metric": "share", "unit": "share", "value": 0.3}]}
AI, DB, COMPUTE = [Price("AI", 100.0)], [Price("Database", 200.0)], [Price("Servers", 50.0)]

# tactic, inputs, sheet, findings, most of the area's cost, money, grade
SAVINGS = [
    # 60 more of 200 calls at 0.01 instead of 0.10, of 11 in all
    ("ai-model-mix", MODELS | {"ai.simple_share": 0.8}, AI, [], 60 * 0.09 / 11, 49.0909, "stated"),
    ("ai-response-cache", {"ai.repeat_share": 0.25}, AI, [], 0.25, 25, "stated"),
    ("ai-shorter-prompts", TOKENS, AI, [], 0.27, 27, "assumed"),
    ("ai-batch", {"ai.batch_share": 0.4}, AI, [], 0.2, 20, "stated"),
    ("db-query-work", {}, DB, [QUERY, TWICE, LOGGED], 0.4, 80, "stated"),  # the log tells of the same work
    ("compute-off-peak", DAY, COMPUTE, [], 0.75, 37.5, "stated"),
    ("compute-spot", {"cost.worker_share": 0.5}, COMPUTE, [], 0.45, 22.5, "stated"),
]


@pytest.mark.parametrize(("ident", "numbers", "sheet", "findings", "share", "money", "grade"), SAVINGS)
def test_a_tactic_saves_at_most_what_its_inputs_say(
    ident: str, numbers: dict[str, Any], sheet: list[Price], findings: list[Any], share: float, money: float, grade: str
) -> None:
    row = saving(numbers, ident, sheet, findings)
    assert row["share"]["low"] == 0
    assert row["share"]["high"] == pytest.approx(share)
    assert row["monthly"]["high"] == pytest.approx(money, rel=1e-4)
    assert row["grade"] == grade
    assert row["needs"] == []
    assert row["findings"] == [one["id"] for one in findings]


# tactic, inputs that do not say it, sheet
UNKNOWN = [
    ("ai-model-mix", MODELS, AI),
    ("ai-model-mix", {"llm.big.requests": 5.0, "llm.big.cost_per_request": 1.0, "ai.simple_share": 0.5}, AI),
    ("ai-response-cache", {}, AI),
    ("ai-shorter-prompts", {"ai.price_in": 1.0}, AI),
    ("db-query-work", {}, DB),
    ("db-pooling", {}, DB),
    ("compute-off-peak", DAY | {"http.window_s": 330.0}, COMPUTE),  # five minutes hold no night
    ("compute-off-peak", {"http.rps_mean": 1.0, "http.rps_peak": 4.0}, COMPUTE),
    ("compute-cdn", {}, COMPUTE),
]


@pytest.mark.parametrize(("ident", "numbers", "sheet"), UNKNOWN)
def test_a_tactic_without_its_inputs_prints_no_number(ident: str, numbers: dict[str, Any], sheet: list[Price]) -> None:
    row = saving(numbers, ident, sheet)
    assert row["share"] is row["monthly"] is row["grade"] is None
    assert all(row["needs"])


def test_a_saving_of_what_costs_an_unknown_sum_is_a_share_only() -> None:
    row = saving({}, "db-query-work", [], [QUERY])
    assert row["share"]["high"] == pytest.approx(0.4)
    assert row["monthly"] is None
    assert row["needs"]


AREAS = [
    ("Vector DB", "database"), ("Amazon Relational Database Service", "database"), ("AI", "ai"), ("OpenAI", "ai"),
    ("Gemini API", "ai"), ("Fluid Active CPU", "compute"), ("App Servers", "compute"), ("Redis", "cache"),
    ("Message Queue", "queue"), ("S3 + CDN", "storage"), ("Load Balancer", "other"), ("Email", "other"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "area"), AREAS)
def test_the_area_of_a_component(name: str, area: str) -> None:
    assert area_of(name) == area


MONEY = st.floats(min_value=0, max_value=1e9)
RANGE = st.tuples(MONEY, MONEY).map(lambda ends: (min(ends), max(ends)))


@given(st.lists(RANGE, min_size=1, max_size=6), st.floats(min_value=1, max_value=1e8), RANGE)
def test_ends_hold_their_value_and_more_cost_is_never_less(ranges: list[Any], users: float, more: Any) -> None:
    sheet = [Price(f"c{place}", ends, users=users) for place, ends in enumerate(ranges)]
    before, after = (cost_of(inputs({}), rows)["today"] for rows in (sheet, [*sheet, Price("more", more)]))
    for row in (before, after):
        for figure in (row["total"], row["per_user"]):
            assert figure["low"] <= figure["value"] * (1 + 1e-9)
            assert figure["value"] <= figure["high"] * (1 + 1e-9)
    assert after["total"]["value"] >= before["total"]["value"]
    assert sum(row["share"] for row in before["components"] if row["share"] is not None) <= 1 + 1e-6
