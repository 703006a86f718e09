"""The two fixed half-days of the plan: what Day 1 maps and what the handoff leaves behind."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reviews.intake import Intake
from reviews.report.figures import percent
from reviews.risk.flows import traffic_of
from telemetry.evidence import EvidenceSet
from tickets.estimates import Estimate
from tickets.plan import Kind, Work

Machine = dict[str, Any]
MAP_HOURS = 0.8  # five entries share half a day
HANDOFF_HOURS = 1.0  # four entries share half a day
NAMES_SHOWN = 6


def map_works(intake: Intake, evidence: EvidenceSet) -> list[Work]:
    """Day 1: routes, stores, jobs, third parties and flows, each with what the evidence shows so far."""
    routes = sorted(traffic_of(evidence))
    listed = {row.subject for row in evidence.of("route")}
    silent = sorted(listed - set(routes))
    entries = (
        ("1-routes", "Map routes", _routes(routes, listed, silent)),
        ("2-stores", "Map data stores", _named(_tables(evidence), "table", "named by the evidence")),
        ("3-jobs", "Map background jobs", _named(_queues(evidence), "queue", "counted or named by the code")),
        ("4-third-parties", "Map third-party APIs", "None of the exports names one: list hosts, limits and timeouts."),
        ("5-flows", "Map top revenue flows", _flows(intake)),
    )
    return [_work(f"map:{slug}", title, Kind.MAP, MAP_HOURS, detail) for slug, title, detail in entries]


def handoff_works(findings: Sequence[Machine], tickets: Sequence[Machine], planned: Iterable[str]) -> list[Work]:
    """The handoff: backlog, rollback playbook, next thresholds, ownership."""
    shipped = set(planned)
    backlog = [ticket for ticket in tickets if ticket["key"] not in shipped]
    entries = (
        ("1-backlog", "Hand over the backlog", _backlog(backlog)),
        ("2-rollback", "Hand over the rollback playbook", _rollbacks(tickets, shipped)),
        ("3-thresholds", "Hand over the next capacity thresholds", _thresholds(findings)),
        ("4-ownership", "Hand over the ownership map", _owners(tickets)),
    )
    return [_work(f"handoff:{slug}", title, Kind.HANDOFF, HANDOFF_HOURS, detail) for slug, title, detail in entries]


def _work(key: str, title: str, kind: Kind, hours: float, detail: str) -> Work:
    return Work(key, title, Estimate(hours, hours, hours), kind, detail=detail, role="lead")


def _routes(routes: Sequence[str], listed: set[str], silent: Sequence[str]) -> str:
    if not routes and not listed:
        return "No route is known yet: start from the router or the access log."
    text = f"{len(routes)} measured"
    if listed:
        text += f", {len(listed)} in the inventory, {len(silent)} of them never seen"
    return f"{text}: {_names(routes or silent)}."


def _named(names: Sequence[str], word: str, how: str) -> str:
    if not names:
        return f"No {word} is known yet."
    return f"{len(names)} {word}{'' if len(names) == 1 else 's'} {how}: {_names(names)}."


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more


def _subjects(evidence: EvidenceSet, kind: str) -> list[str]:
    return sorted({row.subject for row in evidence.of(kind)})


def _tables(evidence: EvidenceSet) -> list[str]:
    named = {table for row in evidence.rows for table in row.attrs.get("tables") or () if isinstance(table, str)}
    return sorted(named | {name for kind in ("pg.table", "schema.table") for name in _subjects(evidence, kind)})


def _queues(evidence: EvidenceSet) -> list[str]:
    return sorted({name for kind in ("queue.counts", "code.queue") for name in _subjects(evidence, kind)})


def _flows(intake: Intake) -> str:
    if not intake.flows:
        return "No flow was stated: agree on the top five with their shares of revenue and users."
    parts = [f"{flow.name}{_share(flow.revenue_share)}" for flow in intake.flows]
    return f"Confirm routes, tables and queues of {', '.join(parts)}."


def _share(share: float | None) -> str:
    return "" if share is None else f" ({percent(share)} of revenue)"


def _backlog(tickets: Sequence[Mapping[str, Any]]) -> str:
    if not tickets:
        return "Nothing waits: every first slice fits."
    days = sum(ticket["likely_days"] for ticket in tickets)
    return f"{len(tickets)} tickets, about {days:.1f} engineer-days, in the order of priority and leverage."


def _rollbacks(tickets: Sequence[Mapping[str, Any]], shipped: set[str]) -> str:
    steps = [
        f"{ticket['title']}: {ticket['rollback']}"
        for ticket in tickets
        if ticket["key"] in shipped and ticket["kind"] == "fix"
    ]
    return " ".join(steps) if steps else "No fix ships in these 72 hours; write down how a release is taken back."


def _thresholds(findings: Sequence[Mapping[str, Any]]) -> str:
    near = [finding for finding in findings if finding["proximity"] in (2, 3, 4)]
    texts = [f"{finding['title']} ({finding['proximity_reason']})" for finding in near[:5]]
    return "; ".join(texts) + "." if texts else "No limit was measured that lies ahead; see what was not assessed."


def _owners(tickets: Sequence[Mapping[str, Any]]) -> str:
    roles: dict[str, int] = {}
    for ticket in tickets:
        roles[ticket["role"]] = roles.get(ticket["role"], 0) + 1
    shown = ", ".join(f"{role} {count}" for role, count in sorted(roles.items()))
    return f"Name one owner for each: {shown} tickets." if roles else "Name an owner for each store, queue and flow."
