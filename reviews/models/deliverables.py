"""What was issued: the frozen context and the PDF made from it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviews.models.engagements import Engagement


class Deliverable(models.Model):
    """One issued report. Once issued, its context and its PDF never change."""

    class State(models.TextChoices):
        RENDERING = "rendering", "Being rendered"
        ISSUED = "issued", "Issued"
        FAILED = "failed", "Failed"

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="deliverables")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.RENDERING)
    context = models.JSONField(help_text="The review as issued, schema loadline.review/1.")
    brand = models.JSONField()
    pdf = models.BinaryField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveIntegerField(null=True)
    warnings = models.JSONField(default=list)
    error = models.TextField(blank=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["engagement", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "number"], name="deliverable_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["rendering", "issued", "failed"]), name="deliverable_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="issued") | (Q(pdf__isnull=False) & ~Q(sha256="")), name="issued_has_its_pdf"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engagement.code} report {self.number}"
