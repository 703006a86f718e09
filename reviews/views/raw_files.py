"""Deleting what the client sent, as it came. Allowed in a closed engagement: then it is wanted most."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from reviews.access import engagement_for, upload_for
from telemetry.retention import delete_raw, delete_raw_of


@require_POST
def raw_delete(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """Delete a file's bytes at once, of a member its whole archive; evidence and reports stay."""
    engagement = engagement_for(request.user, code)
    upload = upload_for(engagement, upload_id)
    if delete_raw(upload=upload, by=request.user.get_username()):
        messages.success(request, f"The raw file of {upload.raw} is deleted. What was read from it is kept.")
    return redirect("upload_list", code=code)


@require_POST
def raw_delete_all(request: HttpRequest, code: str) -> HttpResponse:
    """The same for every file of the engagement, once the box is ticked."""
    engagement = engagement_for(request.user, code)
    if not request.POST.get("sure"):
        messages.error(request, "Nothing was deleted. Tick the box to delete all raw files.")
        return redirect("upload_list", code=code)
    count = delete_raw_of(engagement_id=engagement.pk, by=request.user.get_username())
    messages.success(request, f"Raw files deleted: {count}. What was read from them is kept.")
    return redirect("upload_list", code=code)
