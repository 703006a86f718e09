"""A reading that computes in silence keeps its file; one that is gone, or takes too long, does not."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.utils import timezone

from reviews.models import Engagement
from telemetry import services
from telemetry.models import Upload
from telemetry.opening import Opened
from telemetry.pulse import kept_alive
from telemetry.reading import Reading, read_opened
from tests.services import wait_until
from tests.telemetry.test_services import REDIS_INFO, engagement, media, received

__all__ = ["engagement", "media"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)

CLAIM_S = 1.2  # renewed at each third of it
PAST = timedelta(hours=1)


@pytest.fixture(autouse=True)
def short_claims(settings: LazySettings) -> None:
    settings.LOADLINE_CLAIM_SECONDS = CLAIM_S


def silent(act: Callable[[], Any]) -> Callable[..., Reading]:
    def reading(opened: Opened, *args: Any, **more: Any) -> Reading:
        act()
        return read_opened(opened, *args, **more)

    return reading


def test_a_silent_reading_is_not_taken_for_lost(engagement: Engagement, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = received(engagement, REDIS_INFO)

    def compute() -> None:
        for _ in range(2):
            Upload.objects.update(claimed_until=timezone.now() - PAST)
            wait_until(lambda: services.stuck_uploads() == [], "a claim that is renewed")

    monkeypatch.setattr("telemetry.services.reading.read_opened", silent(compute))
    assert services.parse_upload(upload.pk) == []
    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == ("done", 1)


def test_a_claim_is_kept_until_the_time_limit_only(engagement: Engagement, settings: LazySettings) -> None:
    settings.LOADLINE_PARSE_SECONDS = 0
    upload = received(engagement, REDIS_INFO)
    claimed = services.claim_upload(upload.pk)
    assert claimed is not None
    Upload.objects.update(claimed_until=timezone.now() - PAST)
    with kept_alive(claimed):
        time.sleep(CLAIM_S)
        assert services.stuck_uploads() == [upload.pk]


def test_it_does_not_bring_back_a_claim_that_was_taken(engagement: Engagement) -> None:
    upload = received(engagement, REDIS_INFO)
    claimed = services.claim_upload(upload.pk)
    assert claimed is not None
    past = timezone.now() - PAST
    Upload.objects.update(claim="another reading", claimed_until=past)
    with kept_alive(claimed):
        time.sleep(CLAIM_S)
    assert Upload.objects.get().claimed_until == past


def test_it_waits_for_no_lock_and_ends_with_the_reading(engagement: Engagement) -> None:
    upload = received(engagement, REDIS_INFO)
    claimed = services.claim_upload(upload.pk)
    assert claimed is not None
    threads = threading.enumerate()
    with transaction.atomic():
        Upload.objects.select_for_update().get(pk=upload.pk)
        with kept_alive(claimed):
            time.sleep(CLAIM_S)
    assert [thread for thread in threading.enumerate() if thread not in threads] == []
