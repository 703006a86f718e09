"""Receiving files, showing how their reading goes, and stopping it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from reviews.access import engagement_for, open_engagement_for, upload_for
from reviews.coverage import coverage_of
from reviews.file_list import MANY, FileList, in_order
from reviews.models import Engagement
from reviews.progress import Batch, batch_of
from reviews.services.retention import raw_days_of
from reviews.tasks import judge, read_upload, send_on_commit
from reviews.views.frame import HtmxRequest, engagement_page
from telemetry.models import Upload
from telemetry.parsers import PARSERS
from telemetry.services import (
    UploadError,
    cancel_upload,
    cancel_uploads_of,
    delete_upload,
    receive_upload,
    repeats_among,
    reset_upload,
    too_large,
    uploads_of,
)

PATIENCE = timedelta(minutes=2)
# A file's end is seen a moment after it was noted: what ended shortly before the last answer is told once more.
OVERLAP_S = 2.0
# What the progress of all files is computed from; the rest of a row can be large.
FACTS = ("engagement", "state", "format", "size", "bytes_read", "bytes_per_second", "queued_at", "finished_at")
NAMES = ("file_name", "sha256")
EVENTS_SHOWN = 20
NOT_READ = (Upload.State.FAILED, Upload.State.CANCELLED)


@require_safe
def upload_list(request: HttpRequest, code: str) -> HttpResponse:
    """The drop zone, one row per file, and what the review can answer from them."""
    engagement = engagement_for(request.user, code)
    return engagement_page(
        request,
        engagement,
        "reviews/upload_list.html",
        "evidence",
        **_table(request, engagement),
        limit_mb=settings.LOADLINE_MAX_UPLOAD_MB,
        most_files=settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        parsers=PARSERS,
        coverage=coverage_of(engagement),
    )


@require_safe
def upload_asks(request: HttpRequest, code: str) -> HttpResponse:
    """What to ask the client for next, as a text to send."""
    engagement = engagement_for(request.user, code)
    answer = HttpResponse(coverage_of(engagement).message, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{engagement.code}.ask-next.txt"'
    return answer


@require_POST
def upload_add(request: HtmxRequest, code: str) -> HttpResponse:
    """Take several files at once; each is accepted or refused on its own."""
    engagement = open_engagement_for(request.user, code)
    refused: list[str] = [too_large(name) for name in request.POST.getlist("too_large")]
    known: list[str] = []
    for file, path in _sent(request):
        try:
            upload, new = receive_upload(engagement_id=engagement.pk, file=file, user_id=request.user.pk, path=path)
        except UploadError as problem:
            refused.append(str(problem))
            continue
        if new or (upload.state in NOT_READ and reset_upload(upload=upload)):
            send_on_commit(read_upload, upload.pk)
        elif not upload.pending:
            known.append(f"{upload.file_name} was here already. It counts once, and its raw file is stored.")
    if not request.FILES and not refused:
        refused.append("No file was sent. Choose one or more files first.")
    if request.htmx:
        context = _table(request, engagement) | {"engagement": engagement, "refused": refused, "known": known}
        return trigger_client_event(render(request, "reviews/_upload_table.html", context), "evidence-changed")
    for text in refused:
        messages.error(request, text)
    for text in known:
        messages.info(request, text)
    return redirect("upload_list", code=code)


def _sent(request: HttpRequest) -> Iterator[tuple[UploadedFile, str | None]]:
    """Each file with its path inside the folder that was dropped, where the page told one for every file."""
    files, paths = request.FILES.getlist("files"), request.POST.getlist("paths")
    told = len(files) == len(paths)
    for at, file in enumerate(files):
        yield file, paths[at] if told else None


@require_safe
def upload_progress(request: HttpRequest, code: str) -> HttpResponse:
    """How far all files are, and the rows that changed since the page heard last: one request a second, not one a row.

    It stops by itself: the answer to a reading that is over does not ask again.
    """
    engagement = engagement_for(request.user, code)
    uploads = list(uploads_of(engagement.pk).only(*FACTS, *NAMES))
    changed, same = _changed(request, engagement), repeats_among(uploads)
    for upload in changed:
        upload.same_as = same.get(upload.pk, "")  # type: ignore[attr-defined]
    context = _progress(engagement, uploads) | {"engagement": engagement, "changed": changed, "asked": True}
    context["files"] = FileList(uploads, request.GET)
    context["saying"] = _saying(context, sum(not upload.pending for upload in changed))
    answer = render(request, "reviews/_upload_progress.html", context)
    if any(upload.format == "archive" and not upload.pending for upload in changed):
        answer = trigger_client_event(answer, "archive-opened")
    if context["batch"] is None and not context["judging"]:
        answer = trigger_client_event(answer, "evidence-changed")
    return answer


@require_POST
def upload_cancel(request: HtmxRequest, code: str, upload_id: int) -> HttpResponse:
    """Stop the reading of a file, or leave one that waits unread; of an archive, what still waits in it."""
    engagement = open_engagement_for(request.user, code)
    cancel_upload(upload=upload_for(engagement, upload_id), by=request.user.get_username())
    _judge_the_rest(engagement)
    if request.htmx:
        many = uploads_of(engagement.pk).count() > MANY
        context = {"engagement": engagement, "upload": upload_for(engagement, upload_id), "many": many}
        return render(request, "reviews/_upload_row.html", context)
    return redirect("upload_list", code=code)


@require_POST
def upload_cancel_all(request: HttpRequest, code: str) -> HttpResponse:
    """Stop every reading of the engagement."""
    engagement = open_engagement_for(request.user, code)
    cancel_uploads_of(engagement_id=engagement.pk, by=request.user.get_username())
    _judge_the_rest(engagement)
    return redirect("upload_list", code=code)


@require_POST
def upload_again(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """Read a file once more, for instance after a new format was added."""
    engagement = open_engagement_for(request.user, code)
    upload = upload_for(engagement, upload_id)
    if reset_upload(upload=upload):
        send_on_commit(read_upload, upload.pk)
    elif upload.raw_deleted_at:
        messages.error(request, f"The raw file of {upload.file_name} was deleted. Send it again to read it again.")
    return redirect("upload_list", code=code)


@require_POST
def upload_delete(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """Remove a file with its evidence and judge again without it."""
    engagement = open_engagement_for(request.user, code)
    delete_upload(upload=upload_for(engagement, upload_id), by=request.user.get_username())
    send_on_commit(judge, engagement.pk)
    return redirect("upload_list", code=code)


def _judge_the_rest(engagement: Engagement) -> None:
    """After a cancelled file nobody may be left who judges the others."""
    if not uploads_of(engagement.pk).filter(state__in=Upload.PENDING).exists():
        send_on_commit(judge, engagement.pk)


def _table(request: HttpRequest, engagement: Engagement) -> dict[str, Any]:
    """What the section of files shows."""
    uploads = in_order(engagement)
    return {
        "files": FileList(uploads, request.GET),
        **_progress(engagement, uploads),
        "raw_days": raw_days_of(engagement),
        "raw_files": [upload for upload in uploads if upload.parent_id is None and upload.raw_deleted_at is None],
        "events": engagement.upload_events.all()[:EVENTS_SHOWN],
    }


def _progress(engagement: Engagement, uploads: list[Upload]) -> dict[str, Any]:
    """How far all files together are; `since` is what the next question shall ask for."""
    now = timezone.now()
    batch = batch_of(uploads, now)
    judging = batch is None and is_judging(engagement, uploads)
    since = f"{now.timestamp() - OVERLAP_S:.3f}"
    return {"batch": batch, "judging": judging, "since": since, "many": len(uploads) > MANY}


def _changed(request: HttpRequest, engagement: Engagement) -> list[Upload]:
    """Files that are being read now, or ended since the time that the page names."""
    rows = uploads_of(engagement.pk).select_related("parent")
    try:
        since = datetime.fromtimestamp(float(request.GET.get("since", "")), tz=timezone.get_current_timezone())
    except (ValueError, OverflowError, OSError):
        return list(rows.filter(state=Upload.State.READING))
    return list(rows.filter(Q(state=Upload.State.READING) | Q(finished_at__gte=since)))


def _saying(context: dict[str, Any], ended: int) -> str:
    """What a screen reader says: each quarter of the files and the two ends, not each second."""
    batch: Batch | None = context["batch"]
    if batch is None:
        return "All files are read. The risks are being judged." if context["judging"] else "All files are judged."
    before = replace(batch, finished=max(0, batch.finished - ended))
    return f"{batch.finished} of {batch.files} files read." if batch.quarter != before.quarter else ""


def is_judging(engagement: Engagement, uploads: list[Upload]) -> bool:
    """Every file is read, the judging that follows is not over yet. Gives up waiting after PATIENCE."""
    finished = [upload.finished_at for upload in uploads if upload.finished_at]
    if not finished or timezone.now() - max(finished) > PATIENCE:
        return False
    return engagement.analysed_at is None or engagement.analysed_at < max(finished)
