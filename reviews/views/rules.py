"""The catalogue: every rule from the record that also runs it."""

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews.access import require_consultant
from reviews.views.frame import frame_page
from telemetry.rules import RULES


@require_safe
def rule_list(request: HttpRequest) -> HttpResponse:
    """All rules by area."""
    require_consultant(request.user)
    ordered = sorted(RULES, key=lambda rule: (rule.area, rule.id))
    areas = [(area, list(rules)) for area, rules in groupby(ordered, key=lambda rule: rule.area)]
    return frame_page(request, "reviews/rule_list.html", title="Rules", areas=areas)


@require_safe
def rule_detail(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule: threshold with its basis, why it matters, fix, verification."""
    require_consultant(request.user)
    rule = next((rule for rule in RULES if rule.id == rule_id), None)
    if rule is None:
        raise Http404
    return frame_page(request, "reviews/rule_detail.html", title=rule.title, rule=rule)
