"""Tickets as a table for trackers and spreadsheets."""

from typing import Any

from import_export import fields, resources

from tickets.export import safe_cell
from tickets.models import Ticket


class TicketResource(resources.ModelResource):
    """One row a ticket, machine and people's fields."""

    findings = fields.Field()

    class Meta:
        model = Ticket
        fields = ("code", "priority", "title", "low_days", "high_days", "findings", "state", "owner", "note")
        export_order = fields
        widgets = {name: {"coerce_to_string": False} for name in ("low_days", "high_days")}  # numbers stay numbers

    def dehydrate_findings(self, ticket: Ticket) -> str:
        """Codes of the findings behind it."""
        return ", ".join(sorted(finding.code for finding in ticket.findings.all()))

    def export_field(self, field: Any, instance: Ticket, **kwargs: Any) -> Any:
        """Every cell through the guard: the library's own strips one sign and no more."""
        return safe_cell(super().export_field(field, instance, **kwargs))
