"""The client's window: read-only, only what was published, nothing else exists."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from reviews.access import portal_deliverable_for, portal_engagement_for, portal_engagements_for
from reviews.models import Deliverable, Engagement
from reviews.plan_view import columns
from reviews.portal_page import capacity_told
from reviews.risk_map import grids
from reviews.services.engagements import input_rows
from reviews.views.deliverables import pdf_answer
from reviews.views.engagements import severity_counts


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
    days = [column for column in columns(engagement, published_only=True) if column.entries]
    return render(
        request,
        "portal/engagement_detail.html",
        {
            "engagement": engagement,
            "brand": engagement.look,
            "findings": findings,
            "severities": [row for row in severity_counts(findings) if row[1]],
            "grids": grids(findings),
            "columns": days,
            "steps": sum(len(column.entries) for column in days if column.capacity),
            "inputs": inputs_by_state(engagement),
            "stages": stages_of(engagement),
            "capacity": delivered_capacity(engagement),
            "deliverables": engagement.deliverables.filter(state=Deliverable.State.ISSUED).defer("context", "pdf"),
        },
    )


@require_safe
@login_required
def portal_pdf(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """An issued report."""
    return pdf_answer(portal_deliverable_for(request.user, code, number))


@require_safe
@login_required
def portal_style(request: HttpRequest, code: str) -> HttpResponse:
    """The brand's two colours as a style sheet; both were checked to be hex digits when they were stored."""
    brand = portal_engagement_for(request.user, code).look
    css = f":root {{ --ll-accent: {brand.accent}; --ll-accent-strong: {brand.ink}; }}\n"
    return HttpResponse(css, content_type="text/css; charset=utf-8")


def delivered_capacity(engagement: Engagement) -> dict[str, Any] | None:
    """What the newest issued report says of capacity, with its number; None before one is issued."""
    issued = engagement.deliverables.filter(state=Deliverable.State.ISSUED).order_by("-number")
    parts = issued.values("number", "issued_at", "context__capacity", "context__scenarios").first() or {}
    document = {name: parts.get(f"context__{name}") for name in ("capacity", "scenarios")}
    told = capacity_told(document, engagement.look.accent)
    return told and told | {"number": parts["number"], "issued_at": parts["issued_at"]}


def inputs_by_state(engagement: Engagement) -> dict[str, list[dict[str, Any]]]:
    """What we still need first, what we have after it."""
    rows = input_rows(engagement)
    return {
        "missing": [row for row in rows if row["state"] == "missing"],
        "received": [row for row in rows if row["state"] == "received"],
    }


def stages_of(engagement: Engagement) -> list[dict[str, object]]:
    """The stages with what is behind us and where we are."""
    names = list(Engagement.Stage)
    here = names.index(Engagement.Stage(engagement.stage))
    return [{"label": stage.label, "done": i < here, "here": i == here} for i, stage in enumerate(names)]
