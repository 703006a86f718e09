"""Receiving files and showing how their reading goes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from reviews.access import engagement_for, open_engagement_for, upload_for
from reviews.coverage import questions
from reviews.models import Engagement
from reviews.tasks import judge, read_upload
from reviews.views.frame import HtmxRequest, engagement_page
from telemetry.parsers import PARSERS
from telemetry.services import UploadError, delete_upload, receive_upload, reset_upload, uploads_of


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
                read_upload.delay_on_commit(upload.pk)
        except UploadError as problem:
            refused.append(str(problem))
    if not request.FILES:
        refused.append("No file was sent. Choose one or more files first.")
    if request.htmx:
        context = {"engagement": engagement, "uploads": uploads_of(engagement.pk), "refused": refused}
        return render(request, "reviews/_upload_table.html", context)
    for problem_text in refused:
        messages.error(request, problem_text)
    return redirect("upload_list", code=code)


@require_safe
def upload_row(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """One file's row; it asks again by itself until the reading is over."""
    engagement = engagement_for(request.user, code)
    upload = upload_for(engagement, upload_id)
    return render(request, "reviews/_upload_row.html", {"engagement": engagement, "upload": upload})


@require_POST
def upload_again(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """Read a file once more, for instance after a new format was added."""
    engagement = open_engagement_for(request.user, code)
    upload = upload_for(engagement, upload_id)
    if reset_upload(upload=upload):
        read_upload.delay_on_commit(upload.pk)
    return redirect("upload_list", code=code)


@require_POST
def upload_delete(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """Remove a file with its evidence and judge again without it."""
    engagement = open_engagement_for(request.user, code)
    delete_upload(upload=upload_for(engagement, upload_id))
    judge.delay_on_commit(engagement.pk)
    return redirect("upload_list", code=code)


def _page(request: HttpRequest, engagement: Engagement) -> HttpResponse:
    return engagement_page(
        request,
        engagement,
        "reviews/upload_list.html",
        "evidence",
        uploads=uploads_of(engagement.pk),
        parsers=PARSERS,
        questions=questions(engagement),
    )
