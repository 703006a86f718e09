"""Opening an engagement and keeping what we know about the business: form, TOML and tables hold the same fields."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from reviews.buyer_inputs import BUYER_INPUTS, MISSING, input_states
from reviews.intake import Flow as FlowFacts
from reviews.intake import Intake, IntakeError
from reviews.intake_capacity import capacity_document, capacity_of_document
from reviews.models import BuyerInput, Client, Engagement, Flow, HardConstraint, Membership
from telemetry.services import delete_uploads_of, uploads_of

PLAIN = ("title", "current_mau", "target_mau", "growth_per_month", "engineers", "due")


@transaction.atomic
def open_engagement(*, code: str, intake: Intake, lead: User | None = None) -> Engagement:
    """A new engagement with its nine buyer inputs, filled from an intake; the client is found by name or made."""
    client, _ = Client.objects.get_or_create(name=intake.client)
    engagement = Engagement.objects.create(code=code, client=client, title=intake.title)
    prepare_inputs(engagement=engagement)
    if lead is not None:
        Membership.objects.create(engagement=engagement, user=lead, leads=True)
    return apply_intake(engagement=engagement, intake=intake)


@transaction.atomic
def prepare_inputs(*, engagement: Engagement) -> None:
    """Make sure the nine buyer inputs exist, in their order."""
    known = set(engagement.inputs.values_list("slug", flat=True))
    BuyerInput.objects.bulk_create(
        BuyerInput(engagement=engagement, slug=entry.slug) for entry in BUYER_INPUTS if entry.slug not in known
    )


@transaction.atomic
def apply_intake(*, engagement: Engagement, intake: Intake) -> Engagement:
    """Replace the engagement's facts by an intake's. The client is not changed; another client's intake is refused."""
    if intake.client != engagement.client.name:
        raise IntakeError([f"engagement.client: is {intake.client!r}, but this engagement is for {engagement.client}"])
    for name in PLAIN:
        setattr(engagement, name, getattr(intake, name))
    engagement.stack, engagement.currency = list(intake.stack), intake.currency or ""
    engagement.monthly_revenue = None if intake.monthly_revenue is None else Decimal(str(intake.monthly_revenue))
    # As text: jsonb forgets the order of keys, and phases have one.
    engagement.capacity = {"tables": json.dumps(capacity_document(intake.capacity))}
    if intake.stage is not None:
        engagement.stage = _stage(intake.stage)
    engagement.save()
    _replace_flows(engagement, intake.flows)
    engagement.constraints.all().delete()
    HardConstraint.objects.bulk_create(HardConstraint(engagement=engagement, text=t) for t in intake.hard_constraints)
    for slug, state in intake.inputs.items():
        set_input(engagement=engagement, slug=slug, state=state)
    refresh_inputs(engagement=engagement)
    return engagement


def _stage(text: str) -> str:
    if text not in Engagement.Stage.values:
        raise IntakeError([f"engagement.stage: must be one of {', '.join(Engagement.Stage.values)}"])
    return text


def _replace_flows(engagement: Engagement, flows: tuple[FlowFacts, ...]) -> None:
    engagement.flows.all().delete()
    Flow.objects.bulk_create(
        Flow(
            engagement=engagement,
            name=flow.name,
            revenue_share=flow.revenue_share,
            user_share=flow.user_share,
            routes=list(flow.routes),
            tables=list(flow.tables),
            queues=list(flow.queues),
        )
        for flow in flows
    )


def intake_of(engagement: Engagement) -> Intake:
    """The engagement's facts as an intake; the inverse of `apply_intake`."""
    facts: dict[str, Any] = {name: getattr(engagement, name) for name in PLAIN}
    revenue = engagement.monthly_revenue
    return Intake(
        client=engagement.client.name,
        **facts,
        stack=tuple(engagement.stack),
        monthly_revenue=None if revenue is None else float(revenue),
        currency=engagement.currency or None,
        stage=engagement.stage,
        hard_constraints=tuple(engagement.constraints.values_list("text", flat=True)),
        flows=tuple(_flow_facts(flow) for flow in engagement.flows.all()),
        inputs={row.slug: row.state for row in engagement.inputs.filter(decided=True)},
        capacity=capacity_of_document(json.loads(engagement.capacity.get("tables", "{}"))),
    )


def _flow_facts(flow: Flow) -> FlowFacts:
    return FlowFacts(
        name=flow.name,
        revenue_share=flow.revenue_share,
        user_share=flow.user_share,
        routes=tuple(flow.routes),
        tables=tuple(flow.tables),
        queues=tuple(flow.queues),
    )


@transaction.atomic
def set_input(*, engagement: Engagement, slug: str, state: str) -> None:
    """A consultant's word on one buyer input; an empty state leaves it to the uploads again."""
    row = engagement.inputs.get(slug=slug)
    row.decided, row.state = bool(state), state or MISSING
    row.save()
    refresh_inputs(engagement=engagement)


@transaction.atomic
def refresh_inputs(*, engagement: Engagement) -> None:
    """Mark inputs received by what the uploads and the intake show; a consultant's word stays."""
    states = {row["slug"]: row["state"] for row in input_rows(engagement)}
    for row in engagement.inputs.filter(decided=False):
        if row.state != states[row.slug]:
            BuyerInput.objects.filter(pk=row.pk).update(state=states[row.slug])


def input_rows(engagement: Engagement) -> list[dict[str, Any]]:
    """The nine inputs with title, state, what each unlocks, and what a consultant decided about it."""
    decided = {row.slug: row.state for row in engagement.inputs.filter(decided=True)}
    rows = input_states(
        formats=set(uploads_of(engagement.pk).filter(state="done").values_list("format", flat=True)),
        stated=decided,
        has_flows=engagement.flows.exists(),
        has_constraints=engagement.constraints.exists(),
    )
    return [row | {"decided": decided.get(row["slug"], "")} for row in rows]


def mark_analysed(*, engagement: Engagement, method: dict[str, Any], gathered: dict[str, Any], at: datetime) -> None:
    """Remember since when, by which rules and from which numbers it is judged, and move on from the first stages."""
    engagement.analysed_at, engagement.method, engagement.evidence_inputs = at, method, gathered
    if engagement.stage in (Engagement.Stage.INTAKE, Engagement.Stage.EVIDENCE) and engagement.findings.exists():
        engagement.stage = Engagement.Stage.FINDINGS
    engagement.save(update_fields=["analysed_at", "method", "evidence_inputs", "stage"])


@transaction.atomic
def delete_engagement(*, engagement: Engagement) -> None:
    """Remove an engagement with its files. One with reports stays (ProtectedError): a client may ask for them."""
    delete_uploads_of(engagement_id=engagement.pk)
    engagement.delete()
