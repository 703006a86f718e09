"""The whole path in one place: a file is read, the evidence judged, what follows from it stored."""

from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction
from django.db.models import Count, F, Max, Q
from django.utils import timezone

from reviews.assessment import Assessment, assess_evidence
from reviews.models import AnalysisRun, Engagement, Finding
from reviews.services.capacity import held
from reviews.services.engagements import intake_of, mark_analysed, refresh_inputs
from reviews.services.findings import refresh_findings, refresh_outcomes
from reviews.services.overrides import override_values
from reviews.services.runs import Measured, begin_run, end_run, files_of
from telemetry.joining import Part
from telemetry.models import Upload
from telemetry.services import note_parts, parse_upload, parts_for, uploads_of
from tickets.services import refresh_plan, refresh_tickets


def read_and_analyse(upload_id: int) -> list[int]:
    """Read one file. When it was the engagement's last one waiting, judge; returns archive members still to read.

    A file that broke the reader is judged without, like one that was refused: the others waited for it. A message that
    comes a second time reads nothing, and judges only what the first one's worker left unjudged when it died.
    """
    members = None
    try:
        members = parse_upload(upload_id)
    finally:
        _judge_after(upload_id, was_read=members is not None)
    return members or []


def _judge_after(upload_id: int, was_read: bool) -> None:
    engagement = Engagement.objects.filter(uploads=upload_id).first()
    if engagement and (was_read or engagement.pk in engagements_due()):
        analyse(engagement, unless_pending=True, trigger="files")


@transaction.atomic
def analyse(engagement: Engagement, unless_pending: bool = False, trigger: str = "decision") -> Assessment | None:
    """Judge an engagement from its evidence: outcomes → findings → tickets → plan. People's fields are not touched.

    The row lock makes runs of one engagement follow one another (and, being no key lock, lets uploads in meanwhile).
    With `unless_pending` a run leaves the judging to the file that is still being read.
    """
    rows = Engagement.objects.select_for_update(of=("self",), no_key=True).select_related("client")
    engagement = rows.get(pk=engagement.pk)
    pending = uploads_of(engagement.pk).filter(state__in=Upload.PENDING)
    if unless_pending and pending.exists():
        return None
    started = timezone.now()  # before the evidence is looked at: what arrives later is judged later
    refresh_inputs(engagement=engagement)
    parts = parts_for(engagement.pk)
    by_hand = held(engagement)
    assessment = assess_evidence(
        intake_of(engagement),
        parts,
        dismissed=_left_out(engagement),
        overrides=override_values(engagement),
        changes=by_hand.changes,
        policy=by_hand.policy,
    )
    note_parts(parts)
    run = begin_run(engagement=engagement, at=started, trigger=trigger, method=assessment.method)
    store_assessment(engagement, assessment, run, parts)
    mark_analysed(engagement=engagement, method=assessment.method, gathered=assessment.gathered, at=started)
    return assessment


def engagements_due() -> list[int]:
    """Engagements whose files are all read but not all judged: the worker died between the two."""
    last = Max("uploads__finished_at")
    waiting = Q(uploads__state__in=Upload.PENDING)
    read = Engagement.objects.annotate(last_read=last, waiting=Count("uploads", filter=waiting))
    due = read.filter(Q(analysed_at=None) | Q(analysed_at__lt=F("last_read")), waiting=0, last_read__isnull=False)
    return list(due.values_list("pk", flat=True))


def store_assessment(engagement: Engagement, assessment: Assessment, run: AnalysisRun, parts: Sequence[Part]) -> None:
    """Keep what an assessment says: machine fields only, and with the run what it changed."""
    before = engagement.runs.filter(number__lt=run.number).first()
    answers = {row["rule"]: "cannot tell" for row in assessment.not_assessed}
    answers |= {row["rule"]: "clear" for row in assessment.clear}
    answers |= {rule: "hit" for finding in assessment.findings for rule in finding["rules"]}
    files = {pk: sha256 for pk, (sha256, _) in files_of(engagement).items()}
    refreshed = refresh_findings(
        engagement=engagement,
        findings=assessment.findings,
        run=run,
        measured=Measured(parts, answers, files),
        known=list(before.files) if before else [],
    )
    end_run(run=run, counts=asdict(refreshed), answers=answers)
    refresh_outcomes(engagement=engagement, not_assessed=assessment.not_assessed, clear=assessment.clear)
    codes = dict(engagement.findings.values_list("code", "pk"))
    refresh_tickets(engagement_id=engagement.pk, tickets=assessment.tickets, finding_ids=codes)
    refresh_plan(engagement_id=engagement.pk, entries=assessment.plan_entries)


def _left_out(engagement: Engagement) -> frozenset[str]:
    """Keys of findings a consultant dismissed or hid: they get no ticket and no place in the plan."""
    left_out = engagement.findings.filter(Q(status=Finding.Status.DISMISSED) | Q(hidden=True))
    return frozenset(left_out.values_list("key", flat=True))
