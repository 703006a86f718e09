"""The whole path in one place: a file is read, the evidence judged, what follows from it stored."""

from django.db import transaction

from reviews.assessment import Assessment, assess_evidence
from reviews.models import Engagement, Finding
from reviews.services.engagements import intake_of, mark_analysed, refresh_inputs
from reviews.services.findings import refresh_findings, refresh_outcomes
from telemetry.models import Upload
from telemetry.services import coverage_for, evidence_for, parse_upload, uploads_of
from tickets.services import refresh_plan, refresh_tickets


def read_and_analyse(upload_id: int) -> list[int]:
    """Read one file. When it was the engagement's last one waiting, judge; returns archive members still to read."""
    members = parse_upload(upload_id)
    if not members:
        upload = Upload.objects.filter(pk=upload_id).first()
        if upload is not None and not upload.pending:
            analyse(Engagement.objects.get(pk=upload.engagement_id), unless_pending=True)
    return members


@transaction.atomic
def analyse(engagement: Engagement, unless_pending: bool = False) -> Assessment | None:
    """Judge an engagement from its evidence: outcomes → findings → tickets → plan. People's fields are not touched.

    The row lock makes runs of one engagement follow one another. With `unless_pending` a run leaves the judging to
    the file that is still being read.
    """
    engagement = Engagement.objects.select_for_update(of=("self",)).select_related("client").get(pk=engagement.pk)
    pending = uploads_of(engagement.pk).filter(state__in=[Upload.State.RECEIVED, Upload.State.READING])
    if unless_pending and pending.exists():
        return None
    refresh_inputs(engagement=engagement)
    assessment = assess_evidence(
        intake_of(engagement),
        coverage_for(engagement.pk),
        evidence_for(engagement.pk),
        dismissed=_dismissed(engagement),
    )
    store_assessment(engagement, assessment)
    mark_analysed(engagement=engagement, method=assessment.method)
    return assessment


def store_assessment(engagement: Engagement, assessment: Assessment) -> None:
    """Keep what an assessment says: machine fields only."""
    refresh_findings(engagement=engagement, findings=assessment.findings)
    refresh_outcomes(engagement=engagement, not_assessed=assessment.not_assessed, clear=assessment.clear)
    codes = dict(engagement.findings.values_list("code", "pk"))
    refresh_tickets(engagement_id=engagement.pk, tickets=assessment.tickets, finding_ids=codes)
    refresh_plan(engagement_id=engagement.pk, entries=assessment.plan_entries)


def _dismissed(engagement: Engagement) -> frozenset[str]:
    """Keys of findings a consultant dismissed: they get no ticket and no place in the plan."""
    return frozenset(engagement.findings.filter(status=Finding.Status.DISMISSED).values_list("key", flat=True))
