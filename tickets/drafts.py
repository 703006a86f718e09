"""Tickets from findings and gaps: one for each rule that found something, one for each gauge that is missing.

Findings and tickets are plain dicts in the shape of the machine interface, because they cross the border between apps.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tickets.estimates import Estimate
from tickets.plan import Kind, Work
from tickets.visibility import Gap

Machine = dict[str, Any]

# Each further subject of the same rule takes half the first one's effort: the way is known by then.
FURTHER_SUBJECT = 0.5
FIRST_SLICE_LIMIT_H = 16.0
HOURS_PER_DAY = 8.0
SUBJECT_LENGTH = 48
ROLES = {
    "postgres": "database",
    "redis": "platform",
    "queues": "backend",
    "platform": "platform",
    "release": "platform",
    "observability": "platform",
}
# A fix that changes the schema waits for a way back; a fix that changes retries waits for idempotency.
SCHEMA_FIXES = frozenset({"missing-index", "redundant-index", "missing-constraint", "table-bloat", "ddl-lock"})
RETRY_FIXES = frozenset({"retry-storm", "failing-jobs", "no-dead-letter"})
WAYS_BACK = frozenset({"no-rollback"})
IDEMPOTENCY = frozenset({"missing-idempotency", "duplicate-delivery"})
# Fixes that stand on their own: waiting for a gauge would only delay what must not wait.
NO_BASELINE = frozenset({"release", "observability", "security", "integrity", "tenancy", "cost"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A ticket with what the plan needs to know about it."""

    ticket: Machine
    work: Work


def draft_tickets(findings: Sequence[Machine], gaps: Sequence[Gap]) -> list[Draft]:
    """Tickets by priority, then leverage. Findings that are only symptoms are named by the ticket of their cause."""
    groups = _groups(findings)
    middle = _median_leverage(findings)
    tickets = [_fix_ticket(rule, group, findings, middle) for rule, group in groups.items()]
    tickets += [_gap_ticket(gap, findings) for gap in gaps]
    tickets.sort(key=lambda ticket: (ticket["priority"], -ticket["leverage"], -len(ticket["rules"]), ticket["key"]))
    needs = _needs(tickets, gaps)
    return [Draft(ticket | {"needs": needs[ticket["key"]]}, _work(ticket, needs[ticket["key"]])) for ticket in tickets]


def _groups(findings: Sequence[Machine]) -> dict[str, list[Machine]]:
    groups: dict[str, list[Machine]] = {}
    for finding in findings:
        groups.setdefault(finding["rule"], []).append(finding)
    return {rule: group for rule, group in groups.items() if not all(finding["causes"] for finding in group)}


def _median_leverage(findings: Sequence[Machine]) -> float:
    leverages = [finding["leverage"] for finding in findings if not finding["causes"]]
    return median(leverages) if leverages else 0.0


def _fix_ticket(rule: str, group: Sequence[Machine], findings: Sequence[Machine], middle: float) -> Machine:
    first = min(group, key=lambda finding: finding["rank"])
    effort = first["effort"]
    size = Estimate(effort["low"], effort["likely"], effort["high"]).times(1 + FURTHER_SUBJECT * (len(group) - 1))
    return {
        "id": _code(f"rule:{rule}"),
        "key": f"rule:{rule}",
        "kind": Kind.FIX.value,
        "priority": _priority(group, findings, middle),
        "title": _title(first["first_slice"]["title"], group),
        "severity": first["severity"],
        "area": first["area"],
        "mechanism": first["mechanism"],
        "role": ROLES.get(first["area"], "backend"),
        "low_days": size.low,
        "likely_days": size.likely,
        "high_days": size.high,
        "findings": [finding["id"] for finding in group],
        "subjects": [finding["subject"]["name"] for finding in group],
        "symptoms": sorted({code for finding in group for code in finding["symptoms"]}),
        "rules": [rule],
        "leverage": round(sum(finding["leverage"] for finding in group), 4),
        "steps": list(first["steps"]),
        "snippets": [finding["snippet"] for finding in group if finding["snippet"]],
        "first_slice": first["first_slice"],
        "verify": first["verify"],
        "rollback": first["rollback"],
    }


def _title(what: str, group: Sequence[Machine]) -> str:
    """What is done and where: two places by name, the others by number."""
    subjects = [finding["subject"] for finding in sorted(group, key=lambda finding: finding["rank"])]
    names = [_short(subject["name"]) for subject in subjects if subject["kind"] != "server"]
    if not names:
        return what
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"{what}: {', '.join(names[:2])}{more}"


