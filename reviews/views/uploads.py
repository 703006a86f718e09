"""Receiving files and showing how their reading goes."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from reviews.access import engagement_for, open_engagement_for, upload_for
from reviews.coverage import questions
from reviews.models import Engagement
from reviews.tasks import judge, read_upload, send_on_commit
from reviews.views.frame import HtmxRequest, engagement_page
from telemetry.models import Upload
from telemetry.parsers import PARSERS
from telemetry.services import UploadError, delete_upload, receive_upload, reset_upload, uploads_of

PATIENCE = timedelta(minutes=2)


@require_safe
def upload_list(request: HttpRequest, code: str) -> HttpResponse:
    """The drop zone, one row per file, and what the review can answer from them."""
    engagement = engagement_for(request.user, code)
    return _page(request, engagement)


@require_POST
def upload_add(request: HtmxRequest, code: str) -> HttpResponse:
    """Take several files at once; each is accepted or refused on its own."""
    engagement = open_engagement_for(request.user, code)
    refused: list[str] = []
    for file in request.FILES.getlist("files"):
        try:
            upload, new = receive_upload(engagement_id=engagement.pk, file=file, user_id=request.user.pk)
            if new:
                send_on_commit(read_upload, upload.pk)
        except UploadError as problem:
            refused.append(str(problem))
    if not request.FILES:
        refused.append("No file was sent. Choose one or more files first.")
    if request.htmx:
        context = {"engagement": engagement, "uploads": in_order(engagement), "refused": refused}
        return trigger_client_event(render(request, "reviews/_upload_table.html", context), "evidence-changed")
    for problem_text in refused:
        messages.error(request, problem_text)
    return redirect("upload_list", code=code)


@require_safe
def upload_row(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """One file's row; it asks again by itself until the reading is over."""
    engagement = engagement_for(request.user, code)
    upload = upload_for(engagement, upload_id)
    answer = render(request, "reviews/_upload_row.html", {"engagement": engagement, "upload": upload})
    opened = upload.format == "archive" and not upload.pending
    return trigger_client_event(answer, "archive-opened") if opened else answer


@require_POST
def upload_again(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """Read a file once more, for instance after a new format was added."""
    engagement = open_engagement_for(request.user, code)
    upload = upload_for(engagement, upload_id)
    if reset_upload(upload=upload):
        send_on_commit(read_upload, upload.pk)
    return redirect("upload_list", code=code)


@require_POST
def upload_delete(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """Remove a file with its evidence and judge again without it."""
    engagement = open_engagement_for(request.user, code)
    delete_upload(upload=upload_for(engagement, upload_id), by=request.user.get_username())
    send_on_commit(judge, engagement.pk)
    return redirect("upload_list", code=code)


def _page(request: HttpRequest, engagement: Engagement) -> HttpResponse:
    uploads = in_order(engagement)
    return engagement_page(
        request,
        engagement,
        "reviews/upload_list.html",
        "evidence",
        uploads=uploads,
        pending=sum(upload.pending for upload in uploads),
        judging=is_judging(engagement, uploads),
        limit_mb=settings.LOADLINE_MAX_UPLOAD_MB,
        parsers=PARSERS,
        questions=questions(engagement),
    )


def in_order(engagement: Engagement) -> list[Upload]:
    """What asks, is being read or failed first, so that it needs no scrolling; then as they came."""
    states = (Upload.State.ASKS, Upload.State.READING, Upload.State.RECEIVED, Upload.State.FAILED)
    order = {state: at for at, state in enumerate(states)}
    return sorted(uploads_of(engagement.pk), key=lambda upload: order.get(Upload.State(upload.state), len(order)))


def is_judging(engagement: Engagement, uploads: list[Upload]) -> bool:
    """Every file is read, the judging that follows is not over yet. Gives up waiting after PATIENCE."""
    finished = [upload.finished_at for upload in uploads if upload.finished_at]
    if not finished or timezone.now() - max(finished) > PATIENCE:
        return False
    return engagement.analysed_at is None or engagement.analysed_at < max(finished)
