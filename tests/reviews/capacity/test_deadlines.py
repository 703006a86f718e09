"""What must be fixed before which load, and what to redesign when: from scenarios, tickets and what was found."""

import json
from typing import Any

import pytest

from reviews.capacity.deadlines import must_fix_of
from reviews.capacity.inputs import Inputs
from reviews.capacity.model import capacity_of
from reviews.capacity.phases import phases_of
from reviews.capacity.policy import policy_of
from reviews.capacity.redesign import BUILT, STRUCTURAL, redesign_of
from reviews.capacity.relief import BY_COMPONENT, BY_KIND, relieving
from reviews.capacity.right_sizing import right_sizing_of
from reviews.capacity.scorecard import scorecard_of
from reviews.capacity.shapes import Gathered
from telemetry.rules import RULES
from tests.reviews.capacity.given import inputs
from tests.reviews.capacity.stress_audit import audit
from tests.reviews.capacity.test_roadmap import ticket

Row = dict[str, Any]
INDEX = ticket("index", 1, "P1", mechanism="missing-index", findings=["F1"])
STATS = ticket("stats", 2, "P1", mechanism="backlog", area="queues", findings=["F2"])
LIMITS = ticket("limits", 0.5, "P0", mechanism="no-rate-limit", area="security", findings=["F3"])
LATER = ticket("later", 1, "P2", mechanism="payload-too-large", area="platform", findings=["F4"])
TICKETS = [INDEX, STATS, LIMITS, LATER]


def finding(code: str, kind: str, name: str) -> Row:
    return {"id": code, "subject": {"kind": kind, "name": name}}


FINDINGS = [finding("F1", "table", "orders(seller_id)"), finding("F2", "queue", "stats-sync")]


@pytest.fixture(scope="module")
def model() -> Row:
    return capacity_of(audit(), Gathered(Inputs([])))


def deadlines(model: Row, tickets: list[Row] = TICKETS) -> dict[str, Row]:
    rows = must_fix_of(model["scenarios"], model["breaking_points"], tickets, FINDINGS)
    return {row["scenario"]: row for row in rows}


def test_a_ticket_stands_before_the_first_load_that_needs_it(model: Row) -> None:
    found = deadlines(model)
    tickets = {name: [row["key"] for row in entry["rows"] if row["kind"] == "ticket"] for name, entry in found.items()}
    assert tickets["today"] == ["limits", "index"]  # the pool is at 83 %; a P0 does not wait for a load
    assert tickets["sale day 5x"] == ["stats"]  # the worker's window is at 142 % there
    assert "later" not in {key for keys in tickets.values() for key in keys}
    assert list(found)[-1] == "B", "the largest load comes last"


def test_every_row_says_what_it_relieves_and_what_it_costs(model: Row) -> None:
    rows = {row["key"]: row for row in deadlines(model)["today"]["rows"]}
    assert rows["index"]["impact"] == "Relieves connection pool (83 % of its capacity)."
    assert rows["index"]["effort"] == {"low_days": 1, "likely_days": 1, "high_days": 1}
    assert rows["limits"]["reason"] == "P0 whatever the load"
    change = next(row for row in deadlines(model)["B"]["rows"] if row["title"].startswith("stats worker: slots"))
    assert change["title"] == "stats worker: slots from 5 to 63"  # O15: 50 just carry it, 63 at 80 %
    assert change["effort"] is None


def test_every_load_names_the_sizes_that_it_needs(model: Row) -> None:
    sizes = {
        entry["scenario"]: [
            row["size"]["to"] for row in entry["rows"] if row["title"].startswith("stats worker: slots")
        ]
        for entry in deadlines(model).values()
    }
    assert (sizes["B"], sizes["today"]) == ([63], [])
    assert all(row["size"] is None for entry in deadlines(model).values() for row in entry["rows"] if row["ticket"])


def test_a_resource_that_nothing_relieves_is_named(model: Row) -> None:
    assert deadlines(model)["B"]["uncovered"] == ["memory of the server"]
    memory = ticket("memory", 1, "P1", mechanism="memory-saturation", area="platform")
    assert deadlines(model, [memory])["B"]["uncovered"] == []


