"""What every workspace page shares: the admin's frame, the engagement's stepper, and the answer to a form."""

from collections import Counter
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
    steps = steps_of(engagement, step)
    here = next((row.title for row in steps if row.here), "Overview")
    context |= {"engagement": engagement, "steps": steps, "step": step, "others": others}
    title = f"{here} · {engagement.client} {engagement.code}"
    return frame_page(request, template, status, title=title, **context)


def frame_page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page inside the admin's frame, with a heading of its own."""
    frame = {**admin.site.each_context(request), "own_heading": True}
    return render(request, template, frame | context, status=status)


def steps_of(engagement: Engagement, here: str) -> list[Step]:
    """Intake → Evidence → Findings → Risk map → Capacity → Plan → Report, each with its state in two or three words."""
    facts = _counts(engagement)
    flows, inputs = engagement.flows.count(), engagement.inputs.exclude(state="missing").count()
    tickets, issued = engagement.tickets.filter(present=True).count(), engagement.deliverables.count()
    present, published = facts["present"], facts["published"]
    rows = [
        ("intake", "Intake", "intake_detail", f"{inputs} of 9 inputs", flows > 0),
        ("evidence", "Evidence", "upload_list", _evidence_state(facts), facts["read"] > 0 and not facts["pending"]),
        ("findings", "Findings", "finding_list", _findings_state(facts), published > 0 and not facts["drafts"]),
        ("risk", "Risk map", "risk_map", _count(present, "risk") if present else "no risks yet", present > 0),
        ("capacity", "Capacity", "capacity_detail", "what breaks first", bool(engagement.evidence_inputs)),
        ("plan", "Plan", "plan_detail", _count(tickets, "ticket") if tickets else "no tickets yet", tickets > 0),
        ("report", "Report", "report_detail", f"{issued} issued" if issued else "not issued", issued > 0),
    ]
    return [
        Step(title, reverse(name, args=[engagement.code]), state, done, slug == here)
        for slug, title, name, state, done in rows
    ]


def _counts(engagement: Engagement) -> dict[str, int]:
    """Files by state and findings by status, in one query each."""
    uploads = Upload.objects.filter(engagement=engagement).exclude(format="archive")
    states = Counter(uploads.values_list("state", flat=True))
    statuses = Counter(engagement.findings.on_map().values_list("status", flat=True))
    return {
        "read": states[Upload.State.DONE],
        "failed": states[Upload.State.FAILED],
        "asking": states[Upload.State.ASKS],
        "pending": sum(states[state] for state in Upload.PENDING),
        "present": sum(statuses.values()),
        "drafts": statuses[Finding.Status.DRAFT],
        "published": statuses[Finding.Status.PUBLISHED],
    }


def _findings_state(facts: dict[str, int]) -> str:
    if facts["drafts"]:
        return f"{facts['drafts']} to decide"
    return f"{facts['published']} published" if facts["present"] else "none yet"


def _evidence_state(facts: dict[str, int]) -> str:
    if facts["pending"]:
        return f"reading {_count(facts['pending'], 'file')}"
    if facts["asking"]:
        return f"{facts['asking']} need{'s' * (facts['asking'] == 1)} an answer"
    if facts["failed"]:
        return f"{facts['failed']} not read"
    return f"{_count(facts['read'], 'file')} read" if facts["read"] else "no files yet"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
