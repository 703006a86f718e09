"""Every judging of an engagement: when, why, by which rules, and what happened to each finding in it."""

from typing import Any

from django.db import models
from django.db.models import Q

from reviews.models.engagements import Engagement
from reviews.models.findings import Finding
from reviews.risk.difference import numbers_changed


class AnalysisRun(models.Model):
    """One judging. `snapshot` holds every finding in short and each rule's answer, so that any two can be compared."""

    class Trigger(models.TextChoices):
        FILES = "files", "Files were read"
        DECISION = "decision", "Judged again"
        COMMAND = "command", "From the shell"

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    trigger = models.CharField(max_length=10, choices=Trigger)
    files = models.JSONField(default=dict, help_text="SHA-256 of every file that was read, with its name.")
    new_files = models.JSONField(default=list, help_text="Names of those that the run before did not have.")
    method = models.JSONField(default=dict, help_text="Version, and each rule with its limit.")
    counts = models.JSONField(default=dict)
    snapshot = models.JSONField(default=dict)

    class Meta:
        ordering = ["engagement", "-number"]
        constraints = [models.UniqueConstraint(fields=["engagement", "number"], name="run_number_once")]

    def __str__(self) -> str:
        return f"Run {self.number}"


class RunChange(models.Model):
    """What a run did to one finding, field by field. A finding that it left untouched has no row."""

    class Outcome(models.TextChoices):
        CREATED = "created", "Found"
        UPDATED = "updated", "Updated"
        CLEAR = "clear", "Measured again and clear"
        UNMEASURED = "unmeasured", "Not measured"
        REOPENED = "reopened", "Reopened"

    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="changes")
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="run_changes")
    outcome = models.CharField(max_length=10, choices=Outcome)
    fields = models.JSONField(default=list, help_text="Machine fields that changed: field, before, after.")
    numbers = models.BooleanField(default=False, help_text="A number or a grade changed, not only rank or wording.")

    class Meta:
        ordering = ["-run__number", "finding"]
        constraints = [
            models.UniqueConstraint(fields=["run", "finding"], name="run_change_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["created", "updated", "clear", "unmeasured", "reopened"]),
                name="run_change_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding}: {self.outcome}"

    @property
    def told(self) -> list[dict[str, Any]]:
        """The numbers and grades among the changed fields; all of them stand on the run's page."""
        return [change for change in self.fields if numbers_changed([change])]