def test_the_first_limit_comes_with_its_date(model: Row) -> None:
    first = deadlines(model)["target"]["first_limit"]
    assert (first["title"], first["reached"]) == ("stats worker", "in 3 to 15 months")


def test_what_is_done_is_left_out_and_scenarios_that_are_not_known_too(model: Row) -> None:
    done = [row | {"state": "done"} for row in TICKETS]
    assert all(row["kind"] == "change" for entry in deadlines(model, done).values() for row in entry["rows"])
    unknown = [row | {"verdict": "not known"} for row in model["scenarios"]]
    assert must_fix_of(unknown, model["breaking_points"], TICKETS, FINDINGS) == []


def test_data_that_is_doubled_is_fixed_first(model: Row) -> None:
    loss = [{"finding": "F4", "title": "A webhook repeats its work", "mechanism": "duplicate-delivery"}]
    scenarios = [row | {"conditions": loss} for row in model["scenarios"]]
    rows = must_fix_of(scenarios, model["breaking_points"], TICKETS, FINDINGS)[0]["rows"]
    assert next(row for row in rows if row["key"] == "later")["impact"] == "Ends a loss or doubling of data."


QUEUES = [("stats-sync", ["stats"]), ("emails", [])]


@pytest.mark.parametrize(("queue", "keys"), QUEUES)
def test_a_ticket_on_one_queue_does_not_relieve_another(queue: str, keys: list[str]) -> None:
    resource = {"kind": "workers", "component": f"queue {queue}"}
    assert [row["key"] for row in relieving(resource, TICKETS, FINDINGS)] == keys


def test_relief_and_structure_name_mechanisms_that_exist() -> None:
    mechanisms = {rule.mechanism for rule in RULES}
    named = {name for names in (*BY_KIND.values(), *BY_COMPONENT.values()) for name in names}
    assert named | STRUCTURAL <= mechanisms
    checks = {row["check"] for dimension in scorecard_of()["dimensions"] for row in dimension["checks"]}
    assert checks >= BUILT


def redesigned(answers: dict[str, str], tickets: list[Row] = TICKETS, **numbers: float) -> Row:
    policy, known = policy_of("right-sized"), inputs(**numbers)
    rows = right_sizing_of(policy, known, answers=answers)["rows"]
    return redesign_of(rows, tickets, phases_of(policy, known), scorecard_of(answers))


def what(found: Row, window: str) -> list[str]:
    return [row.get("ref") or row["check"] for row in found[window]["rows"]]


def test_redesign_now_later_and_never() -> None:
    answers = {"needs.guaranteed-delivery": "yes", "people.operations": "no", "tenancy.filter": "yes"}
    numbers = {"driver__users": 5_000, "people__team": 3, "redis__clients": 9_000}
    found = redesigned(answers, **numbers)
    assert what(found, "now") == ["Tlimits", "message-queue"]
    assert what(found, "next_phase") == ["redis-cluster"]  # 90 % of its limit
    assert "kubernetes" in what(found, "phase_after")  # phase 4, two ahead: look at it again then
    assert what(found, "never") == ["tenancy.filter"]
    assert found["never"]["rows"][0]["status"] == "proposed"
    assert found["next_phase"]["title"] == "At scale, from 10,000 monthly active users"


LACKING = [
    ("integrity.signed", "no", "now"),  # its failure loses money
    ("integrity.signed", "partly", "next_phase"),
    ("tenancy.database-guard", "no", "next_phase"),  # it limits growth
    ("tenancy.database-guard", "partly", "phase_after"),
    ("security.rotation", "no", "phase_after"),  # good housekeeping
    ("security.rotation", "partly", "phase_after"),
]


