"""What may never be stored is refused by the database itself, whoever writes."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from reviews.models import (
    Brand,
    BuyerInput,
    CapacityChange,
    Deliverable,
    Engagement,
    Finding,
    FindingChange,
    Flow,
    RiskOverride,
    RuleOutcome,
    RunChange,
)
from telemetry.models import ColumnMapping, Upload, UploadEvent
from tests.cast import (
    Cast,
    make_cast,
    make_deliverable,
    make_finding,
    make_plan_item,
    make_run,
    make_ticket,
    make_upload,
)
from tickets.models import PlanItem, Ticket

pytestmark = pytest.mark.django_db

Break = Callable[[Cast], object]
NOW = timezone.now()


def twice(make: Callable[[], object]) -> None:
    make()
    make()


def changed(model: type, **fields: object) -> Break:
    """Write a field past every form and method."""
    return lambda cast: model.objects.update(**fields)  # type: ignore[attr-defined]


def overridden(cast: Cast, **fields: object) -> RiskOverride:
    """An entry of the ledger, past every service."""
    facts = {
        "field": "severity",
        "value": "low",
        "reason_code": "other",
        "reason": "It is switched off in this very week.",
    }
    return RiskOverride.objects.create(finding=cast.engagement.findings.get(code="f1"), **(facts | fields))


def run_change(cast: Cast, outcome: str = "updated") -> RunChange:
    run = cast.engagement.runs.first() or make_run(cast.engagement)
    return RunChange.objects.create(run=run, finding=cast.engagement.findings.get(code="f1"), outcome=outcome)


BREAKS: dict[str, Break] = {
    "brand_accent_is_hex": changed(Brand, accent="red;}"),
    "brand_ink_is_hex": changed(Brand, ink="#12345g"),
    "buyer_input_once": lambda c: BuyerInput.objects.create(engagement=c.engagement, slug="top-flows"),
    "buyer_input_state_known": changed(BuyerInput, state="perhaps"),
    "capacity_change_finite": lambda c: CapacityChange.objects.create(
        engagement=c.engagement, key="http.rps_peak", title="Requests", value=float("inf")
    ),
    "column_mapping_once": lambda c: twice(
        lambda: ColumnMapping.objects.create(client=c.engagement.client, signature="s", target="invoice", columns={})
    ),
    "deleted_upload_is_not_read": changed(Upload, state="received", raw_deleted_at=NOW),
    "deliverable_number_once": lambda c: make_deliverable(c.engagement),
    "deliverable_state_known": lambda c: make_deliverable(c.engagement, number=2, state="sent"),
    "engagement_code_plain": changed(Engagement, code='x"; a=b'),
    "engagement_growth_sane": changed(Engagement, growth_per_month=-0.1),
    "engagement_stage_known": changed(Engagement, stage="later"),
    "failed_upload_says_why": changed(Upload, state="failed", error=""),
    "finding_code_once": lambda c: make_finding(c.engagement, "f1", key="another"),
    "finding_key_once": lambda c: Finding.objects.filter(code="f2").update(key="PG001:table:f1"),
    "finding_set_severity_known": changed(Finding, set_severity="none"),
    "finding_severity_known": changed(Finding, severity="huge"),
    "finding_status_known": changed(Finding, status="shown"),
    "flow_name_once": lambda c: Flow.objects.create(engagement=c.engagement, name="checkout"),
    "flow_revenue_is_a_share": changed(Flow, revenue_share=1.01),
    "flow_users_is_a_share": changed(Flow, user_share=-0.01),
    "issued_has_its_pdf": lambda c: make_deliverable(c.engagement, number=2, pdf=None),
    "membership_once": lambda c: c.engagement.memberships.create(user=c.ann),
    "override_act_known": lambda c: overridden(c, act="lost"),
    "override_chain_once": lambda c: twice(lambda: overridden(c)),
    "override_field_known": lambda c: overridden(c, field="title"),
    "override_has_a_value": lambda c: overridden(c, value=None),
    "override_says_why": lambda c: overridden(c, reason=" " * 40 + "because"),
    "outcome_once": lambda c: twice(lambda: RuleOutcome.objects.create(engagement=c.engagement, rule="X")),
    "plan_item_day_known": changed(PlanItem, day=6),
    "plan_item_hours_not_negative": changed(PlanItem, hours=-1),
    "plan_item_key_once": lambda c: make_plan_item(c.engagement),
    "plan_item_moved_to_a_known_day": changed(PlanItem, moved_to=0),
    "finding_standing_known": changed(Finding, standing="perhaps"),
    "run_change_once": lambda c: twice(lambda: run_change(c)),
    "run_change_outcome_known": lambda c: run_change(c, outcome="lost"),
    "run_number_once": lambda c: twice(lambda: make_run(c.engagement)),
    "ticket_estimate_in_order": changed(Ticket, low_days=3),
    "ticket_key_once": lambda c: make_ticket(c.engagement),
    "ticket_priority_known": changed(Ticket, priority="P9"),
    "ticket_state_known": changed(Ticket, state="lost"),
    "upload_event_known": lambda c: UploadEvent.objects.create(engagement=c.engagement, action="lost"),
    "upload_member_once": lambda c: twice(
        lambda: make_upload(c.engagement, parent=c.engagement.uploads.first(), sha256="2" * 64)
    ),
    "upload_once": lambda c: make_upload(c.engagement),
    "upload_state_known": changed(Upload, state="gone"),
}  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    people = make_cast()
    Brand.objects.create(name="A brand")
    make_finding(people.engagement, "f1")
    make_finding(people.engagement, "f2")
    make_upload(people.engagement)
    make_plan_item(people.engagement)
    make_ticket(people.engagement)
    make_deliverable(people.engagement)
    return people


def test_every_constraint_is_broken_here_once() -> None:
    ours = [model for name in ("reviews", "telemetry", "tickets") for model in apps.get_app_config(name).get_models()]
    assert {constraint.name for model in ours for constraint in model._meta.constraints} == set(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_the_database_refuses(name: str, cast: Cast) -> None:
    with pytest.raises(IntegrityError, match=f'"{name}"'), transaction.atomic():
        BREAKS[name](cast)


@pytest.mark.parametrize(
    "fields",
    [
        {"context": {"schema": "another"}},
        {"pdf": b"%PDF-another"},
        {"sha256": "3" * 64},
        {"brand": {"name": "Another"}},
        {"number": 9},
        {"issued_at": NOW},
        {"state": "failed"},
        {"pages": 2},
    ],
)
def test_what_was_issued_cannot_be_changed(fields: dict[str, object], cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Deliverable.objects.update(**fields)
    assert Deliverable.objects.update(issued_by=cast.ann) == 1


def test_a_report_that_is_still_rendered_keeps_its_context(cast: Cast) -> None:
    waiting = make_deliverable(cast.engagement, number=2, state="rendering", pdf=None, sha256="")
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Deliverable.objects.filter(pk=waiting.pk).update(context={"schema": "another"})
    assert Deliverable.objects.filter(pk=waiting.pk).update(state="issued", pdf=b"%PDF", sha256="4" * 64) == 1


def test_history_cannot_be_rewritten(cast: Cast) -> None:
    finding = cast.engagement.findings.first()
    FindingChange.objects.create(finding=finding, field="status", old="draft", new="confirmed", by=cast.ann)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        FindingChange.objects.update(new="published")
    cast.ann.delete()
    assert FindingChange.objects.get().by is None


@pytest.mark.parametrize(
    "fields",
    [{"value": "high"}, {"reason": "x" * 40}, {"computed": 1}, {"at": NOW}, {"author_name": "Ben"}, {"review_by": NOW}],
)
def test_the_ledger_of_overrides_cannot_be_rewritten(fields: dict[str, object], cast: Cast) -> None:
    entry = overridden(cast, author=cast.ann, author_name="Ann")
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        RiskOverride.objects.update(**fields)
    cast.ann.delete()
    entry.refresh_from_db()
    assert (entry.author, entry.by) == (None, "Ann")


def test_an_entry_of_the_ledger_goes_only_with_its_finding(cast: Cast) -> None:
    entry = overridden(cast)
    for delete in (entry.delete, RiskOverride.objects.all().delete):
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            delete()
    entry.refresh_from_db()
    overridden(cast, act="withdrawn", supersedes=entry, value=None)
    cast.engagement.deliverables.all().delete()
    cast.engagement.delete()
    assert not RiskOverride.objects.exists()
    connection.check_constraints()


def test_an_engagement_with_reports_cannot_be_deleted(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match=r"protected|violates"), transaction.atomic():
        cast.engagement.delete()
