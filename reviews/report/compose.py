"""The document of a review, `loadline.review/1`: what the command writes, the workspace downloads, a report freezes."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from reviews.asking import asks_of
from reviews.assessment import Assessment
from reviews.intake import Intake
from reviews.questions import questions_of
from reviews.roles import role_of

Machine = dict[str, Any]
SCHEMA = "loadline.review/1"
# Wall times differ from run to run; the document must not.
NOT_PRINTED = ("seconds",)


def compose(
    engagement: Machine,
    coverage: Sequence[Machine],
    findings: Sequence[Machine],
    not_assessed: Sequence[Machine],
    plan: Sequence[Machine],
    tickets: Sequence[Machine],
    method: Machine,
    clear: Sequence[Machine] = (),
    effort: Machine | None = None,
    capacity: Machine | None = None,
) -> Machine:
    """Put the parts together: findings by rank, everything JSON-safe, the same for the same parts.

    `questions` say by mechanism what was answered, `asks` which exports would answer the rest, most telling first. A
    dimension of the scorecard without a score and scenarios that are none were not assessed; neither is a good grade.
    Both are parts of `capacity`, the capacity model, and stand once more where the machine interface promises them.
    """
    model = capacity or {}
    questions = questions_of(findings, clear, not_assessed)
    received = {str(row["format"]) for row in coverage if row.get("format") and not row.get("error")}
    document = {
        "schema": SCHEMA,
        "engagement": engagement,
        "coverage": [_without(row, NOT_PRINTED) for row in coverage],
        "findings": sorted(findings, key=lambda finding: finding["rank"]),
        "not_assessed": list(not_assessed),
        "clear": list(clear),
        "questions": questions,
        "asks": asks_of(engagement["flows"], questions, not_assessed, received),
        "scorecard": model.get("scorecard", {}),
        "scenarios": model.get("scenarios", []),
        "capacity": model,
        "plan": list(plan),
        "tickets": list(tickets),
        "effort": effort or {},
        "method": method,
    }
    safe: Machine = json_safe(document)
    return safe


def compose_assessment(intake: Intake, assessment: Assessment) -> Machine:
    """The document of an assessment that is not stored anywhere."""
    return compose(
        engagement=engagement_of(intake, assessment.inputs),
        coverage=assessment.coverage,
        findings=assessment.findings,
        not_assessed=assessment.not_assessed,
        plan=assessment.plan,
        tickets=assessment.tickets,
        method=assessment.method,
        clear=assessment.clear,
        effort=assessment.effort,
        capacity=assessment.capacity,
    )


def engagement_of(intake: Intake, inputs: Sequence[Machine] | Sequence[dict[str, str | bool]]) -> Machine:
    """The engagement block: what was stated, the nine buyer inputs, and the names of what nobody stated.

    `parts` are those of the stack, each with what it is there for ("" where its name is not known).
    """
    stated = ("client", "title", "stack", "current_mau", "target_mau", "growth_per_month", "engineers")
    block = {name: getattr(intake, name) for name in (*stated, "monthly_revenue", "currency", "stage", "due")}
    flow_fields = ("name", "revenue_share", "user_share", "routes", "tables", "queues")
    return block | {
        "parts": [{"name": name, "role": role_of(name)} for name in intake.stack],
        "team": intake.capacity.team,
        "policy": intake.capacity.policy,
        "flows": [{name: getattr(flow, name) for name in flow_fields} for flow in intake.flows],
        "constraints": list(intake.hard_constraints),
        "inputs": [dict(row) for row in inputs],
        "missing": intake.missing(),
    }


def json_safe(value: Any) -> Any:
    """Plain lists, dicts, text, numbers, booleans and None. Numbers JSON cannot hold (NaN, infinity) become None."""
    if isinstance(value, dict):
        return {str(key): json_safe(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_safe(entry) for entry in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def _without(row: Machine, names: Sequence[str]) -> Machine:
    return {name: value for name, value in row.items() if name not in names}