@pytest.mark.parametrize(("check", "answer", "window"), LACKING)
def test_what_the_client_says_is_not_there_waits_as_long_as_its_weight_allows(
    check: str, answer: str, window: str
) -> None:
    found = redesigned({check: answer}, [])
    assert {name: what(found, name) for name in ("now", "next_phase", "phase_after", "never")} == {
        name: [check] if name == window else [] for name in ("now", "next_phase", "phase_after", "never")
    }
    row = found[window]["rows"][0]
    assert (row["kind"], row["verdict"], row["grade"]) == ("check", answer, "stated")
    assert row["what"].startswith("See to it that ")


def test_how_much_room_is_left_is_no_redesign_and_what_does_not_apply_neither() -> None:
    answers = {"database.indexes": "no", "infrastructure.single-point": "no", "integrity.signed": "n/a"}
    found = redesigned(answers, [])
    assert [what(found, name) for name in ("now", "next_phase", "phase_after", "never")] == [[], [], [], []]


def test_a_ticket_stands_where_its_priority_or_its_check_puts_it() -> None:
    """The client's "no" adds no second row beside the ticket of a finding."""
    limit = ticket("limit", 1, "P2", mechanism="no-rate-limit", findings=["F1"])
    found = {"id": "F1", "rule": "SE011", "mechanism": "no-rate-limit", "title": "Sign-in code knows no limit"}
    cards = [
        scorecard_of({"security.rate-limit": "no"}, [found | {"severity": severity}]) for severity in ("medium", "low")
    ]
    lists = [redesign_of([], [limit], [], card) for card in cards]
    assert [what(lists[0], name) for name in ("now", "next_phase", "phase_after")] == [["Tlimit"], [], []]
    assert [what(lists[1], name) for name in ("now", "next_phase", "phase_after")] == [[], ["Tlimit"], []]


def test_what_waits_says_until_when_and_why() -> None:
    found = redesigned({"people.operations": "no"}, driver__users=20_000)
    row = next(row for row in found["next_phase"]["rows"] if row["ref"] == "kubernetes")
    assert (row["verdict"], row["until"]) == ("skip", "people are there whose job is to run it")
    assert row["why"].startswith("Managed containers do the job")


def test_without_the_size_no_phase_is_claimed_and_without_answers_nothing_is_frozen() -> None:
    found = redesigned({"people.operations": "no"}, [])
    assert [what(found, window) for window in ("now", "next_phase", "phase_after", "never")] == [[], [], [], []]
    assert (found["next_phase"]["title"], found["phase_after"]["title"]) == ("Later", "Later still")


def test_what_to_leave_alone_rests_on_the_clients_word_and_a_finding_takes_it_back() -> None:
    """That no rule found anything proposes nothing; that a rule could not look does not take back the client's word."""
    rows = [{"rule": "RL020", "mechanism": "no-rollback", "needs": ["a compose file"]}]
    said = {"release.rollback": "yes"}
    found = rows[0] | {"id": "F1", "severity": "low", "title": "An image has no version"}
    cases = [({}, [], rows, []), (said, [], [], rows), (said, [found], [], [])]
    kept = [redesign_of([], [], [], scorecard_of(*case))["never"]["rows"] for case in cases]
    assert [[row["check"] for row in entry] for entry in kept] == [[], ["release.rollback"], []]


def test_the_model_holds_all_parts_of_the_advice_as_json(model: Row) -> None:
    parts = ("policy", "phases", "right_sizing", "scorecard", "must_fix", "redesign", "roadmap")
    advice = {part: model[part] for part in parts}
    assert json.loads(json.dumps(advice)) == advice


def test_where_no_size_helps_another_way_is_named(model: Row) -> None:
    scenario = next(row for row in model["scenarios"] if row["name"] == "B")
    nothing = dict.fromkeys(("key", "from", "carries", "to", "unit", "multiple", "used_after"))
    way = nothing | {
        "resource": "stated:stats worker",
        "title": "stats worker",
        "change": "another way",
        "what": "partitions",
    }
    row = must_fix_of([scenario | {"better": [way]}], [], [], [])[0]["rows"][0]
    assert (row["title"], row["impact"]) == (
        "stats worker: partitions",
        "At 1,000 % of its capacity no size of its own helps.",
    )
