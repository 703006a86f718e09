"""What not to build yet: the guide's own client, each criterion at its limit, and nothing read out of silence."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.capacity.inputs import Inputs
from reviews.capacity.policies.base import CRITERION
from reviews.capacity.policy import names, policy_of
from reviews.capacity.right_sizing import questions, right_sizing_of
from telemetry.rules import RULES
from tests.reviews.capacity.given import inputs, known, without

RIGHT = policy_of("right-sized")
Row = dict[str, Any]


def finding(rule: str, mechanism: str, rank: int = 1, title: str = "Something is wrong") -> Row:
    return {"id": f"F{rank}", "rule": rule, "mechanism": mechanism, "rank": rank, "title": title, "counts": True}


def clear(rule: str, mechanism: str) -> Row:
    return {"rule": rule, "mechanism": mechanism, "area": "", "title": "", "files": []}


def row(slug: str, given_inputs: Inputs, policy: str = "right-sized", **beside: Any) -> Row:
    rows = right_sizing_of(policy_of(policy), given_inputs, **beside)["rows"]
    return next(entry for entry in rows if entry["slug"] == slug)


# The guide's client: a team of one, fewer than 1,000 users.
SOLO = inputs(driver__users=900, people__team=1)


def test_the_guides_own_client_may_skip_everything_and_reads_why() -> None:
    sized = right_sizing_of(RIGHT, SOLO)
    assert [entry["title"] for entry in sized["rows"][:9]] == [
        "Microservices",
        "Kubernetes",
        "Event sourcing",
        "GraphQL federation",
        "Several regions",
        "Redis cluster",
        "Read replica",
        "Message queue",
        "Separate read and write models",
    ]
    assert {entry["verdict"] for entry in sized["rows"]} == {"skip"}
    assert all("900 users, 1 person" in entry["reason"] or "1 (measured)" in entry["reason"] for entry in sized["rows"])
    assert all(entry["why"] and entry["instead"] and entry["changes"] for entry in sized["rows"])
    assert sized["said"].startswith("900 users, 1 person: with fewer than 1,000 users")
    replica = next(entry for entry in sized["rows"] if entry["slug"] == "read-replica")
    assert replica["grade"] == "assumed"
    assert "Not measured: processor of the database above 70 %" in replica["reason"]
    assert {criterion["state"] for criterion in replica["criteria"]} == {"not measured"}


@pytest.mark.parametrize("key", ["driver.users", "people.team"])
def test_without_its_size_nothing_is_skipped_by_the_floor(key: str) -> None:
    words = {entry["verdict"] for entry in right_sizing_of(RIGHT, without(SOLO, key))["rows"]}
    assert "not known" in words
    assert row("read-replica", without(SOLO, key))["verdict"] == "not known"


@pytest.mark.parametrize(("users", "team"), [(1_000, 1), (900, 2)])
def test_at_the_floor_silence_is_not_known(users: int, team: int) -> None:
    given_inputs = inputs(driver__users=users, people__team=team)
    assert row("redis-cluster", given_inputs)["verdict"] == "not known"
    assert row("redis-cluster", given_inputs)["needs"] == ["INFO clients of Redis"]


# slug, inputs, answers, verdict
CASES = [
    ("microservices", {"people__team": 20}, {"architecture.isolated-domain": "no"}, "consider"),
    ("microservices", {"people__team": 21}, {"architecture.isolated-domain": "no"}, "needed now"),
    ("microservices", {"people__team": 15}, {"architecture.isolated-domain": "no"}, "not yet"),
    ("microservices", {"people__team": 7}, {"architecture.isolated-domain": "no"}, "skip"),
    ("microservices", {"people__team": 7}, {}, "not known"),
    ("microservices", {"people__team": 7}, {"architecture.isolated-domain": "yes"}, "needed now"),
    ("kubernetes", {}, {"people.operations": "yes"}, "consider"),
    ("kubernetes", {}, {"people.operations": "no"}, "skip"),
    ("event-sourcing", {}, {"needs.audit-replay": "yes"}, "needed now"),
    ("event-sourcing", {}, {"needs.audit-replay": "partly"}, "consider"),
    ("graphql-federation", {"people__team": 1}, {}, "skip"),
    ("graphql-federation", {"people__team": 9}, {}, "not known"),
    ("graphql-federation", {"people__team": 9}, {"people.several-teams": "yes"}, "needed now"),
    ("multi-region", {}, {"needs.latency-promise": "no", "needs.data-residency": "no"}, "skip"),
    ("multi-region", {}, {"needs.latency-promise": "no"}, "not known"),
    ("redis-cluster", {"redis__clients": 10_000}, {}, "consider"),
    ("redis-cluster", {"redis__clients": 10_001}, {}, "needed now"),
    ("redis-cluster", {"redis__clients": 3_999}, {}, "skip"),
    ("redis-cluster", {"redis__clients": 4_000}, {}, "not yet"),
    ("read-replica", {"postgres__cpu_busy_max": 0.2}, {}, "skip"),
    ("read-replica", {"postgres__cpu_busy_max": 0.71, "postgres__reads_per_write": 7}, {}, "not known"),
    ("read-replica", {"postgres__cpu_busy_max": 0.71, "postgres__reads_per_write": 10}, {}, "consider"),
    ("read-replica", {"postgres__cpu_busy_max": 0.71, "postgres__reads_per_write": 11}, {}, "needed now"),
    ("read-replica", {"postgres__cpu_busy_max": 0.70, "postgres__reads_per_write": 11}, {}, "consider"),
    ("message-queue", {}, {"needs.guaranteed-delivery": "yes"}, "needed now"),
    ("message-queue", {"queue__mails__waiting": 3}, {"needs.guaranteed-delivery": "yes"}, "in use"),
    ("redis-cache", {"cache__bytes": 100_000_001}, {}, "needed now"),
    ("cdn", {}, {"needs.far-users": "yes"}, "needed now"),
    ("sharding", {"postgres__cpu_busy_max": 0.9}, {"database.largest-instance": "no"}, "not yet"),
    ("sharding", {"postgres__cpu_busy_max": 0.9}, {"database.largest-instance": "yes"}, "needed now"),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{case[0]} {case[1]} {case[2]}" for case in CASES])
def test_the_verdict_follows_the_criteria(case: tuple[str, dict[str, float], dict[str, str], str]) -> None:
    slug, numbers, answers, word = case
    found = row(slug, inputs(**numbers), answers=answers)
    assert found["verdict"] == word
    assert (found["needs"] != []) >= (word == "not known")


def test_sharding_after_the_largest_machine_only() -> None:
    found = row("sharding", inputs(postgres__cpu_busy_max=0.3), answers={"database.largest-instance": "no"})
    assert found["verdict"] in ("skip", "not yet")


def test_a_missing_index_is_cheaper_than_a_replica() -> None:
    busy = inputs(postgres__cpu_busy_max=0.9, postgres__read_share=0.95)
    repair = finding("PG001", "missing-index", title="Filter columns have no index")
    found = row("read-replica", busy, findings=[repair])
    assert (found["verdict"], found["repairs"]) == ("not yet", ["F1"])
    assert found["reason"].endswith("First: filter columns have no index.")


def test_a_finding_meets_a_criterion_and_a_rule_that_looked_denies_it() -> None:
    slow = finding("QU005", "work-in-request")
    answers = {"needs.guaranteed-delivery": "no", "needs.decoupling": "no"}
    assert row("message-queue", inputs(), answers=answers, findings=[slow])["verdict"] == "needed now"
    assert (
        row("message-queue", inputs(), answers=answers, clear=[clear("QU005", "work-in-request")])["verdict"] == "skip"
    )
    assert row("message-queue", inputs(), answers=answers)["verdict"] == "not known"


def test_profiles_that_disagree_give_different_verdicts() -> None:
    seven = inputs(people__team=7)
    answers = {"architecture.isolated-domain": "no"}
    assert row("microservices", seven, "right-sized", answers=answers)["verdict"] == "skip"
    assert row("microservices", seven, "shared-host", answers=answers)["verdict"] == "needed now"


def test_the_checklists_count_what_is_met_and_what_was_not_measured() -> None:
    sized = right_sizing_of(RIGHT, inputs(postgres__cpu_busy_max=0.75))
    assert [entry["title"] for entry in sized["checklists"]] == [
        "Read replica",
        "Message queue",
        "Redis as a cache",
        "CDN",
    ]
    assert sized["checklists"][0]["said"] == "1 of 3 criteria met, 2 not measured: not known."


def ladder(given_inputs: Inputs, **beside: Any) -> Row:
    found: Row = right_sizing_of(RIGHT, given_inputs, **beside)["ladder"]
    return found


def states(found: Row) -> list[str]:
    return [rung["state"] for rung in found["rungs"]]


def test_the_ladder_starts_with_what_is_cheapest() -> None:
    busy = inputs(postgres__cpu_busy_max=0.9, postgres__connections_peak=50, postgres__max_connections=100)
    found = ladder(busy, findings=[finding("PG001", "missing-index")])
    assert (found["position"], states(found)[:3]) == (1, ["now", "not needed", "after the rungs below"])
    repaired = ladder(busy, clear=[clear("PG001", "missing-index")])
    assert (repaired["position"], states(repaired)[:3]) == (3, ["done", "not needed", "now"])
    assert repaired["said"].startswith("Step 3 of 7, larger instance: Processor of the database: 90 %")


def test_the_ladder_knows_nothing_without_evidence() -> None:
    found = ladder(inputs())
    assert found["position"] is None
    assert set(states(found)) == {"not known"}
    assert all(rung["needs"] for rung in found["rungs"])


def test_what_is_in_use_is_a_rung_that_is_done() -> None:
    found = ladder(inputs(pooler__pool_size=20, redis__used_memory=1e8, postgres__replicas=1))
    assert [states(found)[n] for n in (1, 3, 4)] == ["done", "done", "done"]
    assert found["position"] == 5


@pytest.mark.parametrize(("cpu", "state"), [(0.55, "not needed"), (0.56, "near"), (0.70, "near"), (0.71, "now")])
def test_up_first(cpu: float, state: str) -> None:
    rows = right_sizing_of(RIGHT, inputs(postgres__cpu_busy_max=cpu))["vertical"]
    assert rows[0]["state"] == state
    assert [entry["state"] for entry in rows[1:]] == ["not known"] * 4
    assert all(entry["needs"] for entry in rows[1:])


def test_out_only_when_nothing_is_kept_in_the_process() -> None:
    names = ("stateless", "sessions", "files", "rate-limits")
    answers = {f"horizontal.{name}": "yes" for name in names}
    ready = right_sizing_of(RIGHT, inputs(), answers=answers | {"horizontal.files": "n/a"})["horizontal"]
    assert (ready["ready"], ready["open"]) == (True, 0)
    cached = [finding("PL072", "uncached-route")]
    not_ready = right_sizing_of(RIGHT, inputs(), answers=answers, findings=cached)["horizontal"]
    assert (not_ready["ready"], not_ready["open"]) == (False, 1)


def test_code_in_which_nothing_was_found_does_not_say_that_a_second_instance_may_run() -> None:
    answers = {"horizontal.sessions": "yes", "horizontal.files": "yes"}
    looked = [clear("PL072", "uncached-route"), clear("SE014", "no-rate-limit")]
    found = right_sizing_of(RIGHT, inputs(), answers=answers, clear=looked)["horizontal"]
    assert (found["ready"], found["open"]) == (None, 2)
    assert found["rows"][0]["needs"] == [
        'an answer to "The application keeps no state in its process" (horizontal.stateless under [checks] in the '
        "intake)"
    ]


POINT = {
    "resource": "cpu",
    "kind": "cpu",
    "driver": "driver.users",
    "title": "Processor",
    "multiple": 2.0,
    "multiple_low": 2.0,
    "multiple_high": 2.0,
    "grade": "derived",
}


def test_the_runway_says_how_long_each_size_lasts() -> None:
    """Doubling takes 3.80 months at 20 % a month (O18)."""
    found = right_sizing_of(RIGHT, inputs(driver__users__growth=0.2), breaking_points=[POINT])["runway"]
    assert [step["carries"] for step in found["steps"]] == [2, 4, 8, 16]
    assert found["said"] == (
        "First to break: Processor, at 2 × today's load, in about 4 months; one size up, in about 8 months; "
        "3 sizes up, in about 15 months."
    )


def test_the_runway_promises_no_date_without_growth_and_nothing_without_a_breaking_point() -> None:
    no_growth = right_sizing_of(RIGHT, inputs(), breaking_points=[POINT])["runway"]
    assert (no_growth["steps"][0]["lasts"], no_growth["needs"]) == (
        None,
        ["growth_per_month of what moves it, in the intake"],
    )
    unknown = [POINT | {"multiple": None}]
    assert right_sizing_of(RIGHT, inputs(), breaking_points=unknown)["runway"]["multiple"] is None
    quota = [POINT | {"kind": "quota"}]
    assert right_sizing_of(RIGHT, inputs(), breaking_points=quota)["runway"]["multiple"] is None


ISOLATION = [
    ({}, "shared", "assumed"),
    ({"tenancy.separate-data": "no", "tenancy.restore-one": "no"}, "shared", "stated"),
]
ISOLATION += [
    ({"tenancy.restore-one": "yes"}, "schema", "stated"),
    ({"tenancy.separate-data": "yes"}, "database", "stated"),
]


@pytest.mark.parametrize("case", ISOLATION, ids=str)
def test_tenants_share_tables_until_somebody_asks_for_more(case: tuple[dict[str, str], str, str]) -> None:
    answers, chosen, grade = case
    found = right_sizing_of(RIGHT, inputs(), answers=answers)["isolation"]
    assert (found["recommended"], found["grade"]) == (chosen, grade)
    assert [entry["slug"] for entry in found["rows"]] == ["shared", "schema", "database"]
    assert [entry["verdict"] for entry in found["rows"]].count("recommended") == 1


def test_every_criterion_asks_for_a_rule_that_exists_and_every_number_has_a_technology() -> None:
    from reviews.capacity.choices.ladder import RUNGS
    from reviews.capacity.choices.technologies import TECHNOLOGIES
    from reviews.capacity.policies import PROFILES

    known_names = {name for rule in RULES for name in (rule.id, rule.mechanism)}
    asked = {name for technology in TECHNOLOGIES for entry in technology.criteria for name in entry.rules}
    assert asked | {name for technology in TECHNOLOGIES for name in technology.first} <= known_names
    slugs = {technology.slug for technology in TECHNOLOGIES} | {rung.slug for rung in RUNGS}
    used = {entry.use for profile in PROFILES for entry in profile.thresholds if entry.role == CRITERION}
    assert used <= slugs
    assert len(questions()) == len({entry.check for entry in questions()}) > 20


@pytest.mark.parametrize("name", names())
def test_the_right_sizing_prints_as_json(name: str) -> None:
    sized = right_sizing_of(
        policy_of(name), inputs(postgres__cpu_busy_max=0.9, people__team=3), breaking_points=[POINT]
    )
    assert json.loads(json.dumps(sized)) == sized


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_load_never_makes_a_technology_less_needed(one: float, other: float) -> None:
    order = ("skip", "not yet", "consider", "needed now")
    words = [
        row("redis-cluster", Inputs([known("redis.clients", 20_000 * load)]))["verdict"]
        for load in sorted((one, other))
    ]
    assert order.index(words[0]) <= order.index(words[1])


@pytest.mark.parametrize(("multiple", "words"), [(0.5, "1 size up carries it"), (0.1, "3 sizes up do not carry it")])
def test_the_runway_of_what_is_over_its_limit_says_which_size_carries_it(multiple: float, words: str) -> None:
    point = POINT | {"multiple": multiple, "multiple_low": multiple, "multiple_high": multiple}
    found = right_sizing_of(RIGHT, inputs(driver__users__growth=0.2), breaking_points=[point])["runway"]
    assert found["said"] == f"First to break: Processor, at {multiple} × today's load: over its limit already; {words}."
