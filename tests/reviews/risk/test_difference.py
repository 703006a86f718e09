"""What changed between two runs, and what counts as measured again."""

import pytest

from reviews.risk.difference import changed_fields, clear_now, numbers_changed
from tests.cast import machine


def test_the_same_finding_has_no_changes() -> None:
    assert changed_fields(machine(), machine()) == []


def test_a_part_is_named_with_a_dot_and_evidence_by_its_places() -> None:
    after = machine(
        rank=3,
        measured={"metric": "blocks_per_call", "value": 3000, "unit": "blocks", "limit": 100},
        evidence=[{"file": "b.csv", "line": 7, "quote": "x" * 9000, "metric": "m", "value": 1, "unit": "1"}],
    )
    assert changed_fields(machine(), after) == [
        {"field": "evidence", "before": ["a.csv:2"], "after": ["b.csv:7"]},
        {"field": "measured.value", "before": 4000, "after": 3000},
        {"field": "rank", "before": 1, "after": 3},
    ]


def test_a_field_that_an_older_version_did_not_have_was_none() -> None:
    before = machine()
    del before["vector"]
    assert changed_fields(before, machine())[0] == {"field": "vector", "before": None, "after": machine()["vector"]}


@pytest.mark.parametrize(
    ("change", "numbers"),
    [
        ({"rank": 2}, False),
        ({"said": "Other words."}, False),
        ({"severity": "low"}, True),
        ({"measured": {"value": 1}}, True),
        ({"confidence": "assumed"}, True),
    ],
)
def test_numbers_are_told_from_words(change: dict[str, object], numbers: bool) -> None:
    assert numbers_changed(changed_fields(machine(), machine(**change))) is numbers


TABLE = machine(rules=["PG001", "PG002"], evidence=[{"kind": "pg.table", "subject": "orders"}])
DEADLOCK = machine(rules=["PG005"], evidence=[{"kind": "pg.log.deadlock", "subject": "orders"}])
SLOW = machine(rules=["PG006"], evidence=[{"kind": "pg.log.statement", "subject": "select 1"}])
CLEAR = dict.fromkeys(("PG001", "PG002", "PG005", "PG006"), "clear")


@pytest.mark.parametrize(
    ("finding", "answers", "fresh", "clear"),
    [
        (TABLE, CLEAR, {("pg.table", "orders")}, True),
        (TABLE, CLEAR | {"PG001": "hit"}, {("pg.table", "orders")}, True),  # the rule hit another table
        (TABLE, CLEAR, {("pg.table", "payments")}, False),  # another scope
        (TABLE, CLEAR, set(), False),  # the file is merely missing
        (TABLE, CLEAR | {"PG002": "cannot tell"}, {("pg.table", "orders")}, False),
        (TABLE, {}, {("pg.table", "orders")}, False),
        (DEADLOCK, CLEAR, {("pg.log.server", "postgres")}, True),  # the log was watched and had none
        (DEADLOCK, CLEAR, {("pg.table", "orders")}, False),
        (SLOW, CLEAR, {("pg.log.server", "postgres")}, False),  # it may be fast now, or not have run
        (machine(), CLEAR, {("pg.table", "orders")}, False),  # judged by a version that kept no kinds
        (machine(rules=["PG001"], evidence=[]), CLEAR, {("pg.table", "orders")}, False),
    ],
)
def test_only_the_same_source_and_scope_measured_again_clears(
    finding: dict[str, object], answers: dict[str, str], fresh: set[tuple[str, str]], clear: bool
) -> None:
    assert clear_now(finding, answers, fresh) is clear


def test_the_difference_of_two_snapshots_is_measured_by_them() -> None:
    grown = machine(rules=["PG001"], evidence=[{"kind": "pg.table.change", "subject": "orders"}])
    assert clear_now(grown, CLEAR, {("pg.table", "orders")})
