"""The findings board: read, edit in place, decide, publish."""

from datetime import timedelta
from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from reviews.access import engagement_for, finding_for, open_engagement_for
from reviews.forms import FindingFilter, FindingForm, StatusForm
from reviews.models import Engagement, Finding
from reviews.risk.ends import ends_of, gate_words, measured_inputs
from reviews.risk.plain import restored
from reviews.services.edits import EditConflict, EditError
from reviews.services.findings import publish_confirmed, update_finding
from reviews.tasks import judge, send_on_commit
from reviews.views.frame import HtmxRequest, engagement_page

# A run begins before the findings that it makes.
SAME_RUN = timedelta(minutes=10)


@require_safe
@vary_on_headers("HX-Request")
def finding_list(request: HtmxRequest, code: str) -> HttpResponse:
    """The ranked list with filters as chips; the first finding stands open beside it."""
    engagement = engagement_for(request.user, code)
    chosen = FindingFilter(request.GET, engagement=engagement)
    findings = list(chosen.findings())
    context = {"findings": findings, "filter": chosen}
    if request.htmx:
        return render(request, "reviews/_finding_table.html", {"engagement": engagement, **context})
    if findings:
        context |= facts_of(engagement, findings[0])
    return engagement_page(request, engagement, "reviews/finding_list.html", "findings", **context)


@require_safe
def finding_detail(request: HtmxRequest, code: str, finding_code: str) -> HttpResponse:
    """One finding: why we say so, and what now."""
    engagement = engagement_for(request.user, code)
    finding = finding_for(engagement, finding_code)
    return show_finding(request, engagement, finding)


@require_safe
def finding_edit(request: HtmxRequest, code: str, finding_code: str) -> HttpResponse:
    """The same finding with its form open."""
    engagement = open_engagement_for(request.user, code)
    finding = finding_for(engagement, finding_code)
    return _form(request, engagement, finding, FindingForm.of(finding))


@require_POST
def finding_save(request: HtmxRequest, code: str, finding_code: str) -> HttpResponse:
    """Save an edit; an invalid or stale one comes back with what was typed."""
    engagement = open_engagement_for(request.user, code)
    finding = finding_for(engagement, finding_code)
    form = FindingForm(request.POST)
    if not form.is_valid():
        return _form(request, engagement, finding, form, status=422)
    changes = {name: form.cleaned_data[name] for name in form.changes}
    try:
        saved = update_finding(
            finding=finding, version=form.cleaned_data["version"], user=request.user, changes=changes
        )
    except EditError as problem:
        form.add_error(problem.field, str(problem))
        return _form(request, engagement, finding, form, status=422)
    except EditConflict as conflict:
        theirs = conflict.current
        return _form(request, engagement, theirs, form, status=409, differences=form.differences(theirs))
    _judge_if_dismissed(engagement, finding, saved)
    if request.htmx:
        return show_finding(request, engagement, saved, saved=True)
    return redirect("finding_detail", code=code, finding_code=finding_code)


@require_POST
def finding_status(request: HtmxRequest, code: str, finding_code: str) -> HttpResponse:
    """Decide with one key: confirm, dismiss, publish, back to draft."""
    engagement = open_engagement_for(request.user, code)
    finding = finding_for(engagement, finding_code)
    form = StatusForm(request.POST)
    if not form.is_valid():
        return show_finding(request, engagement, finding, problem="This is not a state a finding can have.", status=422)
    try:
        saved = update_finding(finding=finding, user=request.user, **form.arguments())
    except EditError as problem:
        return show_finding(request, engagement, finding, problem=str(problem), status=422)
    except EditConflict as conflict:
        return show_finding(request, engagement, conflict.current, problem=str(conflict), status=409)
    _judge_if_dismissed(engagement, finding, saved)
    if request.htmx:
        return show_finding(request, engagement, saved, saved=True)
    return redirect("finding_detail", code=code, finding_code=finding_code)


def _judge_if_dismissed(engagement: Engagement, before: Finding, after: Finding) -> None:
    """What is dismissed gives up its ticket and its place in the plan, and gets them back when it returns."""
    dismissed = Finding.Status.DISMISSED
    if (before.status == dismissed) != (after.status == dismissed):
        send_on_commit(judge, engagement.pk)


@require_POST
def finding_publish_confirmed(request: HttpRequest, code: str) -> HttpResponse:
    """Publish all that is confirmed."""
    engagement = open_engagement_for(request.user, code)
    try:
        number = publish_confirmed(engagement=engagement, user=request.user)
        messages.success(request, f"Published: {number}. The client can read along now.")
    except EditError as problem:
        messages.error(request, str(problem))
    return redirect("finding_list", code=code)


def show_finding(
    request: HtmxRequest, engagement: Engagement, finding: Finding, status: int = 200, **context: object
) -> HttpResponse:
    """The finding as a fragment for htmx, as a page with the list beside it otherwise."""
    context |= facts_of(engagement, finding)
    return fragment_or_page(request, engagement, "reviews/_finding.html", status, **context)


def facts_of(engagement: Engagement, finding: Finding) -> dict[str, Any]:
    """What a finding's fragment shows besides the finding: its history, and causes and symptoms by title."""
    causes, symptoms = finding.machine["causes"], finding.machine["symptoms"]
    reasons = finding.machine.get("because", [])[: len(causes)]
    known = {row.code: row for row in engagement.findings.filter(code__in=[*causes, *symptoms])}
    changes = {change.run_id: change for change in finding.run_changes.select_related("run")}
    runs = engagement.runs.defer("snapshot", "files", "method").filter(at__gte=finding.first_seen - SAME_RUN)[:12]
    decided = [row for row in changes.values() if row.numbers and finding.edited_at and row.run.at > finding.edited_at]
    active = finding.overrides.active().select_related("author").order_by("pk")
    inputs = restored(finding.machine["inputs"]) if "inputs" in finding.machine else None
    return {
        "finding": finding,
        "ends": ends_of(inputs) if inputs else None,
        "gate": gate_words(inputs) if inputs else "",
        "inputs": measured_inputs(finding.machine.get("grades", {})),
        "overrides": [(row, row.moved(finding.machine)) for row in active],
        "runs": [(run, changes.get(run.pk)) for run in runs],
        "moved": max(decided, key=lambda change: change.run.number, default=None),
        "changes": finding.changes.select_related("by")[:20],
        "causes": [(known[code], reason) for code, reason in zip_longest(causes, reasons) if code in known],
        "symptoms": [known[code] for code in symptoms if code in known],
    }


def _form(
    request: HtmxRequest,
    engagement: Engagement,
    finding: Finding,
    form: FindingForm,
    status: int = 200,
    **context: object,
) -> HttpResponse:
    context |= {"finding": finding, "form": form}
    return fragment_or_page(request, engagement, "reviews/_finding_form.html", status, **context)


def fragment_or_page(
    request: HtmxRequest, engagement: Engagement, fragment: str, status: int, **context: object
) -> HttpResponse:
    """The right side of the board for htmx, the whole board otherwise."""
    if request.htmx:
        return render(request, fragment, {"engagement": engagement, **context}, status=status)
    chosen = FindingFilter(request.GET, engagement=engagement)
    context |= {"fragment": fragment, "filter": chosen, "findings": list(chosen.findings())}
    return engagement_page(request, engagement, "reviews/finding_list.html", "findings", status=status, **context)
