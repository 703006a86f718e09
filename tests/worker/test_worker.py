"""A real worker on a real queue: killed, poisoned or told twice, each file ends right, once."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis

from reviews.models import Engagement
from reviews.serve.home import Home
from reviews.serve.service import Process
from reviews.tasks import read_upload, resume_stuck_uploads
from telemetry.models import EvidenceRow, Upload
from telemetry.opening import open_file
from telemetry.reading import read_opened
from telemetry.services import GIVEN_UP, OUR_FAULT, receive_path
from tests.cast import make_engagement
from tests.reviews.harbor import EXPORTS
from tests.services import running, wait_until, worker_on_test_database
from tests.worker import LARGE, POISON

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

CLAIM_S = 2
MB = 1024 * 1024


@contextmanager
def worker(home: Home, app: str = "reviews") -> Iterator[Process]:
    """A worker whose claims run out after two seconds."""
    service = worker_on_test_database(home)
    command = tuple(app if word == "reviews" else word for word in service.command)
    service = replace(service, command=command, env={**service.env, "LOADLINE_CLAIM_SECONDS": str(CLAIM_S)})
    with running(home, service) as process:
        yield process


@pytest.fixture
def engagement(queue: redis.Redis, transactional_db: None, settings: Any) -> Engagement:
    settings.LOADLINE_CLAIM_SECONDS = CLAIM_S
    return make_engagement("W-1")


@pytest.fixture(scope="module")
def large_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's PostgreSQL log over and over, 80 MB in all."""
    block = (EXPORTS / "postgresql.log").read_bytes()
    path = tmp_path_factory.mktemp("logs") / "large.log"
    with path.open("wb") as out:
        for _ in range(80 * MB // len(block) + 1):
            out.write(block)
    return path


def sent(engagement: Engagement, path: Path) -> Upload:
    upload, _ = receive_path(engagement_id=engagement.pk, path=path)
    read_upload.delay(upload.pk)
    return upload


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def state(upload: Upload) -> str:
    return str(Upload.objects.values_list("state", flat=True).get(pk=upload.pk))


def resumed_until(upload: Upload, *states: str) -> None:
    """What beat does every minute, here all the time."""

    def ended() -> bool:
        resume_stuck_uploads()
        time.sleep(0.2)
        return state(upload) in states

    wait_until(ended, 20, f"{upload} {states}")


def rows(upload: Upload) -> list[tuple[Any, ...]]:
    stored = EvidenceRow.objects.filter(upload=upload).order_by("pk")
    return [(row.kind, row.subject, row.metrics, row.line, row.quote, row.attrs) for row in stored]


def clean_rows(path: Path) -> list[tuple[Any, ...]]:
    """What one undisturbed reading stores."""
    result = read_opened(open_file(path, path.name)).result
    assert result is not None
    made = [EvidenceRow.of(Upload(), evidence) for evidence in result.evidence]
    return [(row.kind, row.subject, row.metrics, row.line, row.quote, row.attrs) for row in made]


def test_a_worker_killed_in_the_middle_of_a_file_leaves_it_right_once(
    services: Home, engagement: Engagement, large_log: Path
) -> None:
    with worker(services) as first:
        upload = sent(engagement, large_log)
        wait_until(lambda: state(upload) == "reading", 10, "reading")
        time.sleep(0.2)
        os.killpg(first.pid, signal.SIGKILL)
    assert (state(upload), rows(upload), engagement.findings.count()) == ("reading", [], 0)
    with worker(services):
        resumed_until(upload, "done", "failed")
        wait_until(engagement.findings.exists, 10, "judged")
    upload.refresh_from_db()
    assert (upload.state, upload.attempts, upload.claim) == ("done", 2, "")
    assert rows(upload) == clean_rows(large_log)


def test_a_message_delivered_twice_is_read_once(services: Home, engagement: Engagement, large_log: Path) -> None:
    with worker(services):
        upload = sent(engagement, large_log)
        for _ in range(3):
            read_upload.delay(upload.pk)
        wait_until(lambda: state(upload) == "done", 20, "read")
        wait_until(lambda: not engagement_is_due(engagement), 10, "judged")
    upload.refresh_from_db()
    assert upload.attempts == 1
    assert rows(upload) == clean_rows(large_log)


def engagement_is_due(engagement: Engagement) -> bool:
    engagement.refresh_from_db()
    return engagement.analysed_at is None


def test_a_file_that_kills_its_reader_is_given_up_and_the_next_one_is_read(
    services: Home, engagement: Engagement, tmp_path: Path
) -> None:
    with worker(services, "tests.worker.faulty") as process:
        poison = sent(engagement, written(tmp_path, "poison.txt", POISON))
        wait_until(lambda: Upload.objects.get(pk=poison.pk).attempts > 0, 10, "read")
        good = sent(engagement, EXPORTS / "redis-info.txt")
        wait_until(lambda: state(good) == "done", 10, "the next file")
        resumed_until(poison, "failed")
        wait_until(lambda: not engagement_is_due(engagement), 10, "judged")
        assert process.status() is None
    assert Upload.objects.get(pk=poison.pk).error == GIVEN_UP


def test_a_reader_out_of_memory_says_so_and_reads_the_next_file(
    services: Home, engagement: Engagement, tmp_path: Path
) -> None:
    with worker(services, "tests.worker.faulty"):
        large = sent(engagement, written(tmp_path, "large.txt", LARGE))
        wait_until(lambda: state(large) == "failed", 10, "the large file")
        good = sent(engagement, EXPORTS / "redis-info.txt")
        wait_until(lambda: state(good) == "done", 10, "the next file")
    assert Upload.objects.get(pk=large.pk).error == OUR_FAULT
