"""What we know about the business: form, TOML in and out, the nine buyer inputs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from reviews.access import engagement_for, open_engagement_for
from reviews.checks_form import ChecksForm, checks_form
from reviews.forms import InputForm, IntakeTextForm
from reviews.intake import IntakeError, intake_to_toml, parse_intake
from reviews.intake_form import EngagementForm, flow_forms
from reviews.models import Engagement
from reviews.services.engagements import apply_intake, input_rows, intake_of, set_input
from reviews.tasks import judge, send_on_commit
from reviews.views.frame import HtmxRequest, engagement_page


@require_safe
def intake_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The form, the flows with their shares, and what each input unlocks."""
    engagement = engagement_for(request.user, code)
    answers = checks_form(intake_of(engagement).capacity.checks)
    return _page(request, engagement, EngagementForm.of(engagement), flow_forms(engagement), answers)


@require_POST
def intake_save(request: HttpRequest, code: str) -> HttpResponse:
    """Save facts and flows together; the evidence is judged again, since shares move severities."""
    engagement = open_engagement_for(request.user, code)
    form, flows, checks = EngagementForm(request.POST), flow_forms(engagement, request.POST), ChecksForm(request.POST)
    if not all([form.is_valid(), flows.is_valid(), checks.is_valid()]):
        return _page(request, engagement, form, flows, checks, status=422)
    try:
        apply_intake(engagement=engagement, intake=form.intake(engagement, flows, checks.answers()))
    except IntakeError as problem:
        for text in problem.problems:
            form.add_error(None, text)
        return _page(request, engagement, form, flows, checks, status=422)
    send_on_commit(judge, engagement.pk)
    messages.success(request, "Saved. The risks are being judged again.")
    return redirect("intake_detail", code=code)


@require_POST
def input_save(request: HtmxRequest, code: str, slug: str) -> HttpResponse:
    """One buyer input: received, missing, not applicable, or left to the uploads."""
    engagement = open_engagement_for(request.user, code)
    form = InputForm({"slug": slug, "state": request.POST.get("state", "")})
    if form.is_valid():
        set_input(engagement=engagement, slug=slug, state=form.cleaned_data["state"])
    if request.htmx:
        return render(request, "reviews/_input_table.html", {"engagement": engagement, "rows": input_rows(engagement)})
    return redirect("intake_detail", code=code)


@require_POST
def intake_import(request: HttpRequest, code: str) -> HttpResponse:
    """Take an intake file; every problem in it is named."""
    engagement = open_engagement_for(request.user, code)
    form = IntakeTextForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(text for texts in form.errors.values() for text in texts))
        return redirect("intake_detail", code=code)
    try:
        apply_intake(engagement=engagement, intake=parse_intake(form.cleaned_data["file"]))
    except IntakeError as problem:
        for text in problem.problems:
            messages.error(request, text)
    else:
        send_on_commit(judge, engagement.pk)
        messages.success(request, "The intake was taken over. The risks are being judged again.")
    return redirect("intake_detail", code=code)


@require_safe
def intake_export(request: HttpRequest, code: str) -> HttpResponse:
    """The intake as TOML."""
    engagement = engagement_for(request.user, code)
    answer = HttpResponse(intake_to_toml(intake_of(engagement)), content_type="application/toml")
    answer["Content-Disposition"] = f'attachment; filename="{engagement.code}.intake.toml"'
    return answer


def _page(
    request: HttpRequest,
    engagement: Engagement,
    form: EngagementForm,
    flows: object,
    checks: ChecksForm,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "flows": flows, "checks": checks.groups(), "rows": input_rows(engagement)}
    return engagement_page(request, engagement, "reviews/intake_detail.html", "intake", status, **context)
