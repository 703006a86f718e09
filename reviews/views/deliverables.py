"""The report: is it ready, what will they see, and what was issued."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from reviews.access import deliverable_for, engagement_for, open_engagement_for
from reviews.models import Deliverable
from reviews.services.deliverables import NotReady, check_ready, issue_report
from reviews.tasks import render_report, send_on_commit
from reviews.views.frame import engagement_page


@require_safe
def report_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The gate, and every report issued so far."""
    engagement = engagement_for(request.user, code)
    return engagement_page(
        request,
        engagement,
        "reviews/report_detail.html",
        "report",
        gate=check_ready(engagement),
        published=engagement.findings.published().ranked(),
        deliverables=engagement.deliverables.defer("context", "pdf").select_related("issued_by"),
    )


@require_POST
def report_issue(request: HttpRequest, code: str) -> HttpResponse:
    """Freeze and render."""
    engagement = open_engagement_for(request.user, code)
    try:
        deliverable = issue_report(engagement=engagement, user=request.user)
        send_on_commit(render_report, deliverable.pk)
    except NotReady as problem:
        messages.error(request, str(problem))
    return redirect("report_detail", code=code)


@require_safe
def report_row(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One report's row; it asks again by itself until the PDF is there."""
    engagement = engagement_for(request.user, code)
    deliverable = deliverable_for(engagement, number)
    return render(request, "reviews/_report_row.html", {"engagement": engagement, "deliverable": deliverable})


@require_safe
def report_pdf(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The PDF as issued."""
    return pdf_answer(deliverable_for(engagement_for(request.user, code), number))


@require_safe
def report_json(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The frozen review."""
    deliverable = deliverable_for(engagement_for(request.user, code), number)
    answer = JsonResponse(deliverable.context, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{code}-report-{number}.json"'
    return answer


def pdf_answer(deliverable: Deliverable) -> HttpResponse:
    """The bytes as a download; a report that is not rendered yet says so."""
    if deliverable.pdf is None:
        return HttpResponse("The report is still being rendered. Try again in a minute.", status=409)
    answer = HttpResponse(bytes(deliverable.pdf), content_type="application/pdf")
    name = f"{deliverable.engagement.code}-report-{deliverable.number}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
