"""Setting a finding by hand: set, confirm again, withdraw. The ledger keeps every act."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from reviews.access import finding_for, open_engagement_for, override_for
from reviews.forms import ActForm
from reviews.models import Engagement, Finding, RiskOverride
from reviews.override_form import OverrideForm
from reviews.risk.override import can_set
from reviews.services.edits import EditConflict, EditError
from reviews.services.overrides import confirm_override, set_override, withdraw_override
from reviews.tasks import judge, send_on_commit
from reviews.views.findings import fragment_or_page, show_finding
from reviews.views.frame import HtmxRequest


@require_safe
def override_edit(request: HtmxRequest, code: str, finding_code: str) -> HttpResponse:
    """The form for one field, `?field=`; the other fields are links beside it."""
    engagement = open_engagement_for(request.user, code)
    finding = finding_for(engagement, finding_code)
    chosen = request.GET.get("field", "")
    if chosen not in RiskOverride.Field.values or not can_set(finding.machine, chosen):
        chosen = RiskOverride.Field.SEVERITY.value
    return _form(request, engagement, finding, OverrideForm.of(finding, chosen))


@require_POST
def override_save(request: HtmxRequest, code: str, finding_code: str) -> HttpResponse:
    """Add to the ledger; what is incomplete comes back with what was typed."""
    engagement = open_engagement_for(request.user, code)
    finding = finding_for(engagement, finding_code)
    form = OverrideForm(request.POST, finding=finding, chosen=request.POST.get("field", ""))
    if not form.is_valid():
        return _form(request, engagement, finding, form, status=422)
    try:
        saved = set_override(finding=finding, user=request.user, **form.arguments)
    except EditError as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        return _form(request, engagement, finding, form, status=422)
    except EditConflict as conflict:
        return show_finding(request, engagement, conflict.current, problem=str(conflict), status=409)
    return _done(request, engagement, saved)


@require_POST
def override_confirm(request: HtmxRequest, code: str, finding_code: str, override_id: int) -> HttpResponse:
    """It still holds against the new numbers."""
    return _act(request, code, finding_code, override_id, confirm_override)


@require_POST
def override_withdraw(request: HtmxRequest, code: str, finding_code: str, override_id: int) -> HttpResponse:
    """The computed value holds again."""
    return _act(request, code, finding_code, override_id, withdraw_override)


def _act(
    request: HtmxRequest, code: str, finding_code: str, override_id: int, service: Callable[..., Finding]
) -> HttpResponse:
    engagement = open_engagement_for(request.user, code)
    finding = finding_for(engagement, finding_code)
    override = override_for(finding, override_id)
    form = ActForm(request.POST)
    if not form.is_valid():
        return show_finding(request, engagement, finding, problem="Say it in at most 500 characters.", status=422)
    try:
        saved = service(override=override, user=request.user, **form.cleaned_data)
    except EditError as problem:
        return show_finding(request, engagement, finding, problem=str(problem), status=422)
    except EditConflict as conflict:
        return show_finding(request, engagement, conflict.current, problem=str(conflict), status=409)
    return _done(request, engagement, saved)


def _done(request: HtmxRequest, engagement: Engagement, saved: Finding) -> HttpResponse:
    """Tickets and plan follow from severity, effort and what is hidden, so they are made anew."""
    send_on_commit(judge, engagement.pk)
    if request.htmx:
        return show_finding(request, engagement, saved, saved=True)
    return redirect("finding_detail", code=engagement.code, finding_code=saved.code)


def _form(
    request: HtmxRequest, engagement: Engagement, finding: Finding, form: OverrideForm, status: int = 200
) -> HttpResponse:
    fields = [(name, label) for name, label in RiskOverride.Field.choices if can_set(finding.machine, name)]
    context = {"finding": finding, "form": form, "fields": fields}
    return fragment_or_page(request, engagement, "reviews/_override_form.html", status, **context)
