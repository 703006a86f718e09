"""What happens in 72 hours, with these people."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from reviews.access import engagement_for, open_engagement_for, plan_item_for
from reviews.forms import MoveForm
from reviews.models import Engagement
from reviews.plan_view import columns
from reviews.views.frame import HtmxRequest, engagement_page
from tickets.services import move_plan_item


@require_safe
def plan_detail(request: HtmxRequest, code: str) -> HttpResponse:
    """Three day columns, the handoff and the backlog, hours against capacity."""
    engagement = engagement_for(request.user, code)
    return engagement_page(request, engagement, "reviews/plan_detail.html", "plan", **_context(engagement))


@require_POST
def plan_move(request: HtmxRequest, code: str, item_id: int) -> HttpResponse:
    """Put one entry on another day."""
    engagement = open_engagement_for(request.user, code)
    item = plan_item_for(engagement, item_id)
    form = MoveForm(request.POST)
    if form.is_valid():
        move_plan_item(item=item, day=form.cleaned_data["day"])
    if request.htmx:
        return render(request, "reviews/_plan_board.html", {"engagement": engagement, **_context(engagement)})
    return redirect("plan_detail", code=code)


def _context(engagement: Engagement) -> dict[str, object]:
    return {
        "columns": columns(engagement),
        "tickets": engagement.tickets.filter(present=True).prefetch_related("findings"),
    }
