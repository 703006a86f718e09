"""What to do: tickets and the 72-hour plan, as computed and as people moved them."""

from django.db import models
from django.db.models import F, Q


class Ticket(models.Model):
    """A piece of work. A re-run writes the machine fields; state, owner and note belong to people."""

    class Priority(models.TextChoices):
        P0 = "P0", "P0"
        P1 = "P1", "P1"
        P2 = "P2", "P2"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DOING = "doing", "In progress"
        DONE = "done", "Done"

    engagement = models.ForeignKey("reviews.Engagement", on_delete=models.CASCADE, related_name="tickets")
    key = models.CharField(max_length=300)
    code = models.CharField(max_length=16)
    # machine fields
    priority = models.CharField(max_length=2, choices=Priority)
    title = models.CharField(max_length=200)
    low_days = models.FloatField()
    high_days = models.FloatField()
    rank = models.PositiveIntegerField()
    machine = models.JSONField(default=dict)
    present = models.BooleanField(default=True)
    findings = models.ManyToManyField("reviews.Finding", related_name="tickets", blank=True)
    # people's fields
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    owner = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["engagement", "priority", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "key"], name="ticket_key_once"),
            models.CheckConstraint(condition=Q(priority__in=["P0", "P1", "P2"]), name="ticket_priority_known"),
            models.CheckConstraint(condition=Q(state__in=["open", "doing", "done"]), name="ticket_state_known"),
            models.CheckConstraint(
                condition=Q(low_days__gt=0) & Q(high_days__gte=F("low_days")), name="ticket_estimate_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.priority} {self.title}"


class PlanItem(models.Model):
    """One entry of the 72-hour plan. `moved_to` is where a person put it; a re-run keeps it there."""

    class Day(models.IntegerChoices):
        DAY1 = 1, "Day 1"
        DAY2 = 2, "Day 2"
        DAY3 = 3, "Day 3"
        HANDOFF = 4, "Handoff"
        BACKLOG = 5, "Backlog"

    engagement = models.ForeignKey("reviews.Engagement", on_delete=models.CASCADE, related_name="plan_items")
    key = models.CharField(max_length=300)
    day = models.PositiveSmallIntegerField(choices=Day)
    moved_to = models.PositiveSmallIntegerField(choices=Day, null=True, blank=True)
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    hours = models.FloatField()
    kind = models.CharField(max_length=20)
    finding_keys = models.JSONField(default=list)
    machine = models.JSONField(default=dict)

    class Meta:
        ordering = ["engagement", "day", "position"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "key"], name="plan_item_key_once"),
            models.CheckConstraint(condition=Q(day__range=(1, 5)), name="plan_item_day_known"),
            models.CheckConstraint(
                condition=Q(moved_to=None) | Q(moved_to__range=(1, 5)), name="plan_item_moved_to_a_known_day"
            ),
            models.CheckConstraint(condition=Q(hours__gte=0), name="plan_item_hours_not_negative"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def shown_day(self) -> int:
        """The day it stands on: a person's choice before the computed one."""
        return self.moved_to or self.day
