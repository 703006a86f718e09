"""Who may see what. One of these is the first line of every view: strangers get 404, readers 403."""

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404

from reviews.models import Brand, Client, Deliverable, Engagement, Finding, PortalAccess, RiskOverride
from telemetry.models import Upload
from tickets.models import PlanItem

Visitor = User | AnonymousUser
Row = TypeVar("Row", bound=Model)


def is_consultant(user: Visitor) -> bool:
    """Staff who work in the workspace. A client's reader never is, even if somebody ticked the staff box.

    The answer is kept on the user object, which lives as long as the request: a page asks some twenty times.
    """
    if not hasattr(user, "_works_here"):
        reads = PortalAccess.objects.filter(user_id=user.pk)
        user._works_here = bool(user.is_active and user.is_staff and not reads.exists())  # type: ignore[union-attr]
    return user._works_here


def engagements_for(user: Visitor) -> QuerySet[Engagement]:
    """The engagements a consultant belongs to; all of them for an admin; none for anybody else."""
    engagements = Engagement.objects.select_related("client", "brand", "client__brand")
    if not is_consultant(user):
        return engagements.none()
    return engagements if user.is_superuser else engagements.filter(memberships__user_id=user.pk)


def clients_for(user: Visitor) -> QuerySet[Client]:
    """The clients of a consultant's engagements, and those he made that nobody works for yet."""
    if not is_consultant(user):
        return Client.objects.none()
    if user.is_superuser:
        return Client.objects.all()
    mine = Q(engagements__in=engagements_for(user)) | Q(created_by_id=user.pk, engagements=None)
    return Client.objects.filter(mine).distinct()


def may_change_brand(user: Visitor, brand: Brand) -> bool:
    """A brand is changed by those whose engagements show it; one that other teams show as well, by an admin."""
    if not is_consultant(user) or user.is_superuser:
        return is_consultant(user)
    shown = Engagement.objects.filter(Q(brand=brand) | Q(client__brand=brand))
    return not shown.exclude(pk__in=engagements_for(user)).exists()


def require_consultant(user: Visitor) -> User:
    """The consultant behind a request, or 404."""
    if not isinstance(user, User) or not is_consultant(user):
        raise Http404
    return user


def engagement_for(user: Visitor, code: str) -> Engagement:
    """An engagement the consultant works on, or 404."""
    engagement = engagements_for(user).filter(code=code).first()
    if engagement is None:
        raise Http404
    return engagement


def open_engagement_for(user: Visitor, code: str) -> Engagement:
    """The same, for writing: a closed engagement can be read but not changed (403)."""
    engagement = engagement_for(user, code)
    if engagement.stage == Engagement.Stage.CLOSED:
        raise PermissionDenied("This engagement is closed. Ask an admin to reopen it.")
    return engagement


def finding_for(engagement: Engagement, code: str) -> Finding:
    """A finding of this engagement, or 404."""
    return _one(engagement.findings.select_related("edited_by"), code=code)


def override_for(finding: Finding, override_id: int) -> RiskOverride:
    """An override of this finding that holds, or 404."""
    return _one(finding.overrides.active().select_related("finding"), pk=override_id)


def upload_for(engagement: Engagement, upload_id: int) -> Upload:
    """An upload of this engagement, or 404."""
    return _one(Upload.objects.filter(engagement=engagement), pk=upload_id)


def plan_item_for(engagement: Engagement, item_id: int) -> PlanItem:
    """A plan entry of this engagement, or 404."""
    return _one(PlanItem.objects.filter(engagement=engagement), pk=item_id)


def deliverable_for(engagement: Engagement, number: int) -> Deliverable:
    """A report of this engagement, or 404."""
    return _one(engagement.deliverables.all(), number=number)


def portal_engagements_for(user: Visitor) -> QuerySet[Engagement]:
    """What a client's reader may follow: the engagements of the reader's client."""
    if not user.is_authenticated or not user.is_active or user.is_staff:
        return Engagement.objects.none()
    return Engagement.objects.filter(client__readers__user_id=user.pk).select_related(
        "client", "brand", "client__brand"
    )


def portal_engagement_for(user: Visitor, code: str) -> Engagement:
    """An engagement of the reader's client, or 404."""
    return _one(portal_engagements_for(user), code=code)


def portal_deliverable_for(user: Visitor, code: str, number: int) -> Deliverable:
    """An issued report of an engagement of the reader's client, or 404."""
    issued = portal_engagement_for(user, code).deliverables.filter(state=Deliverable.State.ISSUED)
    return _one(issued, number=number)


def _one(rows: QuerySet[Row], **wanted: object) -> Row:
    found = rows.filter(**wanted).first()
    if found is None:
        raise Http404
    return found
