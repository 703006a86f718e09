"""What matters most: the grid beside the ranked table."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews.access import engagement_for
from reviews.models import RuleOutcome
from reviews.risk_map import by_area, grids
from reviews.views.frame import engagement_page


@require_safe
def risk_map(request: HttpRequest, code: str) -> HttpResponse:
    """Every risk that is not dismissed, by area and by rank, and what could not be judged."""
    engagement = engagement_for(request.user, code)
    findings = list(engagement.findings.on_map().exclude(status="dismissed").ranked())
    return engagement_page(
        request,
        engagement,
        "reviews/risk_map.html",
        "risk",
        findings=findings,
        areas=by_area(findings),
        grids=grids(findings),
        unknown=RuleOutcome.objects.filter(engagement=engagement, status="cannot tell"),
        clear=RuleOutcome.objects.filter(engagement=engagement, status="clear"),
    )
