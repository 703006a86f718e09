"""Where an engagement stands, and its review as JSON."""

from collections import Counter
from functools import partial

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from reviews.access import engagement_for
from reviews.models import Engagement, Finding
from reviews.models.findings import Severity
from reviews.report.context import build
from reviews.risk_map import overview_grid
from reviews.services.deliverables import check_ready
from reviews.services.engagements import input_rows
from reviews.views.frame import engagement_page


@require_safe
def engagement_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The stepper with each step's state and the one next action."""
    engagement = engagement_for(request.user, code)
    findings = list(engagement.findings.on_map().ranked())
    standing = [finding for finding in findings if finding.status != Finding.Status.DISMISSED]
    return engagement_page(
        request,
        engagement,
        "reviews/engagement_detail.html",
        "overview",
        top=standing[:5],
        grid=overview_grid(standing, partial(_address, engagement)),
        severities=severity_counts(findings),
        next=next_step(engagement),
        gate=check_ready(engagement),
        missing=[row for row in input_rows(engagement) if row["state"] == "missing"],
    )


def _address(engagement: Engagement, finding: Finding) -> str:
    return reverse("finding_detail", args=[engagement.code, finding.code])


@require_safe
def review_json(request: HttpRequest, code: str) -> HttpResponse:
    """The whole review, schema loadline.review/1, as it stands now."""
    engagement = engagement_for(request.user, code)
    answer = JsonResponse(build(engagement), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{engagement.code}.review.json"'
    return answer


def severity_counts(findings: list[Finding]) -> list[tuple[str, int]]:
    """High, medium, low with their counts."""
    counts = Counter(finding.shown_severity for finding in findings)
    return [(severity, counts[severity]) for severity in Severity.values]


def next_step(engagement: Engagement) -> dict[str, str]:
    """The one next action: a verb and where it is done."""
    present = engagement.findings.on_map()
    if not engagement.flows.exists():
        name, verb = "intake_detail", "State the top flows"
    elif not engagement.uploads.exists():
        name, verb = "upload_list", "Add the client's exports"
    elif present.filter(status="draft").exists():
        name, verb = "finding_list", "Decide the drafts"
    elif not present.filter(status="published").exists():
        name, verb = "finding_list", "Publish findings"
    else:
        name, verb = "report_detail", "Issue a report"
    return {"verb": verb, "url": reverse(name, args=[engagement.code])}
