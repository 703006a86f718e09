"""What needs me now, and whether the house stands."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from reviews.access import engagements_for, is_consultant
from reviews.models import BuyerInput, Deliverable, Engagement, Finding
from telemetry.models import Upload


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Consultants go to the workspace, readers to the portal."""
    return redirect("admin:index" if is_consultant(request.user) else "portal_list")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Database and Redis answer; no word about anything else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    cache.set("healthz", 1, 5)
    return JsonResponse({"ok": cache.get("healthz") == 1})


def dashboard_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called by the admin's front page: the visitor's engagements with what blocks each, and files that failed."""
    mine = engagements_for(request.user).exclude(stage=Engagement.Stage.CLOSED)
    findings = Finding.objects.on_map()
    context |= {"own_heading": True, "today": timezone.localdate()}
    context["engagements"] = mine.annotate(
        drafts=_number_of(findings.filter(status=Finding.Status.DRAFT)),
        high=_number_of(findings.filter(severity="high")),
        published=_number_of(findings.filter(status=Finding.Status.PUBLISHED)),
        asking=_number_of(Upload.objects.filter(state=Upload.State.ASKS)),
        failed=_number_of(Upload.objects.filter(state=Upload.State.FAILED)),
        files=_number_of(Upload.objects.filter(state=Upload.State.DONE)),
        missing=_number_of(BuyerInput.objects.filter(state=BuyerInput.State.MISSING)),
        reports=_number_of(Deliverable.objects.filter(state=Deliverable.State.ISSUED)),
    )
    context["failed_uploads"] = Upload.objects.filter(engagement__in=mine, state=Upload.State.FAILED).select_related(
        "engagement"
    )[:8]
    return context


def _number_of(rows: QuerySet[Any]) -> Coalesce:
    """How many of these rows an engagement has. One look at each table: joined, each row would meet every other."""
    mine = rows.filter(engagement=OuterRef("pk")).order_by().values("engagement")
    return Coalesce(Subquery(mine.annotate(number=Count("pk")).values("number")), 0)
