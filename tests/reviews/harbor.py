"""Harbor Books in the workspace: the sample exports, received, read and judged as a worker does it."""

from pathlib import Path

from django.contrib.auth.models import User

from reviews.intake import parse_intake
from reviews.models import Engagement
from reviews.pipeline import read_and_analyse
from reviews.services.engagements import open_engagement
from telemetry.services import receive_path

SAMPLE = Path(__file__).parents[1] / "samples/harbor-books"
EXPORTS = SAMPLE / "exports"


def open_harbor(lead: User | None = None) -> Engagement:
    """The engagement with its intake, before any file."""
    return open_engagement(code="HB-2026", intake=parse_intake((SAMPLE / "intake.toml").read_text()), lead=lead)


def send_exports(engagement: Engagement) -> list[int]:
    """Every export as an upload, not yet read; the ids of the new ones."""
    received = [receive_path(engagement_id=engagement.pk, path=path) for path in sorted(EXPORTS.iterdir())]
    return [upload.pk for upload, new in received if new]


def review_harbor(lead: User | None = None) -> Engagement:
    """Opened, received, read and judged."""
    engagement = open_harbor(lead)
    for upload_id in send_exports(engagement):
        read_and_analyse(upload_id)
    engagement.refresh_from_db()
    return engagement
