"""The page that asks what the columns of a table are, and the choice between formats that several parsers claim."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from reviews.access import engagement_for, open_engagement_for, upload_for
from reviews.mapping_form import MappingForm, form_for
from reviews.models import Engagement
from reviews.tasks import read_upload, send_on_commit
from reviews.views.frame import HtmxRequest, engagement_page
from telemetry.answers import COLUMNS
from telemetry.evidence import ParseError
from telemetry.mappings import asking_for, choose_format, forget_mapping, head_of, mapping_for, save_mapping
from telemetry.models import Upload
from telemetry.services import reset_upload
from telemetry.source import Head
from telemetry.tables.mapping import mappings_to_toml, problems_of
from telemetry.tables.preview import preview
from telemetry.tables.shape import Table


@require_safe
def mapping_edit(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """The columns with their first cells, what each probably is, and what the first rows would become."""
    engagement = engagement_for(request.user, code)
    upload = _table_upload(engagement, upload_id)
    try:
        head, table = head_of(upload)
    except ParseError as problem:
        messages.error(request, problem.message)
        return redirect("upload_list", code=code)
    return _page(request, engagement, upload, head, table, form_for(upload, head, table))


@require_POST
def mapping_preview(request: HtmxRequest, code: str, upload_id: int) -> HttpResponse:
    """The same with what was chosen so far; nothing is kept."""
    engagement = open_engagement_for(request.user, code)
    upload = _table_upload(engagement, upload_id)
    try:
        head, table = head_of(upload)
    except ParseError as problem:
        messages.error(request, problem.message)
        return redirect("upload_list", code=code)
    form = form_for(upload, head, table, request.POST)
    if form.is_bound:
        form.is_valid()
    if request.htmx:
        context = {"engagement": engagement, "upload": upload, **_context(upload, head, table, form)}
        return render(request, "reviews/_mapping.html", context)
    return _page(request, engagement, upload, head, table, form)


@require_POST
def mapping_save(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """Keep the mapping for the client, and read with it every file of the engagement that waited for it."""
    engagement = open_engagement_for(request.user, code)
    upload = _table_upload(engagement, upload_id)
    try:
        head, table = head_of(upload)
    except ParseError as problem:
        messages.error(request, problem.message)
        return redirect("upload_list", code=code)
    form = form_for(upload, head, table, request.POST)
    mapping = form.mapping() if form.is_bound and form.is_valid() else None
    if mapping is None:
        return _page(request, engagement, upload, head, table, form, status=422)
    with transaction.atomic():
        save_mapping(client_id=engagement.client_id, mapping=mapping, user_id=request.user.pk)
        waiting = asking_for(engagement_id=engagement.pk, signature=table.signature)
        for row in {row.pk: row for row in [upload, *waiting]}.values():
            _read_again(row)
    messages.success(request, f"Kept for {engagement.client}: every table with these columns is read so from now on.")
    return redirect("upload_list", code=code)


@require_POST
def mapping_forget(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """Drop the client's mapping for this table, and ask again."""
    engagement = open_engagement_for(request.user, code)
    upload = _table_upload(engagement, upload_id)
    signature = (upload.coverage.get("asks") or {}).get("signature", "")
    if forget_mapping(client_id=engagement.client_id, signature=signature):
        _read_again(upload)
        messages.success(request, "Forgotten. Other files that were read with it stay as they are.")
    return redirect("upload_list", code=code)


@require_safe
def mapping_export(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """The confirmed mapping as TOML, for `manage.py review --mapping`."""
    engagement = engagement_for(request.user, code)
    upload = _table_upload(engagement, upload_id)
    try:
        mapping = mapping_for(upload=upload, table=head_of(upload)[1])
    except ParseError:
        mapping = None
    if mapping is None:
        raise Http404
    answer = HttpResponse(mappings_to_toml([mapping]), content_type="application/toml")
    answer["Content-Disposition"] = f'attachment; filename="{engagement.code}.mapping.toml"'
    return answer


@require_POST
def format_choose(request: HttpRequest, code: str, upload_id: int) -> HttpResponse:
    """Which of several formats a file is; the reading goes on with its parser."""
    engagement = open_engagement_for(request.user, code)
    upload = upload_for(engagement, upload_id)
    if choose_format(upload=upload, format_id=request.POST.get("format", "")):
        _read_again(upload)
    else:
        messages.error(request, "Choose one of the formats that the file can be.")
    return redirect("upload_list", code=code)


def _read_again(upload: Upload) -> None:
    if reset_upload(upload=upload):
        send_on_commit(read_upload, upload.pk)


def _table_upload(engagement: Engagement, upload_id: int) -> Upload:
    """An upload that is a table whose columns may be named, or 404."""
    upload = upload_for(engagement, upload_id)
    if (upload.coverage.get("asks") or {}).get("what") != COLUMNS:
        raise Http404
    return upload


def _page(
    request: HttpRequest,
    engagement: Engagement,
    upload: Upload,
    head: Head,
    table: Table,
    form: MappingForm,
    status: int = 200,
) -> HttpResponse:
    context = {"upload": upload, **_context(upload, head, table, form)}
    return engagement_page(request, engagement, "reviews/mapping_edit.html", "evidence", status, **context)


def _context(upload: Upload, head: Head, table: Table, form: MappingForm) -> dict[str, object]:
    mapping, usable = form.mapping(), form.usable() is not None
    return {
        "form": form,
        "table": table,
        "target": form.shown,
        "preview": preview(head, table, mapping, usable),
        "usable": usable,
        "open": []
        if form.is_bound or usable or mapping is None
        else list(dict.fromkeys(problems_of(mapping, table.columns).values())),
        "kept": mapping_for(upload=upload, table=table),
    }
