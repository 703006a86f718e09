"""What breaks first and when: the answer, scenarios, and the numbers behind it, which can be changed in place."""

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from reviews.access import engagement_for, open_engagement_for
from reviews.burst_panel import panel_of
from reviews.capacity.amounts import amount
from reviews.capacity.catalogue import unit_of
from reviews.capacity.moved import moved
from reviews.capacity.packs.files import files_of
from reviews.capacity_page import answer, field_of, input_groups, moved_rows, pictures, policy_choice, scenario_cards
from reviews.capacity_parts import parts_of
from reviews.forms import CapacityForm, PolicyForm
from reviews.models import Engagement
from reviews.models.capacity import POLICY
from reviews.report.context import build, capacity_now
from reviews.report.pictures.shapes import ACCENT
from reviews.report.said import said_of
from reviews.report.throughput import curves_view
from reviews.services.capacity import change_input, choose_policy, undo_change, undoable
from reviews.services.edits import EditError
from reviews.views.frame import HtmxRequest, engagement_page

Machine = dict[str, Any]


@require_safe
def capacity_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The answer on one screen, then the scenarios, then every number with its grade."""
    engagement = engagement_for(request.user, code)
    context = _context(engagement, capacity_now(engagement))
    return engagement_page(request, engagement, "reviews/capacity_detail.html", "capacity", **context)


@require_POST
def capacity_set(request: HtmxRequest, code: str) -> HttpResponse:
    """Give one input another value, or with an empty one leave it to files and intake again."""
    engagement = open_engagement_for(request.user, code)
    before = capacity_now(engagement)
    form = CapacityForm(request.POST)
    try:
        key, typed, reason = form.values()
        stands = _standing(before, key)
        value = None if typed == "" else amount(typed, unit_of(key))
        if typed != stands.get("field"):
            facts = {"before": stands, "reason": reason, "user": request.user}
            change_input(engagement=engagement, key=key, value=value, **facts)
    except (ValueError, EditError) as problem:
        wrong = {"key": request.POST.get("key", ""), "text": str(problem), "typed": request.POST.get("value", "")}
        return _answer(request, engagement, before, status=422, wrong=wrong)
    return _after(request, engagement, before)


@require_POST
def capacity_policy(request: HtmxRequest, code: str) -> HttpResponse:
    """Choose the profile of thresholds, or with an empty name leave it to the intake again."""
    engagement = open_engagement_for(request.user, code)
    before = capacity_now(engagement)
    form = PolicyForm(request.POST)
    if not form.is_valid():
        wrong = {"key": POLICY, "text": "There is no such profile. Choose one of the list."}
        return _answer(request, engagement, before, status=422, wrong=wrong)
    stands, name = before["policy"], form.cleaned_data["name"]
    if name != policy_choice(stands)["chosen"]:
        facts = {"value": stands["name"], "unit": None, "grade": stands["grade"]}
        reason = form.cleaned_data["reason"]
        choose_policy(engagement=engagement, name=name, before=facts, reason=reason, user=request.user)
    return _after(request, engagement, before)


@require_POST
def capacity_undo(request: HtmxRequest, code: str) -> HttpResponse:
    """Take the last change back."""
    engagement = open_engagement_for(request.user, code)
    before = capacity_now(engagement)
    undo_change(engagement=engagement, user=request.user)
    return _after(request, engagement, before)


@require_safe
def capacity_burst(request: HtmxRequest, code: str) -> HttpResponse:
    """What a burst does to one station; nothing is changed by it. A fragment for htmx, else a page of its own."""
    engagement = engagement_for(request.user, code)
    burst = panel_of(capacity_now(engagement), request.GET)
    if request.htmx:
        return render(
            request, "reviews/_capacity_burst.html", {"engagement": engagement, "burst": burst, "unfolded": True}
        )
    return engagement_page(request, engagement, "reviews/capacity_burst.html", "capacity", burst=burst, unfolded=True)


@require_safe
def capacity_outlook(request: HttpRequest, code: str) -> HttpResponse:
    """What to build, what not yet, what it costs, how ready: the sections as the report will print them."""
    engagement = engagement_for(request.user, code)
    parts = parts_of(build(engagement))
    return engagement_page(request, engagement, "reviews/capacity_outlook.html", "capacity", parts=parts)


@require_safe
def capacity_packs(request: HttpRequest, code: str) -> HttpResponse:
    """Alert rules, dashboard and load test as one archive, made from what is known now."""
    engagement = engagement_for(request.user, code)
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, text in files_of(build(engagement)).items():
            archive.writestr(name, text)
    answer = HttpResponse(buffer.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{engagement.code}.packs.zip"'
    return answer


def _after(request: HtmxRequest, engagement: Engagement, before: Machine) -> HttpResponse:
    if not request.htmx:
        return redirect(f"{reverse('capacity_detail', args=[engagement.code])}#inputs")
    after = capacity_now(engagement)
    return _answer(request, engagement, after, moved=moved_rows(moved(before, after)), changed=True)


def _answer(
    request: HtmxRequest, engagement: Engagement, capacity: Machine, status: int = 200, **more: Any
) -> HttpResponse:
    context = _context(engagement, capacity, typed=request.POST.get("key", "")) | more
    if request.htmx:
        return render(request, "reviews/_capacity.html", {"engagement": engagement, **context}, status=status)
    return engagement_page(request, engagement, "reviews/capacity_detail.html", "capacity", status, **context)


def _context(engagement: Engagement, capacity: Machine, typed: str = "") -> Machine:
    return {
        "capacity": capacity,
        "answer": answer(capacity),
        "pictures": pictures(capacity),
        "said": said_of(capacity),
        "curves": curves_view(capacity, ACCENT),
        "burst": panel_of(capacity, {}),
        "scenarios": scenario_cards(capacity),
        "policy": policy_choice(capacity["policy"]),
        "groups": input_groups(capacity, typed),
        "undoable": undoable(engagement),
    }


def _standing(capacity: Machine, key: str) -> Machine:
    """What stands there: value, unit, grade, and the text of its field; no value where nobody knew it."""
    row = next((row for row in capacity["inputs"] if row["key"] == key), None)
    if row is None:
        return {"value": None, "unit": unit_of(key), "grade": None, "field": ""}
    return {name: row[name] for name in ("value", "unit", "grade")} | {"field": field_of(row)}
