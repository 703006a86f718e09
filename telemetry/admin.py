"""Uploads across engagements, for looking; files are added and removed on the engagement's page."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from telemetry.models import Upload

# Of the engagement a list shows its name; the rest of the row is large and would be read once for each file.
HEAVY = ("engagement__evidence_inputs", "engagement__method", "engagement__capacity")


@admin.register(Upload)
class UploadAdmin(ModelAdmin):
    """Read-only: what was received and how the reading ended."""

    list_display = ("file_name", "engagement", "format", "state", "records_read", "uploaded_at")
    list_filter = ("state", "format")
    search_fields = ("file_name",)
    list_select_related = ("engagement",)
    fields = ("engagement", "file_name", "format", "state", "size", "sha256", "records_read", "error", "uploaded_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        uploads = super().get_queryset(request).defer("coverage", *HEAVY)
        if request.user.is_superuser:
            return uploads
        return uploads.filter(Q(engagement__memberships__user_id=request.user.pk))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
