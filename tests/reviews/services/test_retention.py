"""The site's days, an engagement's own days, and 0 for ever; closed engagements are no exception."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from reviews import tasks
from reviews.models import Engagement
from telemetry.models import Upload
from tests.cast import make_engagement, make_upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", tmp_path / "incoming"


def old(code: str, days_old: int, raw_days: int | None = None, stage: str = "intake") -> Upload:
    engagement = make_engagement(code)
    Engagement.objects.filter(pk=engagement.pk).update(raw_days=raw_days, stage=stage)
    upload = make_upload(engagement, stored_at=timezone.now() - timedelta(days=days_old))
    upload.content.save("", ContentFile(b"raw"))
    return upload


@pytest.mark.parametrize(
    ("site", "own", "age", "deleted"),
    [
        (90, None, 91, True),
        (90, None, 89, False),
        (90, 7, 8, True),
        (90, 365, 91, False),
        (90, 0, 9999, False),
        (0, None, 9999, False),
        (0, 7, 8, True),
    ],
)
def test_the_engagements_days_come_before_the_sites(
    site: int, own: int | None, age: int, deleted: bool, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.LOADLINE_RAW_DAYS = site
    upload = old("R-1", age, own)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.expire_raw_files()
    upload.refresh_from_db()
    assert (upload.raw_deleted_at is not None, Path(upload.content.path).exists()) == (deleted, not deleted)


def test_a_closed_engagements_files_go_as_well(settings: Any) -> None:
    settings.LOADLINE_RAW_DAYS = 90
    upload = old("R-1", 91, stage="closed")
    tasks.expire_raw_files()
    upload.refresh_from_db()
    assert upload.raw_deleted_at is not None


def test_it_runs_every_hour(settings: Any) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["expire-raw-files"]
    assert (entry["task"], entry["schedule"]) == (tasks.expire_raw_files.name, 3600.0)