def _short(name: str) -> str:
    return name if len(name) <= SUBJECT_LENGTH else name[: SUBJECT_LENGTH - 1].rstrip() + "…"


def _priority(group: Sequence[Machine], findings: Sequence[Machine], middle: float) -> str:
    """P0: High with a first slice of two days at most, or what two High need first. P1: High, or Medium worth it."""
    severities = {finding["severity"] for finding in group}
    quick = min(finding["first_slice"]["hours"] for finding in group) <= FIRST_SLICE_LIMIT_H
    high = [finding for finding in findings if finding["severity"] == "high"]
    if ("high" in severities and quick) or (any(finding["enabler"] for finding in group) and len(high) >= 2):
        return "P0"
    worth = any(finding["severity"] == "medium" and finding["leverage"] >= middle for finding in group)
    return "P1" if "high" in severities or worth else "P2"


def _gap_ticket(gap: Gap, findings: Sequence[Machine]) -> Machine:
    """A gauge enables every High finding in the areas it is the baseline of; the rest of one enables nothing."""
    gauge = gap.gauge
    high = [row for row in findings if row["severity"] == "high" and row["area"] in gauge.baseline_for]
    enabled = [] if gap.partial else high
    return {
        "id": _code(gap.key),
        "key": gap.key,
        "kind": Kind.VISIBILITY.value,
        "priority": "P0" if len(enabled) >= 2 else "P1" if enabled else "P2",
        "title": gap.title,
        "severity": None,
        "area": "observability",
        "mechanism": "missing-telemetry",
        "role": gauge.role,
        "low_days": gap.hours.low / HOURS_PER_DAY,
        "likely_days": gap.hours.likely / HOURS_PER_DAY,
        "high_days": gap.hours.high / HOURS_PER_DAY,
        "findings": [finding["id"] for finding in enabled],
        "subjects": list(gap.metrics),
        "symptoms": [],
        "rules": list(gap.rules),
        "leverage": 0.0,
        "steps": list(gauge.steps),
        "snippets": [],
        "first_slice": {"title": gap.title, "hours": gap.hours.likely},
        "verify": gauge.verify,
        "rollback": "Remove the collector; nothing in the application depends on it.",
        "partial": gap.partial,
    }


def _needs(tickets: Sequence[Machine], gaps: Sequence[Gap]) -> dict[str, list[str]]:
    """What must stand before: a baseline, idempotency, a way back."""
    by_mechanism: dict[str, list[str]] = {}
    for ticket in tickets:
        by_mechanism.setdefault(ticket["mechanism"], []).append(ticket["key"])

    def of(mechanisms: frozenset[str]) -> list[str]:
        return [key for name in sorted(mechanisms) for key in by_mechanism.get(name, [])]

    return {ticket["key"]: _needs_of(ticket, gaps, of(IDEMPOTENCY), of(WAYS_BACK)) for ticket in tickets}


def _needs_of(ticket: Machine, gaps: Sequence[Gap], idempotency: list[str], ways_back: list[str]) -> list[str]:
    if ticket["kind"] != Kind.FIX.value:
        return []
    needs = [] if ticket["area"] in NO_BASELINE else _baseline(ticket, gaps)
    needs += idempotency if ticket["mechanism"] in RETRY_FIXES else []
    needs += ways_back if ticket["mechanism"] in SCHEMA_FIXES else []
    return needs


def _baseline(ticket: Machine, gaps: Sequence[Gap]) -> list[str]:
    """The gauge of the fix's own area, if nobody has it: without it no one could show that the fix worked."""
    own = {"postgres": "query-statistics", "redis": "redis", "queues": "queues", "platform": "routes"}
    return [gap.key for gap in gaps if gap.gauge.slug == own.get(ticket["area"]) and not gap.partial]


def _work(ticket: Machine, needs: Sequence[str]) -> Work:
    likely = float(ticket["first_slice"]["hours"])
    return Work(
        id=ticket["key"],
        title=ticket["title"],
        hours=Estimate(likely * 0.75, likely, likely * 1.5),
        kind=Kind(ticket["kind"]),
        needs=tuple(needs),
        gain=ticket["leverage"] or len(ticket["rules"]) / 1000,
        role=ticket["role"],
        # Seeing comes first whatever it enables; only the rest of a gauge takes its place among the fixes.
        urgency=0 if ticket.get("partial") is False else int(ticket["priority"][1]),
        findings=tuple(ticket["findings"]),
        detail=" ".join(ticket["steps"][:1]),
    )


def _code(key: str) -> str:
    return "T" + hashlib.sha256(key.encode()).hexdigest()[:9]
