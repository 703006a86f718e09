"""What a worker does: load by id, call a service."""

from celery import shared_task

from reviews.models import Engagement
from reviews.pipeline import analyse, read_and_analyse
from reviews.services.deliverables import render_deliverable
from telemetry.services import stuck_uploads


@shared_task
def read_upload(upload_id: int) -> None:
    """Read one file; the last file of an engagement to be read starts the judging."""
    for member_id in read_and_analyse(upload_id):
        read_upload.delay(member_id)


@shared_task
def judge(engagement_id: int) -> None:
    """Judge an engagement from the evidence it has."""
    analyse(Engagement.objects.get(pk=engagement_id))


@shared_task
def render_report(deliverable_id: int) -> None:
    """Make the PDF of a frozen report."""
    render_deliverable(deliverable_id)


@shared_task
def resume_stuck_uploads() -> None:
    """Send again what a lost worker or a lost message left behind."""
    for upload_id in stuck_uploads():
        read_upload.delay(upload_id)
