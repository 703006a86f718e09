"""What a consultant set by hand, as a ledger: rows are added, never changed, and go only with their finding."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviews.models.findings import Finding
from reviews.risk.override import changed_inputs, described


class RiskOverrideQuerySet(models.QuerySet):
    """Filters on the ledger."""

    def newest(self) -> "RiskOverrideQuerySet":
        """The last row of each finding and field, withdrawals included."""
        return self.filter(superseded_by=None)

    def active(self) -> "RiskOverrideQuerySet":
        """What holds now."""
        return self.newest().exclude(act=RiskOverride.Act.WITHDRAWN)


class RiskOverride(models.Model):
    """One entry: a value set, confirmed again or withdrawn. The next entry of the same field names it in `supersedes`.

    `computed` is the rules' value at that moment and `basis` what it was computed from: when a run computes them anew
    and they differ, the entry is stale until it is confirmed again or withdrawn.
    """

    class Field(models.TextChoices):
        SEVERITY = "severity", "Severity"
        PROXIMITY = "proximity", "Proximity"
        DEGRADATION = "degradation", "Degradation"
        EXPOSURE = "exposure", "Exposure"
        EFFORT = "effort", "Effort"
        HIDE = "hide", "Shown or hidden"

    class Act(models.TextChoices):
        SET = "set", "Set"
        CONFIRMED = "confirmed", "Confirmed again"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Why(models.TextChoices):
        BUSINESS = "business", "The client knows what the files do not show"
        CONTROL = "control", "Something else already holds the damage down"
        PLANNED = "planned", "It is being replaced or switched off"
        SAMPLE = "sample", "The evidence is not representative"
        RULE = "rule", "The rule is wrong here"
        OTHER = "other", "Something else"

    # The database deletes a row with its finding; Django would refuse to, as the ledger's trigger does.
    finding = models.ForeignKey(Finding, on_delete=models.DO_NOTHING, db_constraint=False, related_name="overrides")
    field = models.CharField(max_length=12, choices=Field)
    act = models.CharField(max_length=10, choices=Act, default=Act.SET)
    computed = models.JSONField(null=True)
    value = models.JSONField(null=True)
    basis = models.JSONField(default=dict)
    reason_code = models.CharField(max_length=12, choices=Why)
    reason = models.TextField()
    note = models.TextField(blank=True)
    review_by = models.DateField(null=True, blank=True)
    supersedes = models.OneToOneField(
        "self", on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="superseded_by"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=150, blank=True, help_text="The name, so that it outlives the account.")
    at = models.DateTimeField(auto_now_add=True)

    objects = RiskOverrideQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "field"], condition=Q(supersedes__isnull=True), name="override_chain_once"
            ),
            models.CheckConstraint(
                condition=Q(field__in=["severity", "proximity", "degradation", "exposure", "effort", "hide"]),
                name="override_field_known",
            ),
            models.CheckConstraint(condition=Q(act__in=["set", "confirmed", "withdrawn"]), name="override_act_known"),
            models.CheckConstraint(
                condition=Q(act="withdrawn") | Q(reason__regex=r"^\s*\S[\s\S]{28,}\S\s*$"), name="override_says_why"
            ),
            models.CheckConstraint(condition=Q(act="withdrawn") | Q(value__isnull=False), name="override_has_a_value"),
        ]

    def __str__(self) -> str:
        return f"{self.words}, set by {self.by} (computed: {self.computed_words})"

    @property
    def words(self) -> str:
        """The new value as it is read: "High", "Proximity 4 of 5"."""
        shown = described(self.field, self.value)
        return shown if self.field in ("severity", "hide") else f"{self.get_field_display()} {shown}"

    @property
    def computed_words(self) -> str:
        """The computed value at that moment."""
        return described(self.field, self.computed)

    @property
    def by(self) -> str:
        """Who set it, as colleagues know him."""
        return self.author_name or (self.author.get_username() if self.author else "a former member")

    def moved(self, machine: dict[str, Any]) -> list[dict[str, str]]:
        """What was computed otherwise then: name, before, after; empty while the entry is not stale."""
        return changed_inputs(self.field, self.basis, machine)
