"""What a consultant changed in the capacity model, as a ledger: rows are added, never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviews.models.engagements import Engagement

POLICY = "policy"


class CapacityChange(models.Model):
    """One act: an input was given another value, or (`value` empty) what files and intake say holds again.

    The profile of thresholds is chosen in the same ledger: its key is `POLICY`, and `choice` names it, "" leaves it to
    the intake.

    `before` is what stood there at that moment: {"value", "unit", "grade"}, both first ones empty when nobody knew it.
    An undo is a row of its own that names the row it undoes.
    """

    # The database deletes a row with its engagement; Django would refuse to, as the ledger's trigger does.
    engagement = models.ForeignKey(
        Engagement, on_delete=models.DO_NOTHING, db_constraint=False, related_name="capacity_changes"
    )
    key = models.CharField(max_length=200)
    title = models.CharField(max_length=200, help_text="As it was shown, so that the row can be read without a model.")
    value = models.FloatField(null=True)
    choice = models.CharField(max_length=40, blank=True, default="")
    before = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)
    undoes = models.OneToOneField(
        "self", on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="undone_by"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=150, blank=True, help_text="The name, so that it outlives the account.")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gt=-1e18, value__lt=1e18), name="capacity_change_finite"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} set by {self.by}"

    @property
    def by(self) -> str:
        """Who did it, as it is printed: login names are for signing in, not for reading."""
        return self.author_name or "a consultant"
