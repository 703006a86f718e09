"""What was received, and what it says."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from telemetry.evidence import Evidence, Place
from telemetry.pace import seconds_left
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
        CANCELLED = "cancelled", "Cancelled"
        ASKS = "asks", "Needs an answer"

    class Step(models.TextChoices):
        READING = "reading", "Reading"
        UNPACKING = "unpacking", "Unpacking"
        STORING = "storing", "Storing what it says"

    PENDING = (State.RECEIVED, State.READING)

    engagement = models.ForeignKey("reviews.Engagement", on_delete=models.CASCADE, related_name="uploads")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="members")
    file_name = models.CharField(max_length=500)
    content = models.FileField(upload_to=storage_name, max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    stored_at = models.DateTimeField(default=timezone.now, help_text="Since when its bytes lie here: retention counts.")
    raw_deleted_at = models.DateTimeField(null=True, blank=True, help_text="Its bytes are gone, its evidence is kept.")

    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    claim = models.CharField(max_length=32, blank=True, help_text="The reading that owns the file now.")
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(default=timezone.now, help_text="Since when this reading waits or runs.")
    started_at = models.DateTimeField(null=True, blank=True)
    step = models.CharField(max_length=10, choices=Step, blank=True)
    bytes_read = models.PositiveBigIntegerField(default=0, help_text="Of the stored file, packed as it is.")
    bytes_per_second = models.PositiveBigIntegerField(null=True, blank=True, help_text="Over the last seconds.")
    records_read = models.PositiveBigIntegerField(default=0)

    chosen_format = models.CharField(max_length=40, blank=True, help_text="Said by a consultant; several could be.")
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
                condition=Q(state__in=["received", "reading", "done", "failed", "cancelled", "asks"]),
                name="upload_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "cancelled"]) | ~Q(error=""), name="failed_upload_says_why"
            ),
            models.CheckConstraint(
                condition=Q(raw_deleted_at__isnull=True) | ~Q(state__in=["received", "reading"]),
                name="deleted_upload_is_not_read",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def pending(self) -> bool:
        """Whether the page should keep asking."""
        return self.state in self.PENDING

    @property
    def needs_look(self) -> bool:
        """Whether its reading ended without being done: a person has to decide what comes next."""
        return not self.pending and self.state != self.State.DONE

    @property
    def lost(self) -> bool:
        """Whether its reader gives no sign of life any more; it is read again by itself."""
        return (
            self.state == self.State.READING and self.claimed_until is not None and self.claimed_until < timezone.now()
        )

    @property
    def percent(self) -> int:
        """How far the reading is, 0 to 100, by bytes of the stored file (packed files read further than their size)."""
        return min(99, self.bytes_read * 100 // self.size) if self.size else 0

    @property
    def seconds_left(self) -> float | None:
        """How long the reading will go on at the rate of the last seconds; None when that is not known."""
        return seconds_left(self.size, self.bytes_read, self.bytes_per_second)

    @property
    def raw(self) -> "Upload":
        """The file whose bytes a person deletes: a member lies in its archive too, so they go together."""
        return self.parent or self


class UploadEvent(models.Model):
    """What was done to a file by a person or by its time, append-only: it outlives the file's bytes and its row."""

    class Action(models.TextChoices):
        RAW_DELETED = "raw-deleted", "Raw file deleted"
        RAW_EXPIRED = "raw-expired", "Raw file deleted, its time was over"
        RAW_RESTORED = "raw-restored", "Raw file sent again"
        REMOVED = "removed", "Removed with its evidence"
        CANCELLED = "cancelled", "Reading cancelled"

    engagement = models.ForeignKey("reviews.Engagement", on_delete=models.CASCADE, related_name="upload_events")
    upload = models.ForeignKey(Upload, on_delete=models.SET_NULL, null=True, blank=True, related_name="events")
    file_name = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    action = models.CharField(max_length=12, choices=Action)
    by = models.CharField(max_length=150, blank=True, help_text="The name, so that it outlives the account.")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["engagement", "-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=["raw-deleted", "raw-expired", "raw-restored", "removed", "cancelled"]),
                name="upload_event_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name}: {self.get_action_display()}"


class ColumnMapping(models.Model):
    """What the columns of a client's table are, as a consultant said; for every file with the same column names."""

    client = models.ForeignKey("reviews.Client", on_delete=models.CASCADE, related_name="column_mappings")
    signature = models.CharField(max_length=32)
    target = models.CharField(max_length=20)
    columns = models.JSONField(help_text='Column to field and unit, such as {"Latency": "p95_ms:s"}.')
    zone = models.CharField(max_length=3, blank=True)
    decimal = models.CharField(max_length=1, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    name = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["client", "-at"]
        constraints = [models.UniqueConstraint(fields=["client", "signature"], name="column_mapping_once")]

    def __str__(self) -> str:
        return f"{self.target} of {self.client}"


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
    sketches = models.JSONField(default=dict, help_text="Name to counts by bucket; what percentiles are made of.")
    file = models.CharField(max_length=700, blank=True, help_text="Path of the file it stands in, if not the upload's.")

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
            sketches=storable(evidence.sketches),
            file="" if evidence.file == upload.file_name else storable_text(evidence.file)[:700],
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
            sketches={
                name: {int(bucket): count for bucket, count in counts.items()} for name, counts in self.sketches.items()
            },
            file=self.file or file_name,
        )
