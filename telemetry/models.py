"""What was received, and what it says."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q

from telemetry.evidence import Evidence, Place
from telemetry.storable import storable, storable_text


def storage_name(upload: "Upload", name: str) -> str:
    """A name of our own: what the client called the file never becomes a path. Members lie in a folder beside."""
    folder = f"{upload.parent.content.name}.d" if upload.parent else "uploads"
    return f"{folder}/{secrets.token_hex(16)}"


class Upload(models.Model):
    """A file as the client sent it. `parent` is the archive it was in; `file_name` its path inside what was given."""

    class State(models.TextChoices):
        RECEIVED = "received", "Waiting"
        READING = "reading", "Reading"
        DONE = "done", "Read"
        FAILED = "failed", "Not read"

    engagement = models.ForeignKey("reviews.Engagement", on_delete=models.CASCADE, related_name="uploads")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="members")
    file_name = models.CharField(max_length=500)
    content = models.FileField(upload_to=storage_name, max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)

    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    claim = models.CharField(max_length=32, blank=True, help_text="The reading that owns the file now.")
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    bytes_read = models.PositiveBigIntegerField(default=0)
    records_read = models.PositiveBigIntegerField(default=0)

    format = models.CharField(max_length=40, blank=True)
    coverage = models.JSONField(default=dict, help_text="The file's row of the coverage table.")
    error = models.TextField(blank=True)
    error_line = models.PositiveBigIntegerField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["engagement", "uploaded_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "sha256", "file_name"], condition=Q(parent__isnull=True), name="upload_once"
            ),
            models.UniqueConstraint(fields=["parent", "file_name"], name="upload_member_once"),
            models.CheckConstraint(
                condition=Q(state__in=["received", "reading", "done", "failed"]), name="upload_state_known"
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="failed_upload_says_why"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def pending(self) -> bool:
        """Whether the page should keep asking."""
        return self.state in (self.State.RECEIVED, self.State.READING)

    @property
    def percent(self) -> int:
        """How far the reading is, 0 to 100, by bytes of the stored file (packed files read further than their size)."""
        return min(99, self.bytes_read * 100 // self.size) if self.size else 0


class EvidenceRow(models.Model):
    """One piece of evidence of one file. Replaced as a whole when the file is read again."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=30)
    subject = models.TextField()
    metrics = models.JSONField()
    line = models.PositiveBigIntegerField()
    quote = models.TextField()
    places = models.JSONField(default=dict)
    attrs = models.JSONField(default=dict)

    class Meta:
        ordering = ["upload", "pk"]
        indexes = [models.Index(fields=["upload", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @classmethod
    def of(cls, upload: Upload, evidence: Evidence) -> "EvidenceRow":
        """The row of a piece of evidence, unsaved."""
        metrics = storable(evidence.metrics)
        return cls(
            upload=upload,
            kind=evidence.kind,
            subject=storable_text(evidence.subject),
            metrics={name: value for name, value in metrics.items() if value is not None},
            line=evidence.place.line,
            quote=storable_text(evidence.place.quote),
            places=storable({name: [place.line, place.quote] for name, place in evidence.places.items()}),
            attrs=storable(evidence.attrs),
        )

    def evidence(self, file_name: str) -> Evidence:
        """The evidence as rules read it."""
        return Evidence(
            kind=self.kind,
            subject=self.subject,
            metrics=self.metrics,
            place=Place(self.line, self.quote),
            places={name: Place(line, quote) for name, (line, quote) in self.places.items()},
            attrs=self.attrs,
            file=file_name,
        )
