"""A re-run writes what it computed and keeps what people moved, own or noted."""

from typing import Any

import pytest

from reviews.models import Engagement
from tests.cast import make_engagement, make_finding
from tickets.models import PlanItem, Ticket
from tickets.services import move_plan_item, refresh_plan, refresh_tickets

pytestmark = pytest.mark.django_db


@pytest.fixture
def engagement() -> Engagement:
    return make_engagement("T-1")


def ticket(key: str = "rule:PG001", **changes: Any) -> dict[str, Any]:
    facts = {"id": "T1", "key": key, "priority": "P0", "title": "Add the index", "low_days": 0.5, "high_days": 2.0}
    return facts | {"findings": ["f1"]} | changes


def entry(key: str = "rule:PG001", **changes: Any) -> dict[str, Any]:
    return {"key": key, "day": 3, "title": "First slice", "hours": 2.0, "kind": "fix", "findings": ["f1"]} | changes


def test_tickets_are_brought_up_to_date_by_key(engagement: Engagement) -> None:
    finding = make_finding(engagement, "f1")
    refresh_tickets(engagement_id=engagement.pk, tickets=[ticket()], finding_ids={"f1": finding.pk})
    Ticket.objects.update(state="doing", owner="Ann", note="Since Monday")
    refresh_tickets(
        engagement_id=engagement.pk,
        tickets=[ticket("rule:RD001", id="T2"), ticket(title="Add two indexes", priority="P1", findings=["f1", "f9"])],
        finding_ids={"f1": finding.pk},
    )
    kept = Ticket.objects.get(key="rule:PG001")
    assert (kept.title, kept.priority, kept.rank, kept.present) == ("Add two indexes", "P1", 2, True)
    assert (kept.state, kept.owner, kept.note) == ("doing", "Ann", "Since Monday")
    assert list(kept.findings.all()) == [finding]


def test_a_ticket_without_a_cause_is_hidden_and_comes_back_as_it_was(engagement: Engagement) -> None:
    other = make_engagement("T-2")
    for row in (engagement, other):
        refresh_tickets(engagement_id=row.pk, tickets=[ticket()], finding_ids={})
    Ticket.objects.filter(engagement=engagement).update(owner="Ann")
    refresh_tickets(engagement_id=engagement.pk, tickets=[], finding_ids={})
    assert list(Ticket.objects.filter(present=True).values_list("engagement", flat=True)) == [other.pk]
    refresh_tickets(engagement_id=engagement.pk, tickets=[ticket()], finding_ids={})
    assert Ticket.objects.get(engagement=engagement, present=True).owner == "Ann"


def test_a_long_title_is_cut_in_the_column_and_whole_in_the_record(engagement: Engagement) -> None:
    refresh_tickets(engagement_id=engagement.pk, tickets=[ticket(title="t" * 300)], finding_ids={})
    refresh_plan(engagement_id=engagement.pk, entries=[entry(title="t" * 300)])
    assert [len(row.title) for row in (Ticket.objects.get(), PlanItem.objects.get())] == [200, 200]
    assert len(Ticket.objects.get().machine["title"]) == 300


def test_the_plan_is_replaced_but_for_what_was_moved(engagement: Engagement) -> None:
    refresh_plan(engagement_id=engagement.pk, entries=[entry("a"), entry("b"), entry("c")])
    move_plan_item(item=PlanItem.objects.get(key="b"), day=5)
    refresh_plan(engagement_id=engagement.pk, entries=[entry("b", day=2, hours=1.0), entry("a")])
    shown = [(item.key, item.shown_day, item.position, item.hours) for item in PlanItem.objects.order_by("position")]
    assert shown == [("b", 5, 1, 1.0), ("a", 3, 2, 2.0)]


def test_back_on_its_day_an_entry_follows_the_computation_again(engagement: Engagement) -> None:
    refresh_plan(engagement_id=engagement.pk, entries=[entry()])
    item = move_plan_item(item=PlanItem.objects.get(), day=1)
    assert item.moved_to == 1
    assert move_plan_item(item=item, day=3).moved_to is None
    refresh_plan(engagement_id=engagement.pk, entries=[entry(day=2)])
    assert PlanItem.objects.get().shown_day == 2
