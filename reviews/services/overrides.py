"""The ledger of overrides: set, confirm again, withdraw. Every act is a new row; what follows from it is derived."""

from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from reviews.models import Engagement, Finding, FindingChange, RiskOverride
from reviews.risk.override import PLACING, basis_of, can_set, computed_value, described, placed
from reviews.services.edits import EditConflict, EditError

REASON_LENGTH = 30
DERIVED = ["set_severity", "set_place", "set_rank", "hidden", "stale"]


@transaction.atomic
def set_override(
    *,
    finding: Finding,
    version: int,
    user: User,
    field: str,
    value: Any,
    reason_code: str,
    reason: str,
    review_by: date | None = None,
) -> Finding:
    """Set one field of a finding by hand. `value` as `reviews.risk.override.computed_value` gives it; True hides.

    EditError names the input that is missing; EditConflict when somebody saved since `version` was read.
    """
    current = _locked(finding, version)
    if len(reason.strip()) < REASON_LENGTH:
        raise EditError("reason", f"Say in at least {REASON_LENGTH} characters why the computed value is not right.")
    if not can_set(current.machine, field):
        raise EditError("field", "This finding was judged by an older version. Add a file or judge again first.")
    _add(
        current,
        user,
        field,
        act=RiskOverride.Act.SET,
        value=value,
        reason_code=reason_code,
        reason=reason.strip(),
        review_by=review_by,
    )
    return _saved(current, user)


@transaction.atomic
def confirm_override(*, override: RiskOverride, version: int, user: User, note: str) -> Finding:
    """Say that an override still holds against what is computed now."""
    current = _locked(override.finding, version)
    if not note.strip():
        raise EditError("note", "Say in a few words why it still holds.")
    same = {name: getattr(override, name) for name in ("value", "reason_code", "reason", "review_by")}
    _add(current, user, override.field, act=RiskOverride.Act.CONFIRMED, note=note.strip(), **same)
    return _saved(current, user)


@transaction.atomic
def withdraw_override(*, override: RiskOverride, version: int, user: User, note: str = "") -> Finding:
    """Let the computed value hold again."""
    current = _locked(override.finding, version)
    _add(
        current,
        user,
        override.field,
        act=RiskOverride.Act.WITHDRAWN,
        reason_code=override.reason_code,
        note=note.strip(),
    )
    return _saved(current, user)


@transaction.atomic
def refresh_places(*, engagement: Engagement) -> None:
    """After a run: what follows from the overrides of every finding that has some. Writes only what is new."""
    overridden = Exists(RiskOverride.objects.filter(finding=OuterRef("pk")))
    for finding in engagement.findings.select_for_update(of=("self",)).filter(overridden):
        before = [getattr(finding, name) for name in DERIVED]
        derive_place(finding)
        if before != [getattr(finding, name) for name in DERIVED]:
            finding.save(update_fields=DERIVED)


def override_values(engagement: Engagement) -> dict[str, dict[str, Any]]:
    """What is set by hand in an engagement: values by field, by the finding's key."""
    values: dict[str, dict[str, Any]] = {}
    for row in RiskOverride.objects.active().filter(finding__engagement=engagement).select_related("finding"):
        values.setdefault(row.finding.key, {})[row.field] = row.value
    return values


def derive_place(finding: Finding) -> None:
    """Set the fields that follow from the finding's active overrides and its machine part; saves nothing."""
    active = [row for row in finding.overrides.active() if can_set(finding.machine, row.field)]
    values = {row.field: row.value for row in active}
    finding.set_place = placed(finding.machine, values)
    by_hand = bool(set(values) & set(PLACING))
    finding.set_severity = finding.set_place.get("severity", finding.severity) if by_hand else ""
    finding.hidden = bool(values.get("hide"))
    finding.stale = any(row.moved(finding.machine) for row in active)
    finding.set_rank = _rank(finding) if "leverage" in finding.set_place else None


def _rank(finding: Finding) -> float:
    """Its place among the findings of the same severity by leverage, but after what causes it."""
    others = list(finding.engagement.findings.filter(present=True).exclude(pk=finding.pk).order_by("rank"))
    peers = [row for row in others if row.shown_severity == finding.shown_severity]
    leverage = finding.set_place["leverage"]
    place = next((row.rank - 0.5 for row in peers if row.placed.get("leverage", 0.0) < leverage), None)
    causes = [row.rank + 0.25 for row in others if row.code in finding.machine["causes"]]
    return max([(peers[-1].rank + 0.5 if peers else float(finding.rank)) if place is None else place, *causes])


def _locked(finding: Finding, version: int) -> Finding:
    current = Finding.objects.select_for_update(of=("self",)).select_related("edited_by").get(pk=finding.pk)
    if version != current.version:
        raise EditConflict(current)
    return current


def _add(finding: Finding, user: User, field: str, *, act: str, **facts: Any) -> RiskOverride:
    before = finding.overrides.newest().filter(field=field).first()
    holds = before is not None and before.act != RiskOverride.Act.WITHDRAWN
    if act != RiskOverride.Act.SET and not holds:
        raise EditConflict(finding)
    row = RiskOverride.objects.create(
        finding=finding,
        field=field,
        act=act,
        computed=computed_value(finding.machine, field),
        basis=basis_of(finding.machine, field),
        supersedes=before,
        author=user,
        author_name=user.get_full_name(),
        **facts,
    )
    old = described(field, before.value) if before and holds else f"computed {row.computed_words}"
    new = f"computed {row.computed_words}" if act == RiskOverride.Act.WITHDRAWN else described(field, row.value)
    FindingChange.objects.create(
        finding=finding,
        by=user,
        field=f"{row.get_field_display()}, {row.get_act_display().lower()}"[:30],
        old=old,
        new=new,
        reason=row.note or row.reason,
    )
    return row


def _saved(finding: Finding, user: User) -> Finding:
    derive_place(finding)
    finding.version += 1
    finding.edited_at, finding.edited_by = timezone.now(), user
    finding.save()
    return finding
