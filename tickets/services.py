"""Writing tickets and the plan: a re-run keeps what people moved, own or noted."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from tickets.models import PlanItem, Ticket

Machine = dict[str, Any]


@transaction.atomic
def refresh_tickets(*, engagement_id: int, tickets: Iterable[Machine], finding_ids: dict[str, int]) -> None:
    """Bring tickets up to date by key. `finding_ids` maps a finding's code to its row."""
    kept = set()
    for rank, machine in enumerate(tickets, start=1):
        ticket, _ = Ticket.objects.update_or_create(
            engagement_id=engagement_id,
            key=machine["key"],
            defaults={
                "code": machine["id"],
                "priority": machine["priority"],
                "title": machine["title"][:200],
                "low_days": machine["low_days"],
                "high_days": machine["high_days"],
                "rank": rank,
                "machine": machine,
                "present": True,
            },
        )
        ticket.findings.set([finding_ids[code] for code in machine["findings"] if code in finding_ids])
        kept.add(ticket.pk)
    gone = Ticket.objects.filter(engagement_id=engagement_id).exclude(pk__in=kept)
    gone.update(present=False)


@transaction.atomic
def refresh_plan(*, engagement_id: int, entries: Iterable[Machine]) -> None:
    """Bring the plan up to date by key; an entry that a person moved stays where it was put."""
    kept = set()
    for position, machine in enumerate(entries, start=1):
        item, _ = PlanItem.objects.update_or_create(
            engagement_id=engagement_id,
            key=machine["key"],
            defaults={
                "day": machine["day"],
                "position": position,
                "title": machine["title"][:200],
                "hours": machine["hours"],
                "kind": machine["kind"],
                "finding_keys": machine["findings"],
                "machine": machine,
            },
        )
        kept.add(item.pk)
    PlanItem.objects.filter(engagement_id=engagement_id).exclude(pk__in=kept).delete()


@transaction.atomic
def move_plan_item(*, item: PlanItem, day: int) -> PlanItem:
    """Put an entry on another day; back on the computed day it follows the computation again."""
    item.moved_to = None if day == item.day else day
    item.save(update_fields=["moved_to"])
    return item
