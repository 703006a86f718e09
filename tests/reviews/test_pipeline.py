"""From files to findings: judged once, after the last file, and the same for the same files."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from reviews import pipeline
from reviews.models import Engagement, FindingChange
from reviews.pipeline import analyse, engagements_due, read_and_analyse
from reviews.services.findings import update_finding
from telemetry import services
from telemetry.models import Upload
from tests.cast import make_user
from tests.reviews.harbor import EXPORTS, open_harbor, review_harbor, send_exports
from tests.services import PATIENCE_S

pytestmark = pytest.mark.django_db


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the evidence is judged; the judging itself goes on."""
    runs: list[int] = []
    real = pipeline.assess_evidence

    def counted(*args: Any, **more: Any) -> Any:
        runs.append(len(args[1]))
        return real(*args, **more)

    monkeypatch.setattr(pipeline, "assess_evidence", counted)
    return runs


def snapshot(engagement: Engagement) -> dict[str, list[dict[str, Any]]]:
    """Everything that a person could have seen or changed."""
    return {
        "findings": list(engagement.findings.order_by("pk").values()),
        "changes": list(FindingChange.objects.order_by("pk").values()),
        "tickets": list(engagement.tickets.order_by("pk").values()),
        "plan": list(engagement.plan_items.order_by("pk").values()),
        "inputs": list(engagement.inputs.order_by("pk").values()),
        "uploads": list(engagement.uploads.order_by("pk").values()),
        "outcomes": list(engagement.outcomes.order_by("rule").values("rule", "status", "machine")),
    }


def test_harbor_books_is_judged_once_after_the_last_file(judged: list[int]) -> None:
    engagement = open_harbor()
    ids = send_exports(engagement)
    for upload_id in ids:
        assert engagement.findings.count() == 0
        read_and_analyse(upload_id)
    assert judged == [len(ids)]
    assert engagement.findings.count() > 5
    assert engagement.tickets.filter(present=True).exists()
    assert set(engagement.uploads.values_list("state", flat=True)) == {"done"}
    assert engagements_due() == []
    engagement.refresh_from_db()
    assert engagement.stage == "findings"


def test_the_same_exports_again_change_nothing(judged: list[int]) -> None:
    engagement = review_harbor()
    before = snapshot(engagement)
    assert send_exports(engagement) == []
    for upload_id in engagement.uploads.values_list("pk", flat=True):
        assert read_and_analyse(upload_id) == []
    assert len(judged) == 1
    analyse(engagement)
    assert len(judged) == 2
    assert snapshot(engagement) == before


def test_judging_harbor_books_takes_seconds() -> None:
    """Of the processor: less than one on an ordinary machine."""
    engagement = review_harbor()
    start = time.process_time()
    analyse(engagement)
    assert time.process_time() - start < 15


def test_a_consultants_edit_survives_changed_telemetry() -> None:
    ann = make_user("ann", is_staff=True)
    engagement = review_harbor(ann)
    finding = engagement.findings.ranked().first()
    edited = update_finding(
        finding=finding, version=0, user=ann, changes={"title": "Mine", "narrative": "Words", "status": "confirmed"}
    )
    services.delete_upload(upload=engagement.uploads.filter(format="postgres-log").first())
    analyse(engagement)
    finding.refresh_from_db()
    assert (finding.title, finding.narrative, finding.status, finding.version) == ("Mine", "Words", "confirmed", 1)
    assert finding.edited_at == edited.edited_at
    assert engagement.findings.filter(present=False).exists()


def test_a_dismissed_finding_has_no_ticket_and_no_place_in_the_plan() -> None:
    ann = make_user("ann", is_staff=True)
    engagement = review_harbor(ann)
    ticket = engagement.tickets.filter(present=True, findings__isnull=False).first()
    for finding in ticket.findings.all():
        update_finding(finding=finding, version=0, user=ann, changes={"status": "dismissed"})
    analyse(engagement)
    ticket.refresh_from_db()
    gone = {finding.code for finding in ticket.findings.all()}
    assert not ticket.present
    assert not [item for item in engagement.plan_items.all() if gone & set(item.finding_keys)]


def test_a_file_that_breaks_the_reader_does_not_keep_the_others_from_being_judged(
    judged: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    engagement = open_harbor()
    first, second, *others = send_exports(engagement)
    Upload.objects.filter(pk__in=others).delete()
    read_and_analyse(first)
    assert judged == []
    monkeypatch.setattr("telemetry.services.reading.read_opened", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        read_and_analyse(second)
    assert judged == [2]


def test_two_files_that_end_at_the_same_moment_are_judged(judged: list[int]) -> None:
    engagement = open_harbor()
    first, second, *others = send_exports(engagement)
    Upload.objects.filter(pk__in=others).delete()
    services.parse_upload(first)
    services.parse_upload(second)
    pipeline._judge_after(first, was_read=True)
    pipeline._judge_after(second, was_read=True)
    assert judged == [2, 2]


def test_what_a_worker_left_unjudged_when_it_died_is_judged_by_the_second_message(judged: list[int]) -> None:
    engagement = open_harbor()
    first, *others = send_exports(engagement)
    Upload.objects.filter(pk__in=others).delete()
    services.parse_upload(first)
    assert engagements_due() == [engagement.pk]
    read_and_analyse(first)
    assert (judged, engagements_due()) == ([1], [])
    read_and_analyse(first)
    assert judged == [1]


def test_a_file_given_up_is_judged_without(judged: list[int]) -> None:
    engagement = open_harbor()
    first, *others = send_exports(engagement)
    Upload.objects.filter(pk__in=others).delete()
    Upload.objects.update(state="reading", attempts=3, claimed_until=timezone.now())
    read_and_analyse(first)
    assert judged == [1]
    assert engagement.uploads.get().state == "failed"


def test_a_deleted_file_is_no_error() -> None:
    assert read_and_analyse(10**12) == []


@pytest.mark.django_db(transaction=True)
def test_an_upload_comes_in_while_the_engagement_is_being_judged(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    engagement = open_harbor()
    real = pipeline.assess_evidence
    come: list[str] = []

    def send() -> None:
        upload, _ = services.receive_path(engagement_id=engagement.pk, path=EXPORTS / "redis-info.txt")
        come.append(upload.file_name)
        connection.close()

    def judge_while_sending(*args: Any, **more: Any) -> Any:
        sender = threading.Thread(target=send)
        sender.start()
        sender.join(PATIENCE_S)
        assert come == ["redis-info.txt"], "the sender waits for the judging"
        return real(*args, **more)

    monkeypatch.setattr(pipeline, "assess_evidence", judge_while_sending)
    assert analyse(engagement) is not None
    assert come
