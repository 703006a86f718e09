"""What is wrong, as the rules see it and as the consultant says it. The two never overwrite each other."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, NullIf

from reviews.models.engagements import Engagement


class Severity(models.TextChoices):
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class FindingQuerySet(models.QuerySet):
    """Filters that pages, portal and report share."""

    def published(self) -> "FindingQuerySet":
        """What a client may see."""
        return self.on_map().filter(status=Finding.Status.PUBLISHED)

    def on_map(self) -> "FindingQuerySet":
        """What stands on the risk map: shown by the evidence, not hidden, whatever was decided about it."""
        return self.filter(present=True, hidden=False)

    def ranked(self) -> "FindingQuerySet":
        """In the order of the risk map: severity as shown, then the machine's rank."""
        order = models.Case(
            models.When(shown="high", then=0),
            models.When(shown="medium", then=1),
            default=2,
            output_field=models.IntegerField(),
        )
        shown = Coalesce(NullIf(F("set_severity"), models.Value("")), F("severity"))
        # After a person's last word on it; a run's change of rank or wording alone is none of his business.
        since = Q(run__at__gt=models.OuterRef("edited_at"), numbers=True)
        changes = self.model._meta.get_field("run_changes").related_model.objects
        moved = models.Exists(changes.filter(since, finding=models.OuterRef("pk")))
        return self.annotate(shown=shown, moved=moved).order_by(
            order, Coalesce("set_rank", "rank", output_field=models.FloatField()), "key"
        )


class Finding(models.Model):
    """One failure mode of one subject. `machine` is the finding as computed, in the shape of the review's JSON."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        CONFIRMED = "confirmed", "Confirmed"
        DISMISSED = "dismissed", "Dismissed"
        PUBLISHED = "published", "Published"

    class Standing(models.TextChoices):
        SHOWN = "shown", "Shown by the evidence"
        CLEAR = "clear", "Measured again and clear"
        UNMEASURED = "unmeasured", "Not measured now"
        RESOLVED = "resolved", "Resolved"

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="findings")
    key = models.CharField(max_length=300)
    # machine fields: a re-run writes these and nothing else
    code = models.CharField(max_length=16)
    rule = models.CharField(max_length=8)
    area = models.CharField(max_length=20)
    mechanism = models.CharField(max_length=40)
    severity = models.CharField(max_length=6, choices=Severity)
    rank = models.PositiveIntegerField()
    machine = models.JSONField()
    present = models.BooleanField(default=True, help_text="Evidence shows it, and nobody said that it is resolved.")
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.SHOWN)
    shown_by = models.JSONField(default=list, help_text="SHA-256 of the files of the last run that showed it.")
    first_seen = models.DateTimeField(auto_now_add=True)
    last_seen = models.DateTimeField()
    # consultant fields: only a person writes these
    title = models.CharField(max_length=120, blank=True)
    narrative = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    version = models.PositiveIntegerField(default=0, help_text="Counts the consultant's saves; a stale one is refused.")
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)

    # what follows from the ledger of overrides; only reviews.services.overrides writes these
    set_severity = models.CharField(max_length=6, choices=Severity, blank=True, help_text="Empty: as computed.")
    set_place = models.JSONField(default=dict, help_text="Machine fields that come out otherwise under the overrides.")
    set_rank = models.FloatField(null=True, help_text="Its place by leverage where an override moved that.")
    hidden = models.BooleanField(default=False, help_text="Kept from map, report and portal; listed on the board.")
    stale = models.BooleanField(default=False, help_text="What an override was set against is computed otherwise now.")

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["engagement", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "key"], name="finding_key_once"),
            models.UniqueConstraint(fields=["engagement", "code"], name="finding_code_once"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="finding_severity_known"),
            models.CheckConstraint(
                condition=Q(standing__in=["shown", "clear", "unmeasured", "resolved"]), name="finding_standing_known"
            ),
            models.CheckConstraint(
                condition=Q(set_severity__in=["", *Severity.values]), name="finding_set_severity_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "confirmed", "dismissed", "published"]), name="finding_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.shown_title

    @property
    def shown_title(self) -> str:
        """The consultant's title, else the machine's."""
        return self.title or str(self.machine.get("title", self.key))

    @property
    def shown_severity(self) -> str:
        """The severity under the overrides, else the computed one."""
        return self.set_severity or self.severity

    @property
    def placed(self) -> dict[str, Any]:
        """The machine's finding with what follows from the overrides over it."""
        return self.machine | self.set_place

    @property
    def set_by_hand(self) -> bool:
        """Whether its place on the map is a consultant's: its mark is hollow."""
        return bool(self.set_severity)


class FindingChange(models.Model):
    """History of a finding, append-only: who changed what, when and why. `by` is empty for a re-run."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="changes")
    field = models.CharField(max_length=30)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.field}: {self.old} → {self.new}"


class RuleOutcome(models.Model):
    """What a rule answered in the latest run when it was not a hit: clear, or cannot tell and what it needs."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="outcomes")
    rule = models.CharField(max_length=8)
    status = models.CharField(max_length=12)
    machine = models.JSONField(default=dict)

    class Meta:
        ordering = ["engagement", "pk"]  # as the rules were asked
        constraints = [models.UniqueConstraint(fields=["engagement", "rule"], name="outcome_once")]

    def __str__(self) -> str:
        return f"{self.rule}: {self.status}"
