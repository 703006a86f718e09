"""Tickets as a list and as a file for a tracker."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews.access import engagement_for
from reviews.report.context import stored_work
from reviews.views.frame import engagement_page
from tickets.export import tickets_csv


@require_safe
def ticket_list(request: HttpRequest, code: str) -> HttpResponse:
    """Sequenced work with estimates."""
    engagement = engagement_for(request.user, code)
    tickets = list(engagement.tickets.filter(present=True).prefetch_related("findings"))
    return engagement_page(request, engagement, "reviews/ticket_list.html", "plan", tickets=tickets)


@require_safe
def ticket_export(request: HttpRequest, code: str) -> HttpResponse:
    """The same as CSV, every cell safe to open in a spreadsheet."""
    engagement = engagement_for(request.user, code)
    text = tickets_csv(stored_work(engagement)["tickets"])
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{engagement.code}.tickets.csv"'
    return answer
