"""What happened in each judging, what would be resolved, and two of them side by side."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from reviews.access import engagement_for, open_engagement_for
from reviews.comparing import choices, comparison_of, side_of, usual_pair
from reviews.models import Finding, RunChange
from reviews.risk.comparison import VERDICTS
from reviews.services.runs import resolve_findings
from reviews.views.frame import engagement_page


@require_safe
def run_list(request: HttpRequest, code: str) -> HttpResponse:
    """Every judging with its counts, what would be resolved, and two to compare."""
    engagement = engagement_for(request.user, code)
    names = choices(engagement)
    return engagement_page(
        request,
        engagement,
        "reviews/run_list.html",
        "findings",
        runs=engagement.runs.defer("snapshot", "files", "method")[:100],
        clear=engagement.findings.filter(standing=Finding.Standing.CLEAR).ranked(),
        choices=names,
        compared=usual_pair(names),
    )


@require_safe
def run_detail(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One judging: each finding that it changed, field by field."""
    engagement = engagement_for(request.user, code)
    changes = Prefetch("changes", RunChange.objects.select_related("finding").order_by("finding__rank", "pk"))
    run = engagement.runs.defer("snapshot").prefetch_related(changes).filter(number=number).first()
    if run is None:
        raise Http404
    before = engagement.runs.filter(number__lt=number).defer("snapshot", "files").first()
    moved = before is not None and before.method != run.method
    context = {"run": run, "before": before, "rules_moved": moved}
    return engagement_page(request, engagement, "reviews/run_detail.html", "findings", **context)


@require_POST
def finding_resolve(request: HttpRequest, code: str) -> HttpResponse:
    """Confirm that what was measured again and is clear is resolved."""
    engagement = open_engagement_for(request.user, code)
    number = resolve_findings(engagement=engagement, user=request.user, codes=request.POST.getlist("finding"))
    if number:
        messages.success(request, f"Resolved: {number}. A run that shows one of them again reopens it.")
    else:
        messages.error(request, "Nothing was resolved. Tick what is.")
    return redirect("run_list", code=code)


@require_safe
def comparison(request: HttpRequest, code: str) -> HttpResponse:
    """From two chosen judgings to the permanent address of their comparison."""
    engagement = engagement_for(request.user, code)
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    if not before or not after:
        return redirect("run_list", code=code)
    sides = [side_of(engagement, name).name for name in (before, after)]
    return redirect("comparison_detail", code=code, before=sides[0], after=sides[1])


@require_safe
def comparison_detail(request: HttpRequest, code: str, before: str, after: str) -> HttpResponse:
    """Fixed, better, same, worse, new, not measured, each with the measured change."""
    engagement = engagement_for(request.user, code)
    compared = comparison_of(side_of(engagement, before), side_of(engagement, after))
    groups = [(verdict, [row for row in compared["rows"] if row["verdict"] == verdict]) for verdict in VERDICTS]
    context = {"compared": compared, "groups": [group for group in groups if group[1]]}
    return engagement_page(
        request, engagement, "reviews/comparison_detail.html", "findings", choices=choices(engagement), **context
    )


@require_safe
def comparison_json(request: HttpRequest, code: str, before: str, after: str) -> HttpResponse:
    """The same for machines."""
    engagement = engagement_for(request.user, code)
    compared = comparison_of(side_of(engagement, before), side_of(engagement, after))
    answer = JsonResponse(compared, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{engagement.code}-{before}-{after}.json"'
    return answer
