"""From evidence and intake to the decision: findings, what could not be assessed, tickets and the plan.

One path for the command line and for the workspace; both give evidence and coverage rows, and get the same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from reviews.buyer_inputs import input_states
from reviews.capacity.gather import gathered
from reviews.capacity.known import Changes
from reviews.capacity.model import capacity_of
from reviews.capacity.policy import Chosen
from reviews.capacity.roadmap import ASSUMED_ENGINEERS
from reviews.intake import Intake
from reviews.mapping import handoff_works, map_works
from reviews.needs import needs_of
from reviews.risk.finding import finding_of
from reviews.risk.matrix import printed_matrix, printed_policy
from reviews.risk.override import placed
from reviews.risk.rank import rank_hits
from telemetry.across import evidence_of
from telemetry.coverage import coverage_row
from telemetry.evidence import EvidenceSet
from telemetry.joining import Part
from telemetry.reading import Reading
from telemetry.rules import RULES
from telemetry.rules.base import Outcome, Rule, Status, run_rules
from tickets.drafts import Draft, draft_tickets
from tickets.estimates import Estimate, total
from tickets.plan import Plan, make_plan
from tickets.visibility import gaps_of
from tickets.windows import entries_of, windows_of

Machine = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The review's answer, every part JSON-safe.

    `plan` holds the five windows, `plan_entries` the same entries flat, for storing. `clear` lists the rules that
    looked and found nothing; `inputs` the nine buyer inputs with their state; `method` what was used to decide.
    `capacity` is the capacity model, `gathered` the numbers for it that the evidence holds, for computing it anew.
    """

    findings: list[Machine]
    not_assessed: list[Machine]
    clear: list[Machine]
    tickets: list[Machine]
    plan: list[Machine]
    plan_entries: list[Machine]
    effort: Machine
    coverage: list[Machine]
    inputs: list[dict[str, str | bool]]
    method: Machine
    capacity: Machine
    gathered: Machine


@dataclass(frozen=True, slots=True)
class WorkToDo:
    """Tickets, the plan in windows and flat, and the effort in engineer-days."""

    tickets: list[Machine]
    plan: list[Machine]
    plan_entries: list[Machine]
    effort: Machine


def assess(intake: Intake, readings: Sequence[Reading], rules: Sequence[Rule] = RULES) -> Assessment:
    """Assess what was just read."""
    parts = [
        Part(coverage_row(reading), list(reading.result.evidence) if reading.result else []) for reading in readings
    ]
    return assess_evidence(intake, parts, rules)


def assess_evidence(
    intake: Intake,
    parts: Sequence[Part],
    rules: Sequence[Rule] = RULES,
    dismissed: frozenset[str] = frozenset(),
    overrides: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    changes: Changes | None = None,
    policy: Chosen | None = None,
) -> Assessment:
    """Assess what files say, those of one source joined before rules see them; how is said in the parts' notes.

    Findings whose key is in `dismissed` are computed like all others, but get no ticket and no place in the plan.
    `overrides` (values by field, by key) change what tickets and plan are made from, never the findings.
    `changes` are numbers of the capacity model that a consultant set, by key; `policy` is the one that they chose.
    """
    known = EvidenceSet(evidence_of(parts))
    outcomes = run_rules(rules, known)
    findings = [finding_of(risk, intake.monthly_revenue) for risk in rank_hits(outcomes, known, intake.flows)]
    not_assessed = [_not_assessed(outcome) for outcome in outcomes if outcome.status is Status.CANNOT_TELL]
    worked_on = [
        finding | placed(finding, overrides.get(finding["key"], {}))
        for finding in findings
        if finding["key"] not in dismissed
    ]
    work = work_of(intake, known, worked_on, not_assessed)
    coverage = [part.noted for part in parts]
    formats = {str(row["format"]) for row in coverage if row.get("format") and not row.get("error")}
    clear = [_clear(outcome.rule, known) for outcome in outcomes if outcome.status is Status.CLEAR]
    numbers = gathered(known, intake, newest_day(coverage))
    return Assessment(
        findings=findings,
        not_assessed=not_assessed,
        clear=clear,
        tickets=work.tickets,
        plan=work.plan,
        plan_entries=work.plan_entries,
        effort=work.effort,
        coverage=coverage,
        inputs=input_states(formats, intake.inputs, bool(intake.flows), bool(intake.hard_constraints)),
        method=_method(intake, rules),
        capacity=capacity_of(intake, numbers, worked_on, clear, not_assessed, work.tickets, changes, policy),
        gathered=numbers.kept(),
    )


