"""A real worker on a real queue: killed, poisoned or told twice, each file ends right, once."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import redis
from django.utils import timezone

from reviews.models import Engagement
from reviews.serve.home import Home
from reviews.serve.service import Process
from reviews.tasks import read_upload, resume_stuck_uploads
from telemetry.models import EvidenceRow, Upload
from telemetry.opening import open_file
from telemetry.reading import read_opened
from telemetry.services import GIVEN_UP, OUR_FAULT, cancel_upload, receive_path, reset_upload
from telemetry.splitting import SPLIT_BYTES
from tests.cast import make_engagement
from tests.reviews.harbor import EXPORTS
from tests.services import running, wait_until, worker_on_test_database
from tests.worker import DIES, HELD, LARGE, POISON, held_in

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


def worker(home: Home) -> AbstractContextManager[Process]:
    """One more worker, with the faults of `faulty.py`."""
    return running(home, worker_on_test_database(home, "tests.worker.faulty"))


@pytest.fixture
def engagement(queue: redis.Redis, transactional_db: None) -> Engagement:
    return make_engagement("W-1")


@pytest.fixture
def reader(services: Home, engagement: Engagement) -> Iterator[Process]:
    """A worker that no test ends before its own end."""
    with worker(services) as process:
        yield process


@pytest.fixture
def held(services: Home) -> Iterator[Path]:
    """Is there once a file named HELD is held in the middle of its reading."""
    place = held_in(services.root)
    place.unlink(missing_ok=True)
    yield place
    place.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def held_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's PostgreSQL log over and over, just large enough for two processes to read it."""
    block = (EXPORTS / "postgresql.log").read_bytes()
    path = tmp_path_factory.mktemp("logs") / f"{HELD}.log"
    path.write_bytes(block * (SPLIT_BYTES // len(block) + 1))
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


def run_out(upload: Upload) -> None:
    """The time of a reader that gives no sign of life any more is over."""
    Upload.objects.filter(pk=upload.pk, state="reading").update(claimed_until=timezone.now() - timedelta(hours=1))


def resumed_until(upload: Upload, *states: str) -> None:
    """What beat does every minute, here all the time."""

    def ended() -> bool:
        resume_stuck_uploads()
        time.sleep(0.2)
        return state(upload) in states

    wait_until(ended, f"{upload} {states}")


def rows(upload: Upload) -> list[tuple[Any, ...]]:
    stored = EvidenceRow.objects.filter(upload=upload).order_by("pk")
    return [(row.kind, row.subject, row.metrics, row.line, row.quote, row.attrs) for row in stored]


@cache
def clean_rows(path: Path) -> list[tuple[Any, ...]]:
    """What one undisturbed reading stores."""
    result = read_opened(open_file(path, path.name)).result
    assert result is not None
    made = [EvidenceRow.of(Upload(), evidence) for evidence in result.evidence]
    return [(row.kind, row.subject, row.metrics, row.line, row.quote, row.attrs) for row in made]


def engagement_is_due(engagement: Engagement) -> bool:
    engagement.refresh_from_db()
    return engagement.analysed_at is None


def test_a_message_delivered_twice_is_read_once(
    reader: Process, engagement: Engagement, held_log: Path, held: Path
) -> None:
    upload = sent(engagement, held_log)
    wait_until(held.exists, "reading")
    for _ in range(3):
        read_upload.delay(upload.pk)
    after = sent(engagement, EXPORTS / "redis-info.txt")
    wait_until(lambda: state(after) == "done", "the messages read")
    held.unlink()
    wait_until(lambda: state(upload) == "done", "read")
    wait_until(lambda: not engagement_is_due(engagement), "judged")
    upload.refresh_from_db()
    assert upload.attempts == 1
    assert rows(upload) == clean_rows(held_log)


def test_a_file_that_kills_its_reader_is_given_up_and_the_next_one_is_read(
    reader: Process, engagement: Engagement, tmp_path: Path
) -> None:
    poison = sent(engagement, written(tmp_path, "poison.txt", POISON))
    wait_until(lambda: Upload.objects.get(pk=poison.pk).attempts > 0, "read")
    good = sent(engagement, EXPORTS / "redis-info.txt")
    wait_until(lambda: state(good) == "done", "the next file")
    wait_until(lambda: lost_again(poison) == "failed", "given up")
    wait_until(lambda: not engagement_is_due(engagement), "judged")
    assert reader.status() is None
    assert Upload.objects.get(pk=poison.pk).error == GIVEN_UP


def lost_again(upload: Upload) -> str:
    """Let the time of every reader run out, and send the file again."""
    run_out(upload)
    resume_stuck_uploads()
    time.sleep(0.2)
    return state(upload)


def test_a_reader_out_of_memory_says_so_and_reads_the_next_file(
    reader: Process, engagement: Engagement, tmp_path: Path
) -> None:
    large = sent(engagement, written(tmp_path, "large.txt", LARGE))
    wait_until(lambda: state(large) == "failed", "the large file")
    good = sent(engagement, EXPORTS / "redis-info.txt")
    wait_until(lambda: state(good) == "done", "the next file")
    wait_until(lambda: not engagement_is_due(engagement), "judged")
    assert Upload.objects.get(pk=large.pk).error == OUR_FAULT
    assert reader.status() is None


def test_cancelled_and_read_again_while_the_old_reader_still_runs(
    reader: Process, engagement: Engagement, held_log: Path, held: Path
) -> None:
    upload = sent(engagement, held_log)
    wait_until(held.exists, "reading")
    cancel_upload(upload=upload, by="ann")
    assert reset_upload(upload=upload)
    read_upload.delay(upload.pk)
    wait_until(lambda: state(upload) == "done", "read again")
    wait_until(lambda: not engagement_is_due(engagement), "judged")
    time.sleep(1)
    assert (state(upload), rows(upload)) == ("done", clean_rows(held_log))


def test_a_worker_killed_while_it_stores_leaves_all_or_nothing(
    reader: Process, engagement: Engagement, held: Path, tmp_path: Path
) -> None:
    path = tmp_path / DIES
    path.write_bytes((EXPORTS / "redis-info.txt").read_bytes())
    upload = sent(engagement, path)
    wait_until(held.exists, "stored as good as")
    assert not EvidenceRow.objects.exists()
    run_out(upload)
    resumed_until(upload, "done", "failed")
    wait_until(lambda: not engagement_is_due(engagement), "judged")
    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == ("done", 2)
    assert rows(upload) == clean_rows(path)
