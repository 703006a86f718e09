"""Tickets: one per rule, priorities as declared, visibility for gaps, and what must come first."""

from typing import Any

import pytest

from tickets.drafts import draft_tickets
from tickets.plan import Kind, make_plan
from tickets.visibility import GAUGES, Gap, gaps_of
from tickets.windows import entries_of, windows_of


def finding(name: str, **changes: Any) -> dict[str, Any]:
    fields = {
        "id": f"F{name}",
        "rule": f"R{name}",
        "area": "postgres",
        "mechanism": "missing-index",
        "title": f"Problem {name}",
        "subject": {"kind": "table", "name": name},
        "severity": "medium",
        "rank": 1,
        "leverage": 0.1,
        "causes": [],
        "symptoms": [],
        "enabler": False,
        "effort": {"low": 0.5, "likely": 1.0, "high": 2.0},
        "first_slice": {"title": "Build it", "hours": 4},
        "steps": ["Build it."],
        "snippet": "",
        "verify": "Look.",
        "rollback": "Undo.",
    }
    return fields | changes


def gap(slug: str) -> Gap:
    return Gap(next(gauge for gauge in GAUGES if gauge.slug == slug), ("pg.stat.statement.calls",), ("PG001",))


def priorities(findings: list[dict[str, Any]], gaps: tuple[Gap, ...] = ()) -> dict[str, str]:
    return {draft.ticket["key"]: draft.ticket["priority"] for draft in draft_tickets(findings, gaps)}


def test_high_with_a_quick_first_slice_is_p0() -> None:
    assert priorities([finding("a", severity="high")]) == {"rule:Ra": "P0"}


def test_high_whose_first_slice_is_long_is_p1() -> None:
    slow = finding("a", severity="high", first_slice={"title": "Rewrite", "hours": 17})
    assert priorities([slow]) == {"rule:Ra": "P1"}


def test_medium_is_p1_only_in_the_upper_half_by_leverage() -> None:
    findings = [finding("a", leverage=0.3), finding("b", leverage=0.2), finding("c", leverage=0.1)]
    assert priorities(findings) == {"rule:Ra": "P1", "rule:Rb": "P1", "rule:Rc": "P2"}


def test_low_is_p2() -> None:
    assert priorities([finding("a", severity="low", leverage=9.0)]) == {"rule:Ra": "P2"}


def test_what_enables_two_high_is_p0() -> None:
    highs = [finding("a", severity="high"), finding("b", severity="high")]
    enabler = finding("c", severity="low", enabler=True, area="observability")
    assert priorities([*highs, enabler])["rule:Rc"] == "P0"
    assert priorities([*highs[:1], enabler])["rule:Rc"] == "P2"
    assert priorities(highs, (gap("query-statistics"),))["visibility:query-statistics"] == "P0"
    assert priorities(highs[:1], (gap("query-statistics"),))["visibility:query-statistics"] == "P1"
    assert priorities(highs, (gap("redis"),))["visibility:redis"] == "P2"


def test_one_subject_keeps_the_rules_estimate_and_more_cost_half_each() -> None:
    [one] = draft_tickets([finding("a")], ())
    assert (one.ticket["low_days"], one.ticket["high_days"]) == (0.5, 2.0)
    [two] = draft_tickets([finding("a"), finding("b", rule="Ra", rank=2)], ())
    assert (two.ticket["low_days"], two.ticket["high_days"]) == (0.75, 3.0)
    assert two.ticket["findings"] == ["Fa", "Fb"]
    assert two.ticket["title"] == "Build it: a, b"


def test_a_symptom_has_no_ticket_but_its_causes_ticket_names_it() -> None:
    cause = finding("a", symptoms=["Fb"])
    symptom = finding("b", causes=["Fa"])
    [only] = draft_tickets([cause, symptom], ())
    assert only.ticket["symptoms"] == ["Fb"]


def test_a_fix_waits_for_its_baseline_its_way_back_and_idempotency() -> None:
    findings = [
        finding("index"),
        finding("back", mechanism="no-rollback", area="release"),
        finding("retry", mechanism="retry-storm", area="queues"),
        finding("once", mechanism="missing-idempotency", area="integrity"),
    ]
    drafts = draft_tickets(findings, (gap("query-statistics"), gap("redis")))
    needs = {draft.ticket["key"]: draft.ticket["needs"] for draft in drafts}
    assert needs["rule:Rindex"] == ["visibility:query-statistics", "rule:Rback"]
    assert needs["rule:Rretry"] == ["rule:Ronce"]
    assert needs["rule:Rback"] == needs["visibility:redis"] == []


def test_gaps_come_from_missing_metrics_and_fit_the_stack() -> None:
    missing = [
        ("RE001", ["redis.server.keys"]),
        ("RE002", ["redis.command.calls"]),
        ("QU001", ["queue.counts.waiting"]),
    ]
    assert [(entry.gauge.slug, entry.rules) for entry in gaps_of(missing, [])] == [
        ("redis", ("RE001", "RE002")),
        ("queues", ("QU001",)),
    ]
    assert [entry.gauge.slug for entry in gaps_of(missing, ["Postgres", "Sidekiq"])] == ["redis", "queues"]
    assert gaps_of(missing, ["postgres"]) == []


def test_the_rest_of_a_gauge_is_smaller_and_keeps_nothing_back() -> None:
    [rest] = gaps_of([("PG001", ["pg.stat.statement.rows"])], [], seen={"pg.stat.statement"})
    highs = [finding("a", severity="high"), finding("b", severity="high")]
    drafts = {draft.ticket["key"]: draft.ticket for draft in draft_tickets(highs, (rest,))}
    ticket = drafts["visibility:query-statistics"]
    assert (ticket["priority"], ticket["title"]) == ("P2", "Complete the export of pg_stat_statements")
    assert ticket["likely_days"] == 0.125
    assert drafts["rule:Ra"]["needs"] == []


@pytest.mark.parametrize("metric", ["http.route.p95_ms", "pg.log.lock.waits", "route.listed", "pg.table.live"])
def test_every_kind_has_a_gauge(metric: str) -> None:
    assert len(gaps_of([("XX001", [metric])], [])) == 1


def test_windows_hold_every_entry_once_within_capacity() -> None:
    drafts = draft_tickets([finding(str(n), severity="high", rank=n) for n in range(9)], (gap("query-statistics"),))
    plan = make_plan([draft.work for draft in drafts], 1)
    windows = windows_of(plan, {draft.work.id: draft.ticket["id"] for draft in drafts})
    assert [row["name"] for row in windows] == ["Day 1", "Day 2", "Day 3", "Handoff", "Backlog"]
    entries = [entry for row in windows for entry in row["entries"]]
    assert sorted(entry["key"] for entry in entries) == sorted(draft.work.id for draft in drafts)
    assert all(row["hours"] <= 8 for row in windows[:3])
    assert {entry["ticket"] for entry in entries} == {draft.ticket["id"] for draft in drafts}
    assert entries_of(plan, {})[0]["kind"] == Kind.VISIBILITY.value
