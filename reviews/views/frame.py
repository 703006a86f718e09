"""What every workspace page shares: the admin's frame, the engagement's stepper, and the answer to a form."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from reviews.access import engagements_for
from reviews.models import Engagement, Finding
from telemetry.models import Upload


class HtmxRequest(HttpRequest):
    """A request that knows whether htmx sent it."""

    htmx: HtmxDetails


@dataclass(frozen=True)
class Step:
    """One step of an engagement: its page, its state in words, and whether it is done."""

    title: str
    url: str
    state: str
    done: bool
    here: bool


def engagement_page(
    request: HttpRequest, engagement: Engagement, template: str, step: str, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of an engagement inside the frame; `step` is the stepper's current step."""
    others = engagements_for(request.user).exclude(pk=engagement.pk)[:20]
    context |= {"engagement": engagement, "steps": steps_of(engagement, step), "step": step, "others": others}
    return frame_page(request, template, status, title=f"{engagement.code} · {engagement.title}", **context)


def frame_page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page inside the admin's frame."""
    return render(request, template, {**admin.site.each_context(request), **context}, status=status)


def steps_of(engagement: Engagement, here: str) -> list[Step]:
    """Intake → Evidence → Findings → Plan → Report, each with its state."""
    flows, inputs = engagement.flows.count(), engagement.inputs.exclude(state="missing").count()
    uploads = Upload.objects.filter(engagement=engagement).exclude(format="archive")
    read, failed = uploads.filter(state=Upload.State.DONE).count(), uploads.filter(state=Upload.State.FAILED).count()
    present = engagement.findings.filter(present=True)
    drafts = present.filter(status=Finding.Status.DRAFT).count()
    published, issued = present.filter(status=Finding.Status.PUBLISHED).count(), engagement.deliverables.count()
    rows = [
        ("intake", "Intake", "intake_detail", f"{inputs} of 9 inputs, {_count(flows, 'flow')}", flows > 0),
        ("evidence", "Evidence", "upload_list", _evidence_state(read, failed), read > 0),
        ("findings", "Findings", "finding_list", f"{drafts} to decide, {published} published", published > 0),
        ("risk", "Risk map", "risk_map", _count(present.count(), "risk"), present.exists()),
        (
            "plan",
            "Plan",
            "plan_detail",
            _count(engagement.tickets.filter(present=True).count(), "ticket"),
            published > 0,
        ),
        ("report", "Report", "report_detail", f"{issued} issued" if issued else "not issued", issued > 0),
    ]
    return [
        Step(title, reverse(name, args=[engagement.code]), state, done, slug == here)
        for slug, title, name, state, done in rows
    ]


def _evidence_state(read: int, failed: int) -> str:
    return f"{_count(read, 'file')} read" + (f", {failed} not read" if failed else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
