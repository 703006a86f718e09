"""Issuing a report: check, freeze, render, keep."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from reviews.models import Deliverable, Engagement, Finding, RiskOverride
from reviews.report.compose import json_safe
from reviews.report.context import brand_of, build, thawed
from reviews.report.render import RenderError, render_pdf
from reviews.risk.comparison import compare
from reviews.risk.snapshot import snapshot_of_report
from telemetry.models import Upload

# Longer than a rendering may take, so that a report is not rendered twice at the same time.
LOST_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Gate:
    """What stands between the engagement and a report: `blocks` must be mended, `warns` should be known."""

    blocks: tuple[str, ...]
    warns: tuple[str, ...]
    published: int


class NotReady(Exception):
    """The report cannot be issued yet; the message says why."""


def check_ready(engagement: Engagement) -> Gate:
    """Look at everything that would make a report wrong or embarrassing."""
    present = engagement.findings.filter(present=True)
    published = list(engagement.findings.published())
    reading = Upload.objects.filter(engagement=engagement, state__in=Upload.PENDING)
    failed = Upload.objects.filter(engagement=engagement, state=Upload.State.FAILED)
    cancelled = Upload.objects.filter(engagement=engagement, state=Upload.State.CANCELLED)
    blocks, warns = [], []
    if not published:
        blocks.append("No finding is published. Confirm and publish what the client shall read.")
    if reading.exists():
        blocks.append(f"{_count(reading.count(), 'file is', 'files are')} still being read. Wait until that is done.")
    judged = engagement.analysed_at
    if judged and Upload.objects.filter(engagement=engagement, finished_at__gt=judged).exists():
        blocks.append("The latest files are read but not judged yet. Wait a moment.")
    kept_in = present.filter(stale=True).filter(Q(status=Finding.Status.PUBLISHED) | Q(hidden=True))
    blocks += [
        f"What “{finding.shown_title}” was overridden against has moved: confirm the override again or withdraw it."
        for finding in kept_in.exclude(status=Finding.Status.DISMISSED)
    ]
    clear = [finding for finding in published if finding.standing == Finding.Standing.CLEAR]
    if clear:
        words = _count(len(clear), "published finding", "published findings")
        blocks.append(
            f"{words} would be resolved: measured again and clear. Confirm that, or take back what you doubt."
        )
    due = RiskOverride.objects.active().filter(finding__engagement=engagement, review_by__lte=timezone.localdate())
    warns += [f"{row} was to be looked at again by {row.review_by:%-d %b %Y}." for row in due.select_related("author")]
    shown = engagement.findings.on_map()
    confirmed = shown.filter(status=Finding.Status.CONFIRMED).count()
    drafts = shown.filter(status=Finding.Status.DRAFT).count()
    if confirmed:
        words = _count(confirmed, "confirmed finding is", "confirmed findings are")
        warns.append(f"{words} not published and out of the report.")
    if drafts:
        warns.append(f"{_count(drafts, 'draft stays', 'drafts stay')} out of the report.")
    hidden = present.filter(hidden=True).count()
    if hidden:
        warns.append(f"{_count(hidden, 'risk is', 'risks are')} hidden by an override and out of the report.")
    asking = Upload.objects.filter(engagement=engagement, state=Upload.State.ASKS).count()
    if asking:
        words = _count(asking, "file needs an answer and is", "files need an answer and are")
        warns.append(f"{words} not read; the report says so.")
    if failed.exists():
        warns.append(f"{_count(failed.count(), 'file', 'files')} could not be read; the report says so.")
    if cancelled.exists():
        warns.append(f"{_count(cancelled.count(), 'file was', 'files were')} cancelled; the report says so.")
    return Gate(tuple(blocks), tuple(warns), len(published))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


@transaction.atomic
def issue_report(*, engagement: Engagement, user: User) -> Deliverable:
    """Freeze the engagement's published state as the next report; the PDF is rendered from what was frozen.

    What is frozen is the row that was locked: files may have been judged since the caller read its own.
    """
    engagement = Engagement.objects.select_for_update(no_key=True).get(pk=engagement.pk)
    gate = check_ready(engagement)
    if gate.blocks:
        raise NotReady(" ".join(gate.blocks))
    number = (engagement.deliverables.aggregate(last=Max("number"))["last"] or 0) + 1
    issued_at = timezone.now()
    return Deliverable.objects.create(
        engagement=engagement,
        number=number,
        context=_frozen(engagement, number, issued_at),
        brand=brand_of(engagement),
        issued_by=user,
        issued_at=issued_at,
    )


def _frozen(engagement: Engagement, number: int, issued_at: datetime) -> dict[str, Any]:
    """The document as issued, with what became of risks that the client read of before and no longer does."""
    context = build(engagement, published_only=True, number=number, issued_at=issued_at)
    issued = engagement.deliverables.filter(state=Deliverable.State.ISSUED).defer("pdf")
    before = issued.order_by("-number").first()
    told = {row["key"] for row in before.context.get("findings", [])} if before else set()
    others = engagement.findings.filter(key__in=told).exclude(pk__in=engagement.findings.published())
    resolved = others.filter(standing=Finding.Standing.RESOLVED)
    context["resolved"] = [_brief(row) for row in resolved]
    standing = (Finding.Standing.SHOWN, Finding.Standing.CLEAR)
    context["withdrawn"] = [{"key": row.key, "id": row.code} for row in others.filter(standing__in=standing)]
    if before and engagement.prints_changes:
        title = f"report {before.number} of {before.issued_at:%-d %B %Y}"
        compared = compare(snapshot_of_report(before.context), snapshot_of_report(context))
        context["comparison"] = json_safe(compared | {"before": {"name": f"report-{before.number}", "title": title}})
    return context


def _brief(finding: Finding) -> dict[str, Any]:
    names = ("id", "key", "area", "rule", "mechanism", "subject", "measured")
    kept = {name: finding.machine.get(name) for name in names}
    return kept | {"title": finding.shown_title, "severity": finding.shown_severity}


def render_deliverable(deliverable_id: int) -> None:
    """Make the PDF of a frozen report. A report that is issued already is left as it is."""
    deliverable = Deliverable.objects.get(pk=deliverable_id)
    if deliverable.state == Deliverable.State.ISSUED:
        return
    try:
        rendered = render_pdf(deliverable.context, thawed(deliverable.brand))
    except RenderError as problem:
        waiting = Deliverable.objects.filter(pk=deliverable_id).exclude(state=Deliverable.State.ISSUED)
        waiting.update(state=Deliverable.State.FAILED, error=str(problem))
        return
    keep_pdf(deliverable_id, rendered.pdf, rendered.pages, list(rendered.warnings))


def stuck_deliverables() -> list[int]:
    """Reports whose rendering was lost with its worker or its message."""
    since = timezone.now() - LOST_AFTER
    return list(
        Deliverable.objects.filter(state=Deliverable.State.RENDERING, issued_at__lt=since).values_list("pk", flat=True)
    )


@transaction.atomic
def keep_pdf(deliverable_id: int, pdf: bytes, pages: int, warnings: list[str]) -> None:
    """Store the PDF once; a second delivery of the task changes nothing."""
    deliverable = Deliverable.objects.select_for_update().get(pk=deliverable_id)
    if deliverable.state == Deliverable.State.ISSUED:
        return
    deliverable.pdf, deliverable.sha256 = pdf, hashlib.sha256(pdf).hexdigest()
    deliverable.pages, deliverable.warnings, deliverable.error = pages, warnings, ""
    deliverable.state = Deliverable.State.ISSUED
    deliverable.save()
