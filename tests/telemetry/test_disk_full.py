"""No room on the disk: said in words, nothing half stored, whatever was being written."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import File
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from reviews.models import Engagement
from telemetry import services
from telemetry.models import Upload
from telemetry.storage import Counted, is_full
from tests.cast import Cast
from tests.telemetry.test_services import REDIS_INFO, engagement, media, packed, received, stored
from tests.telemetry.test_upload_handler import MB, cast, send

__all__ = ["cast", "engagement", "media"]  # fixtures
pytestmark = pytest.mark.django_db


def no_room() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_file_that_does_not_fit_while_it_arrives_is_refused_and_given_back(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = TemporaryFileUploadHandler.receive_data_chunk

    def written(handler: Any, raw_data: bytes, start: int) -> None:
        if start >= MB:
            raise no_room()
        write(handler, raw_data, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", written)
    answer = send(cast, b"y" * (3 * MB))
    assert services.NO_ROOM.format(name="large.log") in answer.content.decode()
    assert not Upload.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(("number", "full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EIO, False)])
def test_only_what_has_no_room_counts_as_full(number: int, full: bool) -> None:
    assert is_full(OSError(number, os.strerror(number))) is full


def test_half_a_file_is_removed_when_it_does_not_fit(
    engagement: Engagement, media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(self: File, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"y" * MB
        raise no_room()

    monkeypatch.setattr(File, "chunks", half)
    (tmp_path / "large.log").write_bytes(b"y" * MB)
    with pytest.raises(services.UploadError, match=r"large\.log was not stored: the disk of this server is full"):
        services.receive_path(engagement_id=engagement.pk, path=tmp_path / "large.log")
    assert (stored(media), Upload.objects.count()) == ([], 0)


def test_an_archive_that_does_not_fit_leaves_no_member_and_can_be_read_again(
    engagement: Engagement, media: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    upload = received(engagement, packed(a=REDIS_INFO, b=REDIS_INFO + b"\n"), "exports.zip")
    chunks, opened = Counted.chunks, [0]

    def second_does_not_fit(self: Counted, chunk_size: int | None = None) -> Iterator[bytes]:
        opened[0] += 1
        yield from chunks(self, chunk_size)
        if opened[0] == 2:
            raise no_room()

    with monkeypatch.context() as patch:
        patch.setattr(Counted, "chunks", second_does_not_fit)
        with pytest.raises(OSError, match="No space"), django_capture_on_commit_callbacks(execute=True):
            services.parse_upload(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.error) == ("failed", services.DISK_FULL)
    assert (Upload.objects.count(), len(stored(media))) == (1, 1)
    assert services.reset_upload(upload=upload)
    assert len(services.parse_upload(upload.pk) or []) == 2
