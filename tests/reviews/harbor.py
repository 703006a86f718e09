"""Harbor Books in the workspace: the sample exports, received, read and judged as a worker does it."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from reviews.intake import parse_intake
from reviews.models import Engagement
from reviews.pipeline import read_and_analyse
from reviews.services.engagements import open_engagement
from telemetry.opening import Opened, open_file
from telemetry.reading import Reading, read_opened
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


@cache
def reading_of(name: str) -> Reading:
    """What an export says. Reading is pure, and most of the time of a review."""
    return read_opened(open_file(EXPORTS / name, name))


def review_harbor(lead: User | None = None) -> Engagement:
    """Opened, received, read (the first time in a run; then it is known) and judged."""
    engagement = open_harbor(lead)

    def known(opened: Opened, *_: Any, **__: Any) -> Reading:
        return reading_of(opened.name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("telemetry.services.reading.read_opened", known)
        for upload_id in send_exports(engagement):
            read_and_analyse(upload_id)
    engagement.refresh_from_db()
    return engagement
