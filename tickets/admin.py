"""Tickets across engagements: people's fields can be changed, the machine's cannot."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm

from tickets.models import Ticket
from tickets.resources import TicketResource

# Of the engagement a list shows its name; the rest of the row is large and would be read once for each ticket.
HEAVY = ("engagement__evidence_inputs", "engagement__method", "engagement__capacity")


@admin.register(Ticket)
class TicketAdmin(ExportMixin, ModelAdmin):
    """State, owner and note belong to people."""

    resource_classes = (TicketResource,)
    export_form_class = ExportForm
    formats = (CSV, XLSX)
    list_display = ("priority", "title", "engagement", "low_days", "high_days", "state", "owner")
    list_display_links = ("title",)
    list_filter = ("priority", "state")
    search_fields = ("title", "owner")
    list_select_related = ("engagement",)
    fields = ("engagement", "priority", "title", "low_days", "high_days", "state", "owner", "note")
    readonly_fields = ("engagement", "priority", "title", "low_days", "high_days")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        tickets = super().get_queryset(request).filter(present=True).defer("machine", *HEAVY)
        if request.user.is_superuser:
            return tickets
        return tickets.filter(engagement__memberships__user_id=request.user.pk)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        """A closed engagement can be read, not changed."""
        return bool(request.user.is_staff) and (obj is None or obj.engagement.stage != "closed")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
