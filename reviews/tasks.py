"""What a worker does: load by id, call a service."""

from celery import Task, shared_task
from django.db import transaction

from reviews.models import Engagement
from reviews.pipeline import analyse, engagements_due, read_and_analyse
from reviews.services.deliverables import render_deliverable, stuck_deliverables
from reviews.services.retention import expire_raw_files as expire
from telemetry.orphans import remove_orphans
from telemetry.services import stuck_uploads


def send_on_commit(task: Task, row_id: int) -> None:
    """Send a task once its row can be seen. While the queue is down the row waits for `resume_stuck_uploads`."""

    def send() -> None:
        task.delay(row_id)

    transaction.on_commit(send, robust=True)


@shared_task
def read_upload(upload_id: int) -> None:
    """Read one file; the last file of an engagement to be read starts the judging."""
    try:
        members = read_and_analyse(upload_id)
    except MemoryError as fault:
        # Over a MemoryError Celery ends the worker, and with it what others are having read.
        raise RuntimeError("out of memory while reading") from fault
    for member_id in members:
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
def expire_raw_files() -> None:
    """Delete raw files whose time is over, and files that a crash left without a row."""
    expire()
    remove_orphans()


@shared_task
def resume_stuck_uploads() -> None:
    """Send again what a lost worker or a lost message left behind: readings, judgings, reports."""
    for upload_id in stuck_uploads():
        read_upload.delay(upload_id)
    for engagement_id in engagements_due():
        judge.delay(engagement_id)
    for deliverable_id in stuck_deliverables():
        render_report.delay(deliverable_id)
