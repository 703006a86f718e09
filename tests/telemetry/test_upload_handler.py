"""A file is hashed while it streams to the disk; what is over the limit is counted and thrown away."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.test import Client as Browser

from telemetry.models import Upload
from telemetry.services import receive_upload, receiving
from tests.cast import Cast, make_cast
from tests.telemetry.noise import noise

pytestmark = pytest.mark.django_db

MB = 1024 * 1024


@pytest.fixture
def cast(settings: Any, tmp_path: Path) -> Cast:
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", tmp_path / "incoming"
    (tmp_path / "incoming").mkdir()
    return make_cast()


BOUNDARY = "no-random-bytes-hold-this-line"


def send(cast: Cast, body: bytes, name: str = "large.log") -> Any:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    browser = Browser()
    browser.force_login(cast.ann)
    form = {"content_type": f"multipart/form-data; boundary={BOUNDARY}", "headers": {"HX-Request": "true"}}
    sent = head + body + f"\r\n--{BOUNDARY}--\r\n".encode()
    answer = browser.post("/engagements/HB-1/evidence/add/", sent, **form)
    answer.wsgi_request.close()  # as a server does at the end, but with the test's connection left open
    return answer


def test_the_hash_is_that_of_the_content(cast: Cast) -> None:
    body = noise(3 * MB + 17)
    send(cast, body)
    upload = Upload.objects.get()
    assert (upload.size, upload.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert Path(upload.content.path).read_bytes() == body
    assert not list(Path(upload.content.path).parents[2].joinpath("incoming").iterdir())


def test_a_file_over_the_limit_is_refused_and_not_kept(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.LOADLINE_MAX_UPLOAD_MB = 1
    answer = send(cast, b"y" * (3 * MB))
    assert "large.log is larger than 1 MB" in answer.content.decode()
    assert not Upload.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_accepting_300_mb_costs_no_second_reading(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The view gets a file that is hashed and on its disk already: what is left is a rename and a row."""
    file: Any = TemporaryUploadedFile("large.log", "text/plain", 300 * MB, None)
    file.file.truncate(300 * MB)
    file.sha256 = "5" * 64
    monkeypatch.setattr(receiving, "_sha256", lambda _: pytest.fail("it was hashed again"))
    on_the_disk = Path(file.temporary_file_path()).stat().st_ino
    upload, new = receive_upload(engagement_id=cast.engagement.pk, file=file, user_id=None)
    file.close()
    kept = Path(upload.content.path).stat()
    assert (new, upload.size, kept.st_size, kept.st_ino) == (True, 300 * MB, 300 * MB, on_the_disk)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.log", "..%2f..%2fetc%2fpasswd", "a" * 400 + ".log", "ü\u202e.log"]
)
def test_hostile_names_are_shown_as_text(name: str, cast: Cast) -> None:
    answer = send(cast, b"hello\n", name)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    upload = Upload.objects.get()
    assert "/" not in upload.file_name
    assert "\u202e" not in upload.file_name
    assert Path(upload.content.path).resolve().is_relative_to(Path(upload.content.storage.location).resolve())
