"""Where an engagement stands, and its review as JSON."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from reviews.access import engagement_for
from reviews.report.context import build
from reviews.services.deliverables import check_ready
from reviews.views.frame import engagement_page


@require_safe
def engagement_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The stepper with each step's state and the one next action."""
    engagement = engagement_for(request.user, code)
    findings = engagement.findings.filter(present=True).ranked()
    return engagement_page(
        request,
        engagement,
        "reviews/engagement_detail.html",
        "overview",
        top=findings[:5],
        gate=check_ready(engagement),
        missing=engagement.inputs.filter(state="missing"),
    )


@require_safe
def review_json(request: HttpRequest, code: str) -> HttpResponse:
    """The whole review, schema loadline.review/1, as it stands now."""
    engagement = engagement_for(request.user, code)
    answer = JsonResponse(build(engagement), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{engagement.code}.review.json"'
    return answer
