"""Receiving and reading: once, whole or not at all, and with words for whoever sent the file."""

import gzip
import io
import threading
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, connection
from django.utils import timezone

from reviews.models import Engagement
from telemetry import pulse, services
from telemetry.across import evidence_of
from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.models import EvidenceRow, Upload
from telemetry.opening import open_path
from telemetry.reading import Reading, read_opened
from telemetry.services import claims, receiving
from tests.cast import make_engagement
from tests.services import PATIENCE_S

pytestmark = pytest.mark.django_db

REDIS_INFO = b"# Server\nredis_version:7.2.4\n# Memory\nused_memory:1000\nmaxmemory:2000\n# Stats\nevicted_keys:5\n"


@pytest.fixture(autouse=True)
def media(settings: LazySettings, tmp_path: Path) -> Path:
    """A folder of uploads of its own, so that a test can count what lies in it."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def engagement() -> Engagement:
    return make_engagement("T-1")


def stored(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def received(engagement: Engagement, content: bytes, name: str = "info.txt") -> Upload:
    upload, _ = services.receive_upload(
        engagement_id=engagement.pk, file=SimpleUploadedFile(name, content), user_id=None
    )
    return upload


def read(engagement: Engagement, content: bytes, name: str = "info.txt") -> Upload:
    upload = received(engagement, content, name)
    services.parse_upload(upload.pk)
    upload.refresh_from_db()
    return upload


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def rows(upload: Upload) -> list[tuple[object, ...]]:
    return list(upload.evidence.order_by("pk").values_list("kind", "subject", "metrics", "line", "quote", "attrs"))


def test_a_file_is_read_and_says_what_it_says(engagement: Engagement) -> None:
    upload = read(engagement, REDIS_INFO)
    assert (upload.state, upload.format, upload.claim, upload.percent) == ("done", "redis-info", "", 99)
    assert upload.evidence.exists()
    assert upload.coverage["totals"]["evicted_keys"] == 5


def test_a_file_from_windows_is_read_like_any_other(engagement: Engagement) -> None:
    upload = read(engagement, REDIS_INFO.decode().replace("\n", "\r\n").encode("utf-16"))
    assert (upload.state, upload.format) == ("done", "redis-info")


def test_the_same_file_twice_is_one_upload(engagement: Engagement, media: Path) -> None:
    first = received(engagement, REDIS_INFO)
    again, new = services.receive_upload(
        engagement_id=engagement.pk, file=SimpleUploadedFile("info.txt", REDIS_INFO), user_id=None
    )
    assert (again.pk, new, Upload.objects.count(), len(stored(media))) == (first.pk, False, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_the_same_moment_is_one_upload(
    engagement: Engagement, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)
    save = Upload.save
    monkeypatch.setattr(Upload, "save", lambda upload, **more: (both.wait(PATIENCE_S), save(upload, **more)))
    new: list[bool] = []

    def send() -> None:
        new.append(services.receive_upload(
            engagement_id=engagement.pk, file=SimpleUploadedFile("info.txt", REDIS_INFO), user_id=None
        )[1])  # fmt: skip
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert (sorted(new), Upload.objects.count(), len(stored(media))) == ([False, True], 1, 1)


def test_a_file_over_the_limit_is_refused_with_what_to_do(engagement: Engagement, settings: LazySettings) -> None:
    settings.LOADLINE_MAX_UPLOAD_MB = 1
    with pytest.raises(services.UploadError, match=r"big\.log is larger than 1 MB\. Send a shorter period"):
        received(engagement, b"x" * (1024 * 1024 + 1), "big.log")
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../x", "x"),
        ("C:\\logs\\pg.log", "pg.log"),
        ("<script>alert(1)<.log", "<script>alert(1)<.log"),
        ("gol.\u202egp", "gol.gp"),
        ("a\x00b\r\n.log", "ab.log"),
        ("/", "unnamed"),
        ("é" * 300, "é" * receiving.NAME_LENGTH),
    ],
)
def test_a_hostile_name_is_only_shown(sent: str, shown: str) -> None:
    assert receiving.clean_name(sent) == shown


def test_the_name_on_the_disk_is_ours(engagement: Engagement, media: Path) -> None:
    received(engagement, REDIS_INFO, "secret-client-name.txt")
    (path,) = stored(media)
    assert path.parent == media / "uploads"
    assert len(path.name) == 32
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_left_on_the_disk_when_the_row_cannot_be_stored(media: Path) -> None:
    with pytest.raises(DataError):
        receiving._store(10**9, "a.txt", SimpleUploadedFile("a", b"x" * 10), "0" * 65, 1, None)
    assert stored(media) == []


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "pg.log", "empty"),
        (b"just a letter to a friend\n" * 3, "letter.txt", "Not recognised"),
        (gzip.compress(REDIS_INFO * 50)[:40], "info.gz", "cut off|damaged|ends early|truncated"),
        (b"\x00" * 5000, "zeros.log", "Not recognised"),
        (packed(info=REDIS_INFO)[:-30], "broken.zip", "cut off|damaged"),
        (packed(**{"..__x": REDIS_INFO}), "slip.zip", "outside of itself"),
        (packed(a=REDIS_INFO, bomb=b"0" * 50_000_000), "bomb.zip", "times its size"),
    ],
)
def test_a_bad_file_ends_with_words_and_leaves_nothing(
    engagement: Engagement,
    media: Path,
    content: bytes,
    name: str,
    words: str,
    django_capture_on_commit_callbacks: object,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        upload = read(engagement, content, name)
    assert upload.state == "failed"
    assert any(word in upload.error for word in words.split("|")), upload.error
    assert (Upload.objects.count(), EvidenceRow.objects.count(), len(stored(media))) == (1, 0, 1)


def test_an_archive_becomes_its_members(engagement: Engagement, media: Path) -> None:
    upload = received(engagement, packed(redis__info=REDIS_INFO, notes=b"hello"), "exports.zip")
    ids = services.parse_upload(upload.pk)
    assert ids is not None
    for member in ids:
        services.parse_upload(member)
    members = Upload.objects.filter(parent=upload).order_by("file_name")
    assert [(row.file_name, row.state) for row in members] == [
        ("exports.zip/notes", "failed"), ("exports.zip/redis/info", "done"),
    ]  # fmt: skip
    assert [row.size for row in members] == [5, len(REDIS_INFO)]
    assert len(stored(media)) == 3


def test_an_archive_read_again_has_its_members_once(
    engagement: Engagement, media: Path, django_capture_on_commit_callbacks: object
) -> None:
    upload = read(engagement, packed(info=REDIS_INFO), "exports.zip")
    assert services.reset_upload(upload=upload)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        services.parse_upload(upload.pk)
    assert (Upload.objects.filter(parent=upload).count(), len(stored(media))) == (1, 2)


def test_deleting_removes_rows_and_bytes(
    engagement: Engagement, media: Path, django_capture_on_commit_callbacks: object
) -> None:
    upload = read(engagement, packed(info=REDIS_INFO, other=REDIS_INFO), "exports.zip")
    assert len(stored(media)) == 3
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        services.delete_upload(upload=upload)
    assert (stored(media), Upload.objects.count()) == ([], 0)


def test_a_file_sent_alone_and_in_an_archive_counts_once(engagement: Engagement) -> None:
    read(engagement, REDIS_INFO)
    once = len(services.evidence_for(engagement.pk))
    archive = received(engagement, packed(info=b"x", redis__sub=b"y") + b"", "a.zip")
    assert services.parse_upload(archive.pk)
    second = received(engagement, packed(**{"sub__info.txt": REDIS_INFO}), "b.zip")
    for member in services.parse_upload(second.pk) or []:
        services.parse_upload(member)
    assert len(services.evidence_for(engagement.pk)) == once
    notes = [row["notes"] for row in services.coverage_for(engagement.pk) if row["file"] == "b.zip/sub/info.txt"]
    assert notes == [["The same file as info.txt; it counts once."]]


def test_reading_twice_gives_the_same_rows(engagement: Engagement) -> None:
    upload = read(engagement, REDIS_INFO)
    first = rows(upload)
    assert services.reset_upload(upload=upload)
    services.parse_upload(upload.pk)
    assert rows(upload) == first


def test_a_finished_file_is_not_read_by_a_second_message(engagement: Engagement) -> None:
    upload = read(engagement, REDIS_INFO)
    kept = list(upload.evidence.values_list("pk", flat=True))
    assert services.parse_upload(upload.pk) is None
    assert list(upload.evidence.values_list("pk", flat=True)) == kept


def test_a_claim_keeps_others_away_until_it_runs_out(engagement: Engagement) -> None:
    upload = received(engagement, REDIS_INFO)
    assert services.claim_upload(upload.pk) is not None
    assert services.claim_upload(upload.pk) is None
    Upload.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert services.stuck_uploads() == [upload.pk]
    assert services.claim_upload(upload.pk) is not None


def test_a_reading_that_lost_its_claim_stores_nothing(engagement: Engagement) -> None:
    upload = received(engagement, REDIS_INFO)
    slow = services.claim_upload(upload.pk)
    assert slow is not None
    Upload.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    services.parse_upload(upload.pk)
    before = list(upload.evidence.values_list("pk", flat=True))
    services.store_reading(slow, Reading("info.txt", 1, "redis-info", ParseResult(), None, None, 0.0))
    services.finish_failed(slow, "too late", None)
    upload.refresh_from_db()
    assert (upload.state, list(upload.evidence.values_list("pk", flat=True))) == ("done", before)


def test_a_file_that_stops_the_reader_three_times_is_given_up(engagement: Engagement) -> None:
    upload = received(engagement, REDIS_INFO)
    for _ in range(claims.MAX_ATTEMPTS):
        assert services.claim_upload(upload.pk) is not None
        Upload.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert services.parse_upload(upload.pk) is None
    upload.refresh_from_db()
    assert (upload.state, upload.error) == ("failed", services.GIVEN_UP)
    assert services.stuck_uploads() == []


def test_a_fault_of_ours_marks_the_file_and_surfaces(engagement: Engagement, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = read(engagement, REDIS_INFO)
    assert services.reset_upload(upload=upload)

    def fault(*_: object, **__: object) -> Reading:
        raise MemoryError

    monkeypatch.setattr("telemetry.services.reading.read_opened", fault)
    with pytest.raises(MemoryError):
        services.parse_upload(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.error, upload.coverage) == ("failed", services.OUR_FAULT, {})
    assert not upload.evidence.exists()


def test_text_that_a_database_refuses_is_stored_without_what_it_refuses(
    engagement: Engagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = Evidence(
        kind="k",
        subject="a\x00b\ud800",
        metrics={"fine": 1.5, "broken": float("nan")},
        place=Place(1, "quote \x00"),
        places={"fine": Place(2, "\udcff")},
        attrs={"list": ["\x00", float("inf")]},
    )
    result = ParseResult([evidence], rejected=1, rejected_samples=[Place(3, "\x00\ud800")])
    reading = Reading("info.txt", 1, "redis-info", result, None, None, 0.0)
    monkeypatch.setattr("telemetry.services.reading.read_opened", lambda *_, **__: reading)
    upload = read(engagement, REDIS_INFO)
    (row,) = upload.evidence.all()
    assert (row.subject, row.metrics, row.quote) == ("a\N{REPLACEMENT CHARACTER}b?", {"fine": 1.5}, "quote \ufffd")
    assert row.attrs == {"list": ["\ufffd", None]}
    assert upload.coverage["rejected_samples"] == [{"line": 3, "quote": "\ufffd?"}]


def test_a_long_subject_is_kept_whole(engagement: Engagement, monkeypatch: pytest.MonkeyPatch) -> None:
    long = Evidence(kind="k", subject="s" * 5000, metrics={}, place=Place(1, "q"))
    reading = Reading("info.txt", 1, "redis-info", ParseResult([long]), None, None, 0.0)
    monkeypatch.setattr("telemetry.services.reading.read_opened", lambda *_, **__: reading)
    read(engagement, REDIS_INFO)
    assert [row.subject for row in services.evidence_for(engagement.pk)] == ["s" * 5000]


def test_evidence_may_stand_in_a_file_inside_the_upload(
    engagement: Engagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [Evidence("route", "/a", {"listed": 1.0}, Place(1, "a"), file=name) for name in ("r.zip/app/a.ts", "")]
    reading = Reading("info.txt", 1, "routes", ParseResult(evidence=rows), None, None, 0.0)
    monkeypatch.setattr("telemetry.services.reading.read_opened", lambda *_, **__: reading)
    read(engagement, REDIS_INFO)
    assert [row.file for row in services.evidence_for(engagement.pk)] == ["r.zip/app/a.ts", "info.txt"]


def test_a_file_that_is_gone_from_the_disk_says_so(engagement: Engagement, media: Path) -> None:
    upload = received(engagement, REDIS_INFO)
    stored(media)[0].unlink()
    services.parse_upload(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.error) == ("failed", services.GONE)


def test_a_message_that_was_lost_is_sent_again(engagement: Engagement) -> None:
    upload = received(engagement, REDIS_INFO)
    assert services.stuck_uploads() == []
    Upload.objects.update(queued_at=timezone.now() - timedelta(seconds=31))
    assert services.stuck_uploads() == [upload.pk]


def test_a_reading_shows_how_far_it_is_and_renews_its_claim(
    engagement: Engagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = received(engagement, REDIS_INFO)
    claimed = services.claim_upload(upload.pk)
    assert claimed is not None
    monkeypatch.setattr(pulse, "RENEW_S", 0.0)
    pulse.Pulse(claimed, Upload.Step.READING).read(40, 3)
    upload.refresh_from_db()
    assert (upload.bytes_read, upload.records_read) == (40, 3)
    assert upload.claimed_until > claimed.claimed_until
    assert upload.percent == 40 * 100 // len(REDIS_INFO)


ACCESS = b'203.0.113.7 - - [12/Nov/2025:10:%02d:00 +0000] "GET /x HTTP/1.1" 200 100 "-" "Mozilla"\n'


def test_two_parts_of_a_log_are_one_and_their_rows_say_so(engagement: Engagement) -> None:
    first = read(engagement, b"".join(ACCESS % minute for minute in range(5)), "access.log")
    second = read(engagement, b"".join(ACCESS % minute for minute in range(5, 9)), "access.log.1")
    parts = services.parts_for(engagement.pk)
    (route,) = [row for row in evidence_of(parts) if row.kind == "http.route"]
    assert route.metrics["requests"] == 9
    services.note_parts(parts)
    second.refresh_from_db()
    note = "Part 2 of 2 of one series with access.log: read as one log."
    assert note in second.coverage["notes"]
    assert [note in row["notes"] for row in services.coverage_for(engagement.pk)] == [False, True]

    again = services.parts_for(engagement.pk)
    evidence_of(again)
    services.note_parts(again)
    second.refresh_from_db()
    assert second.coverage["notes"].count(note) == 1
    services.delete_upload(upload=first)
    alone = services.parts_for(engagement.pk)
    evidence_of(alone)
    services.note_parts(alone)
    second.refresh_from_db()
    assert note not in second.coverage["notes"]


def test_two_files_of_one_name_are_two_parts(engagement: Engagement) -> None:
    read(engagement, b"".join(ACCESS % minute for minute in range(5)), "access.log")
    read(engagement, b"".join(ACCESS % minute for minute in range(5, 9)), "access.log")
    (route,) = [row for row in services.evidence_for(engagement.pk) if row.kind == "http.route"]
    assert route.metrics["requests"] == 9


def test_a_repository_becomes_its_artefacts_and_one_upload_of_source(engagement: Engagement) -> None:
    """The rows that the workspace stores are those that reading the archive at once gives, files and lines included."""
    source = b"export async function GET() {\n  return Response.json(await prisma.order.findMany())\n}\n"
    names = {"package.json": b'{"name": "a", "scripts": {"build": "next build"}}', "README.md": b"# a"}
    members = names | {f"app/{name}/route.ts": source for name in "abc"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    upload = received(engagement, out.getvalue(), "repo.zip")
    for member in services.parse_upload(upload.pk) or []:
        services.parse_upload(member)
    rows = Upload.objects.filter(parent=upload).order_by("pk")
    assert [(row.file_name, row.format, row.state) for row in rows] == [
        ("repo.zip/package.json", "package-json", "done"), ("repo.zip/source code", "source-code", "done"),
    ]  # fmt: skip
    stored_rows = [row for row in services.evidence_for(engagement.pk) if row.file != "repo.zip/package.json"]
    path = Path(upload.content.path)
    readings = [read_opened(opened) for opened in open_path(path, name="repo.zip")]
    direct = [row for reading in readings if reading.format == "source-code" for row in reading.result.evidence]
    assert {row.file for row in stored_rows} == {f"repo.zip/app/{name}/route.ts" for name in "abc"}
    assert [(row.kind, row.subject, row.file, row.place) for row in stored_rows] == [
        (row.kind, row.subject, row.file, row.place) for row in direct
    ]
