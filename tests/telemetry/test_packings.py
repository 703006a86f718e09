"""However a file is packed, it says the same; whatever is forged, cut or damaged is refused in words."""

import bz2
import errno
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
import zstandard

from telemetry import tarballs
from telemetry.archives import Limits
from telemetry.evidence import Evidence, ParseError
from telemetry.opening import is_archive, open_path
from telemetry.reading import read_opened
from telemetry.source import no_progress
from telemetry.streams import stream_of

LOG = Path(__file__).parents[1] / "samples" / "harbor-books" / "exports" / "postgresql.log"
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda content: zstandard.ZstdCompressor(write_checksum=True).compress(content),
}


def tar_of(files: dict[str, bytes], **more: object) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for field, value in more.items():
                setattr(info, field, value)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zip_of(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


ARCHIVES: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": zip_of,
    "tar": tar_of,
    "tar.gz": lambda files: gzip.compress(tar_of(files)),
    "tar.bz2": lambda files: bz2.compress(tar_of(files)),
    "tar.zst": lambda files: PACKED["zst"](tar_of(files)),
}


def evidence(path: Path) -> list[Evidence]:
    """What everything in a path says, without the file's name."""
    readings = [read_opened(opened, no_progress, None) for opened in open_path(path)]
    assert all(reading.error is None for reading in readings), [reading.error for reading in readings]
    return [replace(row, file="") for reading in readings if reading.result for row in reading.result.evidence]


@pytest.fixture(scope="module")
def plain() -> list[Evidence]:
    return evidence(LOG)


@pytest.mark.parametrize("packing", PACKED)
def test_a_packed_file_says_the_same(packing: str, tmp_path: Path, plain: list[Evidence]) -> None:
    path = tmp_path / "export.bin"
    path.write_bytes(PACKED[packing](LOG.read_bytes()))
    assert evidence(path) == plain


@pytest.mark.parametrize("archive", ARCHIVES)
def test_an_archived_file_says_the_same(archive: str, tmp_path: Path, plain: list[Evidence]) -> None:
    path = tmp_path / "exports"
    path.write_bytes(ARCHIVES[archive]({"logs/pg.log": LOG.read_bytes()}))
    assert is_archive(path)
    assert [opened.name for opened in open_path(path)] == ["exports/logs/pg.log"]
    assert evidence(path) == plain


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("spoil", ["cut", "damaged"])
def test_a_spoilt_file_is_told(packing: str, spoil: str, tmp_path: Path) -> None:
    packed = PACKED[packing](LOG.read_bytes()[:200_000])
    half = len(packed) // 2
    path = tmp_path / "export.bin"
    path.write_bytes(packed[:half] if spoil == "cut" else packed[:half] + bytes(40) + packed[half + 40 :])
    [opened] = open_path(path)
    error = read_opened(opened, no_progress, None).error
    assert error is not None
    assert "compress" in error


@pytest.mark.parametrize("packing", PACKED)
def test_a_bomb_is_refused(packing: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    line = b"2025-11-12 14:05:09.123 UTC [77] LOG:  duration: 12.3 ms  statement: select 1\n"
    path.write_bytes(PACKED[packing](line * 1000 + bytes(64 * 1024**2)))
    [opened] = open_path(path)
    error = read_opened(opened, no_progress, None).error
    assert error is not None
    assert "times its size" in error


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "a/../../b", "C:/x"])
def test_a_tar_with_a_name_outside_is_refused_as_a_whole(name: str, tmp_path: Path) -> None:
    path = tmp_path / "exports.tar"
    path.write_bytes(tar_of({"good.log": b"x", name: b"y"}))
    with pytest.raises(ParseError, match="nothing was read"):
        next(open_path(path))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_tar_with_a_link_is_refused(kind: bytes, tmp_path: Path) -> None:
    path = tmp_path / "exports.tar"
    path.write_bytes(tar_of({"link": b""}, type=kind, linkname="/etc/passwd"))
    with pytest.raises(ParseError, match="a link"):
        next(open_path(path))


def test_a_tar_is_bounded_in_files_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "exports.tar"
    path.write_bytes(tar_of({f"{number}.log": b"x" * 1000 for number in range(50)}))
    with pytest.raises(ParseError, match="holds 50 files; at most 20"):
        list(open_path(path, Limits(members=20)))
    path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(ParseError, match="send its files one by one"):
        list(open_path(path, Limits(total_bytes=30_000)))


def test_an_archive_in_a_tar_is_refused_and_its_neighbour_read(tmp_path: Path) -> None:
    path = tmp_path / "exports.tar"
    path.write_bytes(tar_of({"inner.zip": zip_of({"a": b"b"}), "pg.log": LOG.read_bytes()[:5000]}))
    inner, log = open_path(path)
    assert "archive inside the archive" in str(read_opened(inner, no_progress, None).error)
    assert read_opened(log, no_progress, None).format == "postgres-log"


def test_an_empty_tar_and_a_cut_one_are_told(tmp_path: Path) -> None:
    path = tmp_path / "exports.tar"
    path.write_bytes(tar_of({".hidden": b"x"}))
    with pytest.raises(ParseError, match="holds no files"):
        next(open_path(path))
    path.write_bytes(tar_of({"a.log": b"x" * 5000})[:3000])
    with pytest.raises(ParseError, match="cut off"):
        next(open_path(path))


@pytest.mark.parametrize("packing", ["tar", "tar.gz"])
def test_a_tar_is_read_through_once_however_many_files_it_holds(
    packing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """300 files, 100 MB: each is looked at and read, and no byte of the archive is unpacked twice for it."""
    pulled: list[int] = []
    real = tarballs.unpacked

    def counting(stream: BinaryIO, guard: Callable[[int], None]) -> BinaryIO:
        inner = real(stream, guard)

        def pull(size: int) -> bytes:
            part = inner.read(size)
            pulled.append(len(part))
            return part

        return stream_of(pull, inner.close)

    line = b"2026-01-05 09:00:00 UTC [7] LOG:  checkpoint starting: time\n"
    body = line * 5_500  # 350 kB
    path = tmp_path / f"exports.{packing}"
    with tarfile.open(path, "w:gz" if packing.endswith("gz") else "w") as tar:
        for number in range(300):
            info = tarfile.TarInfo(f"logs/{number}.log")
            info.size = len(body)
            tar.addfile(info, io.BytesIO(b"%3d" % number + body[3:]))
    monkeypatch.setattr(tarballs, "unpacked", counting)
    seen: list[int] = []
    opened = {one.name: one for one in open_path(path, Limits(ratio=100_000), watch=seen.append)}
    through = sum(pulled)
    assert through < 1.1 * 300 * len(body)
    for name, one in opened.items():
        assert one.head().text
        with one.open() as stream:
            number = int(name.split("/")[-1].removesuffix(".log"))
            assert stream.read() == b"%3d" % number + body[3:]
    assert len(opened) == 300
    # Beside the pass over all: of each file its first 64 KB for the head, and its text.
    assert sum(pulled) - through < 1.5 * 300 * len(body)
    assert 0.99 * path.stat().st_size < seen[-1] <= max(seen) <= path.stat().st_size


def test_a_full_disk_is_no_damaged_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "exports.tar.gz"
    path.write_bytes(ARCHIVES["tar.gz"]({"a.log": b"x" * 5000}))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("telemetry.spool.Spool.kept", full)
    with pytest.raises(OSError, match="No space left"):
        list(open_path(path))
