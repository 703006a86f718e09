"""What needs me now, and whether the house stands."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from reviews.access import engagements_for, is_consultant
from reviews.models import Engagement
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
    shown = Q(findings__present=True, findings__hidden=False)
    context |= {"own_heading": True, "today": timezone.localdate()}
    context["engagements"] = mine.annotate(
        drafts=Count("findings", filter=shown & Q(findings__status="draft"), distinct=True),
        high=Count("findings", filter=shown & Q(findings__severity="high"), distinct=True),
        published=Count("findings", filter=shown & Q(findings__status="published"), distinct=True),
        asking=Count("uploads", filter=Q(uploads__state="asks"), distinct=True),
        failed=Count("uploads", filter=Q(uploads__state="failed"), distinct=True),
        files=Count("uploads", filter=Q(uploads__state="done"), distinct=True),
        missing=Count("inputs", filter=Q(inputs__state="missing"), distinct=True),
        reports=Count("deliverables", filter=Q(deliverables__state="issued"), distinct=True),
    )
    context["failed_uploads"] = Upload.objects.filter(engagement__in=mine, state=Upload.State.FAILED).select_related(
        "engagement"
    )[:8]
    return context
