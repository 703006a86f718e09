"""Questions of the review, what to ask for next, and the message that asks for it."""

from typing import Any

import pytest

from reviews.ask_message import GROUPS, message_of, who_runs
from reviews.asking import asks_of, reach_of
from reviews.needs import needs_of, parser_of, source_of
from reviews.questions import answered, questions_of
from telemetry.kinds import KINDS
from telemetry.parsers import PARSERS
from telemetry.rules import RULES
from telemetry.rules.base import Outcome, Status

FLOWS: list[dict[str, Any]] = [
    {"name": "checkout", "revenue_share": 0.6, "routes": ["/api/checkout"], "tables": ["orders"], "queues": []},
    {"name": "mail", "revenue_share": 0.1, "routes": [], "tables": [], "queues": ["emails"]},
    {"name": "rest", "revenue_share": None, "routes": ["/"], "tables": [], "queues": []},
]


def open_row(rule: str, mechanism: str, *metrics: str) -> dict[str, Any]:
    return {"rule": rule, "mechanism": mechanism, "title": rule, "needs": [source_of(name) for name in metrics]} | {
        "metrics": list(metrics)
    }


INDEX = open_row("ZZ001", "redundant-index", "pg.index.scans")
BACKLOG = open_row("ZZ002", "backlog", "queue.counts.waiting")
ROUTE = open_row("ZZ003", "slow-route", "http.route.p95_ms")
MEMORY = open_row("ZZ004", "memory-growth", "redis.server.used_memory")


def finding(mechanism: str, *files: str) -> dict[str, Any]:
    return {"mechanism": mechanism, "rule": "ZZ009", "rules": ["ZZ009"], "evidence": [{"file": name} for name in files]}


def test_a_question_is_answered_by_a_hit_before_a_clear_before_none() -> None:
    clear = [{"rule": "ZZ005", "mechanism": "backlog", "files": ["queues.json"]}]
    rows = questions_of([finding("slow-route", "b.log", "a.log", "b.log")], clear, [INDEX, BACKLOG, ROUTE])
    assert [(row["mechanism"], row["status"], row["files"], row["open"]) for row in rows] == [
        ("redundant-index", "cannot tell", [], ["ZZ001"]),
        ("backlog", "clear", ["queues.json"], ["ZZ002"]),
        ("slow-route", "hit", ["a.log", "b.log"], ["ZZ003"]),
    ]
    assert answered(rows) == 2


@pytest.mark.parametrize(
    ("mechanism", "reach"),
    [("redundant-index", 1.0), ("missing-index", 0.6), ("backlog", 0.1), ("slow-route", 0.9), ("memory-growth", 1.0)],
)
def test_a_question_is_worth_the_flows_that_such_a_fault_can_reach(mechanism: str, reach: float) -> None:
    assert reach_of(mechanism, FLOWS) == pytest.approx(reach)
    assert reach_of(mechanism, ()) == 1.0


def test_what_unlocks_most_stands_first() -> None:
    rows = [BACKLOG, ROUTE, MEMORY]
    asks = asks_of(FLOWS, questions_of([], [], rows), rows, {"access-log"})
    assert [(ask["format"], ask["unlocks"], ask["again"]) for ask in asks] == [
        ("redis-info", 1.0, False),
        ("access-log", 0.9, True),
        ("queue-counts", 0.1, False),
    ]
    assert asks_of(FLOWS, questions_of([], [], rows), rows[::-1], {"access-log"}) == asks


def test_a_second_opinion_is_worth_less() -> None:
    rows = [ROUTE, MEMORY]
    questions = questions_of([finding("memory-growth", "a.txt")], [], rows)
    assert [ask["format"] for ask in asks_of(FLOWS, questions, rows, ())] == ["access-log", "redis-info"]


def test_two_missing_exports_share_what_they_unlock() -> None:
    both = open_row("ZZ006", "slow-route", "http.route.p95_ms", "queue.counts.waiting")
    asks = asks_of(FLOWS, questions_of([], [], [both]), [both], ())
    assert [(ask["format"], ask["unlocks"]) for ask in asks] == [("access-log", 0.45), ("queue-counts", 0.45)]


def test_of_two_that_would_do_the_more_telling_one_is_asked_for() -> None:
    # PG032 needs the sequences or the schema; the schema answers another question as well.
    either = open_row("PG032", "table-growth", "pg.sequence.used_share", "schema.table.int4_key")
    schema = open_row("ZZ007", "missing-constraint", "schema.table.without_primary_key")
    rows = [either, schema]
    assert [ask["format"] for ask in asks_of((), questions_of([], [], rows), rows, ())] == ["sql-schema"]


def test_what_only_words_would_settle_asks_for_no_export() -> None:
    row = open_row("ZZ008", "low-hit-rate") | {"needs": ["look-ups by prefix"]}
    assert asks_of((), questions_of([], [], [row]), [row], ()) == []


def test_every_kind_has_an_export_and_every_export_somebody_who_runs_it() -> None:
    without = {kind for kind in KINDS if parser_of(f"{kind}.x") is None}
    # These come from tables whose columns a consultant names.
    assert without == {kind for kind in KINDS if kind.startswith("business.")} | {"ops.price"}
    assert {who_runs(parser.id) for parser in PARSERS} == set(GROUPS)


def test_what_happened_between_two_exports_takes_two() -> None:
    assert source_of("pg.table.change.seq_scan") == "pg_stat_user_tables as CSV twice, some days apart"


def test_the_message_holds_the_commands_by_who_can_run_them() -> None:
    rows = [INDEX, BACKLOG, MEMORY]
    questions = questions_of([], [], rows)
    inputs = [
        {"slug": "architecture-diagram", "title": "Diagram", "unlocks": "Single points", "state": "missing"},
        {"slug": "redis-memory", "title": "Redis memory", "unlocks": "Keys", "state": "missing"},
    ]
    words = [open_row("ZZ008", "low-hit-rate") | {"needs": ["look-ups by prefix", "more"]}]
    text = message_of("Harbor Books", questions, asks_of(FLOWS, questions, rows, ()), inputs, words)
    heads = [line for line, under in zip(text.splitlines(), text.splitlines()[1:], strict=False) if under[:3] == "---"]
    assert heads == [*GROUPS[:2], GROUPS[3], "In words, from you", "Questions that remain after that"]
    assert "0 of 3 questions are answered" in text
    assert "       redis-cli INFO everything > redis-info.txt" in text
    assert "* Diagram: single points." in text
    assert "Redis memory" not in text  # the INFO above brings it
    assert "* ZZ008: needs look-ups by prefix and 1 more." in text


def test_with_every_answer_nothing_is_asked_for() -> None:
    assert "Nothing more is needed" in message_of("Harbor Books", questions_of([finding("backlog")], [], []), [])


def test_a_metric_with_a_remark_is_said_as_its_export_too() -> None:
    outcome = Outcome(RULES[0], Status.CANNOT_TELL, needs=("pg.replica.replay_lag_s (a log alone does not say)",))
    assert needs_of(outcome) == (
        ("PostgreSQL replicas (pg_stat_replication) (a log alone does not say)",),
        ("pg.replica.replay_lag_s",),
    )


def test_an_export_is_asked_for_itself_not_for_what_retells_it() -> None:
    assert source_of("host.cpu.busy_p95").startswith("Machines and containers")
    assert source_of("container.usage.memory_share_max").startswith("Machines and containers")