def newest_day(coverage: Sequence[Machine]) -> date | None:
    """The day of the newest record in any file, None when no file tells the time."""
    days = [str(row["to"])[:10] for row in coverage if row.get("to")]
    return date.fromisoformat(max(days)) if days else None


def work_of(
    intake: Intake, evidence: EvidenceSet, findings: Sequence[Machine], not_assessed: Sequence[Machine]
) -> WorkToDo:
    """Tickets and plan for these findings and no others: nothing in them speaks of a finding that was left out."""
    missing = [(row["rule"], row["metrics"]) for row in not_assessed]
    gaps = gaps_of(missing, intake.stack, {row.kind for row in evidence.rows})
    drafts = draft_tickets(findings, gaps)
    plan = _plan(intake, evidence, findings, drafts)
    codes = {draft.work.id: str(draft.ticket["id"]) for draft in drafts}
    return WorkToDo(_with_windows(drafts, plan), windows_of(plan, codes), entries_of(plan, codes), _effort(drafts))


def _plan(intake: Intake, known: EvidenceSet, findings: Sequence[Machine], drafts: Sequence[Draft]) -> Plan:
    """Planned twice: the handoff names what the first pass could not fit in; its own hours are the same both times."""
    engineers = ASSUMED_ENGINEERS if intake.engineers is None else intake.engineers
    tickets = [draft.ticket for draft in drafts]
    works = [*map_works(intake, known), *(draft.work for draft in drafts)]
    first = make_plan([*works, *handoff_works(findings, tickets, ())], engineers)
    shipped = [booking.work.id for booking in first.bookings]
    return make_plan([*works, *handoff_works(findings, tickets, shipped)], engineers)


def _with_windows(drafts: Sequence[Draft], plan: Plan) -> list[Machine]:
    """Each ticket with the day its first slice begins, None when it waits."""
    days: dict[str, int] = {}
    for booking in plan.bookings:
        days.setdefault(booking.work.id, booking.day)
    return [draft.ticket | {"day": days.get(draft.work.id)} for draft in drafts]


def _not_assessed(outcome: Outcome) -> Machine:
    need = needs_of(outcome)
    return _named(outcome.rule) | {"needs": list(need.texts), "metrics": list(need.metrics)}


def _clear(rule: Rule, known: EvidenceSet) -> Machine:
    """A question that was answered, and the files the answer rests on."""
    files = {file for kind, _ in (*rule.needs, *rule.needs_any) for file in known.files_of(kind)}
    return _named(rule) | {"files": sorted(files)}


def _named(rule: Rule) -> Machine:
    return {"rule": rule.id, "area": rule.area, "mechanism": rule.mechanism, "title": rule.title}


def _effort(drafts: Sequence[Draft]) -> Machine:
    """All tickets together, in engineer-days."""
    tickets = [draft.ticket for draft in drafts]
    sizes = [Estimate(ticket["low_days"], ticket["likely_days"], ticket["high_days"]) for ticket in tickets]
    summed = total(sizes)
    return {"mean_days": round(summed.mean, 2), "p50_days": round(summed.p50, 2), "p80_days": round(summed.p80, 2)}


def _method(intake: Intake, rules: Sequence[Rule]) -> Machine:
    return {
        "matrix": printed_matrix(),
        "policy": printed_policy(),
        "engineers": ASSUMED_ENGINEERS if intake.engineers is None else intake.engineers,
        "engineers_grade": "assumed" if intake.engineers is None else "stated",
        "rules": [
            _named(rule)
            | {"id": rule.id, "threshold": rule.threshold.value, "unit": rule.threshold.unit}
            | {"basis": rule.threshold.basis, "source": rule.threshold.source}
            for rule in rules
        ],
    }
