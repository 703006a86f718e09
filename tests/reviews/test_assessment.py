"""From evidence to the decision: one path, JSON-safe, honest about what it could not see."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from reviews.assessment import assess, assess_evidence
from reviews.intake import Flow, Intake
from reviews.report.compose import compose_assessment, json_safe
from telemetry.coverage import coverage_row
from telemetry.evidence import Evidence, EvidenceSet, ParseResult, Place
from telemetry.joining import Part
from telemetry.reading import Reading
from telemetry.rules import RULES
from telemetry.rules.base import CannotTell, Cite, Hit, Rule, Subject, Threshold
from tests.reviews.risk.making import WEEK_S, make_row, make_rule

INTAKE = Intake(
    "Harbor Books",
    "Review",
    stack=("nextjs", "postgres", "redis"),
    engineers=2,
    monthly_revenue=90_000.0,
    hard_constraints=("no deploys on Friday",),
    flows=(Flow("checkout", 0.55, 0.2, ("/api/checkout",), ("orders",)),),
)


def slow(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    for row in evidence.having("http.route", "p95_ms"):
        if row.metrics["p95_ms"] > threshold.value:
            yield Hit(
                Subject("route", row.subject), "Route is slow", "Too slow.", (Cite(row, "p95_ms"),), 500, breach=True
            )


def unsure(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    yield CannotTell("queue counts taken twice, an hour apart")


SLOW = make_rule(check=slow)
MISSING = make_rule(id="XX002", mechanism="lock-contention", area="postgres", needs=(("pg.log.lock", "waits"),))
UNSURE = make_rule(id="XX003", mechanism="backlog", area="queues", needs=(), check=unsure)
CLEAR = make_rule(id="XX004", mechanism="error-burst", needs=(("http.route", "p95_ms"),))
EITHER = make_rule(
    id="XX005", mechanism="deadlock", needs=(), needs_any=(("pg.log.plan", "plans"), ("pg.stat.statement", "rows"))
)
RULES_HERE: Sequence[Rule] = (SLOW, MISSING, UNSURE, CLEAR, EITHER)
ROWS = [
    make_row("http.route", "/api/checkout", p95_ms=900.0, requests=100.0, window_s=WEEK_S),
    make_row("http.route", "/api/search", p95_ms=90.0, requests=900.0, window_s=WEEK_S),
]


def reading(rows: Sequence[Evidence] = ROWS, **changes: Any) -> Reading:
    fields: dict[str, Any] = {"file": "access.log", "size": 10, "format": "access-log", "seconds": 0.123}
    fields |= {"result": ParseResult(evidence=list(rows), records=2, lines=3, rejected=1), "error": None}
    return Reading(**(fields | {"error_line": None} | changes))


def test_each_answer_of_a_rule_has_its_place() -> None:
    assessed = assess(INTAKE, [reading()], RULES_HERE)
    assert [(row["rule"], row["subject"]["name"]) for row in assessed.findings] == [("XX001", "/api/checkout")]
    assert [row["rule"] for row in assessed.not_assessed] == ["XX002", "XX003", "XX005"]
    assert [row["rule"] for row in assessed.clear] == ["XX004"]


def test_an_open_question_names_the_export_that_answers_it() -> None:
    locks, backlog, either = assess(INTAKE, [reading()], RULES_HERE).not_assessed
    assert locks["needs"] == ["PostgreSQL log with log_lock_waits = on"]
    assert locks["metrics"] == ["pg.log.lock.waits"]
    assert backlog["needs"] == ["queue counts taken twice, an hour apart"]
    assert backlog["metrics"] == []
    assert either["needs"] == ["PostgreSQL log with auto_explain or pg_stat_statements as CSV"]


def test_a_finding_has_every_key_of_the_interface() -> None:
    [finding] = assess(INTAKE, [reading()], RULES_HERE).findings
    keys = (
        "id rule area mechanism title severity severity_range rank impact proximity leverage confidence subject flows"
    )
    keys += (
        " measured evidence causes symptoms fix status key said why steps snippet first_slice effort verify rollback"
    )
    keys += " references severity_reason proximity_reason expected_share severity_cap"
    assert set(keys.split()) <= set(finding)
    assert finding["measured"] == {"metric": "p95_ms", "value": 900.0, "unit": "ms", "limit": 500}
    assert finding["evidence"][0]["file"] == "access.log"
    assert finding["confidence"] == "measured"


def test_stored_evidence_gives_the_same_answer_as_readings() -> None:
    fresh = assess(INTAKE, [reading()], RULES_HERE)
    stored = assess_evidence(INTAKE, [Part(coverage_row(reading()), ROWS)], RULES_HERE)
    assert stored == fresh


def test_the_document_is_json_and_the_same_twice() -> None:
    first, second = (
        json.dumps(compose_assessment(INTAKE, assess(INTAKE, [reading(seconds=spent)], RULES_HERE)), allow_nan=False)
        for spent in (0.1, 9.9)
    )
    assert first == second
    document = json.loads(first)
    assert document["schema"] == "loadline.review/1"
    assert [row["name"] for row in document["plan"]] == ["Day 1", "Day 2", "Day 3", "Handoff", "Backlog"]
    assert document["scorecard"] == document["capacity"]["scorecard"]
    assert document["scorecard"]["overall"] is None, "one small log answers too little"
    assert {row["verdict"] for row in document["scenarios"]} == {"not known"}
    assert document["scenarios"] == document["capacity"]["scenarios"]
    assert document["engagement"]["constraints"] == ["no deploys on Friday"]
    assert "seconds" not in document["coverage"][0]


def test_numbers_that_json_cannot_hold_become_nothing() -> None:
    assert json_safe({"a": (float("nan"), float("inf"), 1.5)}) == {"a": [None, None, 1.5]}


def test_gaps_become_visibility_work_of_day_two() -> None:
    assessed = assess(INTAKE, [reading()], RULES_HERE)
    day_two = assessed.plan[1]["entries"]
    assert "Log slow queries, lock waits and temporary files" in [entry["title"] for entry in day_two]
    assert {entry["kind"] for entry in day_two} <= {"visibility", "fix"}
    ticket = next(row for row in assessed.tickets if row["key"] == "visibility:slow-queries")
    assert set(ticket["rules"]) == {"XX002", "XX005"}
    assert ticket["day"] == 2


def test_every_ticket_names_its_findings_and_every_entry_its_ticket() -> None:
    assessed = assess(INTAKE, [reading()], RULES_HERE)
    fix = next(row for row in assessed.tickets if row["kind"] == "fix")
    assert fix["findings"] == [assessed.findings[0]["id"]]
    assert fix["low_days"] <= fix["likely_days"] <= fix["high_days"]
    codes = {row["id"] for row in assessed.tickets}
    work = [entry for entry in assessed.plan_entries if entry["kind"] in ("fix", "visibility")]
    assert {entry["ticket"] for entry in work} == codes
    assert len({entry["key"] for entry in assessed.plan_entries}) == len(assessed.plan_entries)


def test_the_map_and_the_handoff_are_filled_from_what_is_known() -> None:
    windows = assess(INTAKE, [reading()], RULES_HERE).plan
    details = {entry["title"]: entry["detail"] for row in windows for entry in row["entries"]}
    assert details["Map routes"].startswith("2 measured: /api/checkout, /api/search")
    assert "checkout (55 % of revenue)" in details["Map top revenue flows"]
    assert "Undo it." in details["Hand over the rollback playbook"]
    assert len(windows[3]["entries"]) == 4


@pytest.mark.parametrize(("engineers", "hours"), [(None, 8), (0, 0), (1, 8), (3, 24)])
def test_no_day_holds_more_hours_than_the_engineers_have(engineers: int | None, hours: float) -> None:
    assessed = assess(replace(INTAKE, engineers=engineers), [reading()], RULES_HERE)
    assert all(row["capacity"] == hours and row["hours"] <= hours for row in assessed.plan[:3])
    assert assessed.method["engineers_grade"] == ("assumed" if engineers is None else "stated")


def test_buyer_inputs_follow_the_files_that_were_read() -> None:
    broken = reading((), file="x", format="redis-info", result=None, error="Truncated.", error_line=3)
    states = {row["slug"]: row["state"] for row in assess(INTAKE, [reading(), broken], RULES_HERE).inputs}
    assert states["redis-memory"] == "missing"
    assert states["hard-constraints"] == states["top-flows"] == "received"


def test_a_file_that_could_not_be_read_stays_in_the_coverage() -> None:
    broken = reading(file="x.log", format=None, result=None, error="Not recognised.", error_line=7)
    rows = assess(INTAKE, [broken], RULES_HERE).coverage
    assert (rows[0]["error"], rows[0]["error_line"], rows[0]["records"]) == ("Not recognised.", 7, 0)


def test_without_any_evidence_nothing_is_called_clear() -> None:
    assessed = assess(Intake("A", "B"), [])
    assert assessed.findings == assessed.clear == []
    assert len(assessed.not_assessed) == len(RULES)
    assert all(row["needs"] != [""] for row in assessed.not_assessed)


def test_hostile_names_pass_through_as_text() -> None:
    row = Evidence("http.route", "<script>{{ x }}\u202e", {"p95_ms": 900.0}, Place(1, "{{ x }}"), file="<b>.log")
    document = compose_assessment(INTAKE, assess(INTAKE, [reading([row])], RULES_HERE))
    assert document["findings"][0]["subject"]["name"] == "<script>{{ x }}\u202e"
