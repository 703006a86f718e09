"""The client's window: read-only, only what was published, nothing else exists."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from reviews.access import portal_deliverable_for, portal_engagement_for, portal_engagements_for
from reviews.models import Deliverable
from reviews.plan_view import columns
from reviews.report.charts import risk_grid
from reviews.risk_map import by_area, marks
from reviews.services.engagements import input_rows
from reviews.views.deliverables import pdf_answer


@require_safe
@login_required
def portal_list(request: HttpRequest) -> HttpResponse:
    """The reader's engagements; a single one opens at once."""
    engagements = list(portal_engagements_for(request.user))
    if len(engagements) == 1:
        return redirect("portal_detail", code=engagements[0].code)
    return render(request, "portal/engagement_list.html", {"engagements": engagements})


@require_safe
@login_required
def portal_detail(request: HttpRequest, code: str) -> HttpResponse:
    """What is my risk, what are you doing, what do you need from me?"""
    engagement = portal_engagement_for(request.user, code)
    findings = list(engagement.findings.published().ranked())
    return render(
        request,
        "portal/engagement_detail.html",
        {
            "engagement": engagement,
            "brand": engagement.look,
            "findings": findings,
            "areas": by_area(findings),
            "grid": risk_grid(marks(findings), "map"),
            "columns": columns(engagement, published_only=True),
            "inputs": input_rows(engagement),
            "deliverables": engagement.deliverables.filter(state=Deliverable.State.ISSUED).defer("context", "pdf"),
        },
    )


@require_safe
@login_required
def portal_pdf(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """An issued report."""
    return pdf_answer(portal_deliverable_for(request.user, code, number))
