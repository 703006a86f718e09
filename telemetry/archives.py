"""Zip files from strangers: bounded in members, size and ratio, and refused as a whole when a name is unsafe."""

import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from telemetry.evidence import ParseError
from telemetry.packings import packing_of, unpacked
from telemetry.source_code.selection import language_of
from telemetry.streams import Watch, built_on, decoded, peek, stream_of, unwatched

ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
MAX_MEMBERS = 1_000
# Also with what is left out: a repository with its installed packages has some 40,000 files.
MAX_LISTED = 60_000
MAX_TOTAL_BYTES = 2 * 1024**3
# Logs compress 10 to 50 times; a bomb of zeros about 1,000 times.
MAX_RATIO = 200
RATIO_FROM_BYTES = 10 * 1024**2
_END_RECORD = b"PK\x05\x06"
_END_SEARCH_BYTES = 22 + 65_535  # the record and its longest comment
_DIRECTORY_BYTES = 16 * 1024**2
_NAME_CHARS = 300
_OFFICE_FIRST = (b"mimetype", b"docProps/", b"_rels/.rels")  # what tools write before the list of parts
_SHOWN = re.compile(r"(?:^|/)(?:\.github/workflows/[^/.][^/]*\.ya?ml|\.env\.(?:\w+\.)?(?:example|sample|template))\Z")


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may cost: members, bytes of all members together, times its packed size (once it is large)."""

    members: int = MAX_MEMBERS  # that are read; a repository's source counts once
    listed: int = MAX_LISTED
    total_bytes: int = MAX_TOTAL_BYTES
    ratio: int = MAX_RATIO
    ratio_from: int = RATIO_FROM_BYTES

    def check_ratio(self, name: str, unpacked: int, packed: int) -> None:
        """ParseError when so few bytes unpack to so many that it is no export."""
        if unpacked > self.ratio_from and unpacked > self.ratio * max(packed, 1):
            raise ParseError(
                f"{name} unpacks to more than {self.ratio} times its size, which no export does; "
                "send the file itself, unpacked or compressed again."
            )


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: a safe name, its unpacked size as the archive states it, and how to read it."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


class _Meter:
    """Bytes read of all members; reading one twice counts once."""

    def __init__(self, limits: Limits, went_on: Callable[[], None]) -> None:
        self.limits = limits
        self._went_on = went_on
        self._read: dict[str, int] = {}
        self._total = 0

    def add(self, info: zipfile.ZipInfo, unpacked: int) -> None:
        self._went_on()
        self.limits.check_ratio(printable(info.filename), unpacked, info.compress_size)
        before = self._read.get(info.filename, 0)
        if unpacked > before:
            self._read[info.filename] = unpacked
            self._total += unpacked - before
        if self._total > self.limits.total_bytes:
            raise ParseError(
                f"The archive unpacks to more than {self.limits.total_bytes // 1024**2:,} MB; "
                "send its files one by one, or a shorter period."
            )


def printable(name: str) -> str:
    """A name that can be shown: no control characters, no broken text, at most 300 characters (the end is kept)."""
    clean = "".join(char if char.isprintable() else "?" for char in name.encode("utf-8", "replace").decode())
    return clean if len(clean) <= _NAME_CHARS else "…" + clean[1 - _NAME_CHARS :]


def is_zip(path: Path) -> bool:
    """Whether the file starts as a zip does; office documents (also zips) are none."""
    with path.open("rb") as stream:
        first = stream.read(4096)
    return first.startswith(ZIP_MAGICS) and not is_office(first)


def is_office(first: bytes) -> bool:
    """Whether a zip is an Excel, Word or OpenDocument file, from its first bytes."""
    named = b"[Content_Types].xml" in first[:4096] or first[30:].startswith(_OFFICE_FIRST)
    return first.startswith(ZIP_MAGICS) and named


def members_of(path: Path, limits: Limits = LIMITS, watch: Watch = unwatched) -> Iterator[Member]:
    """The files of a zip, in its order, folders and hidden files left out; ParseError before any when it is unsafe.

    Repositories hold links between their files: beside source code a link is left out, anywhere else it is refused.
    `watch` is told the place in the archive that was read last.
    """
    archive = _open_zip(path, limits)
    infos = [info for info in archive.infolist() if not info.is_dir()]
    with_source = any(language_of(info.filename) for info in infos)
    for info in archive.infolist():
        _refuse_unsafe(info, with_source)
    infos = [info for info in infos if not _is_link(info)]
    meter = _Meter(limits, lambda: watch(archive.fp.tell() if archive.fp else 0))
    seen: dict[str, int] = {}
    shown = [info for info in infos if not is_hidden(info.filename)]
    if not shown:
        raise ParseError("The archive holds no files; put the exports in it and send it again.")
    for info in shown:
        name = printable(info.filename.replace("\\", "/"))
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name = f"{name} ({seen[name]})"
        yield Member(name, info.file_size, _opener(archive, info, meter))


def _open_zip(path: Path, limits: Limits) -> zipfile.ZipFile:
    check_directory(path, limits)
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise ParseError(f"The zip archive is damaged or cut off ({error}); pack it again and send it.") from error


def check_directory(path: Path, limits: Limits) -> None:
    """Read the counts at the end of the file before the library reads the whole list of members into memory."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _END_SEARCH_BYTES))
        end = stream.read()
    at = end.rfind(_END_RECORD)
    if at < 0 or len(end) < at + 22:
        raise ParseError("The zip archive is cut off: its list of files is missing; send it again.")
    members = int.from_bytes(end[at + 10 : at + 12], "little")
    directory = int.from_bytes(end[at + 12 : at + 16], "little")
    # All ones means "larger than a plain zip can say".
    if members > limits.listed or directory > _DIRECTORY_BYTES:
        raise ParseError(f"The archive holds {members:,} or more files; at most {limits.members:,} are opened.")


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def _refuse_unsafe(info: zipfile.ZipInfo, links: bool) -> None:
    """Names that leave the archive and links mark a forged or careless archive: none of it is read."""
    refuse_unsafe_name(info.filename)
    name = printable(info.filename)
    if _is_link(info) and not links:
        raise ParseError(f"The archive holds a link ({name}); nothing was read. Pack the file itself.")
    if info.flag_bits & 0x1:
        raise ParseError(f"The archive is encrypted ({name}); send it without a password.")


def refuse_unsafe_name(name: str) -> None:
    """ParseError for a name that leaves the archive."""
    parts = name.replace("\\", "/").split("/")
    if ".." in parts:
        raise ParseError(
            f"The archive names a file outside of itself ({printable(name)}); nothing was read. Pack it again."
        )
    if not parts[0] or parts[0].endswith(":"):
        raise ParseError(f"The archive holds an absolute path ({printable(name)}); nothing was read. Pack it again.")


def is_hidden(name: str) -> bool:
    """Whether a file or one of its folders is meant for a system, not for a reader.

    A repository's workflows and its example of settings start with a dot as well, and are to be read.
    """
    path = _SHOWN.sub("", name.replace("\\", "/"))
    return any(part.startswith(".") or part == "__MACOSX" for part in path.split("/"))


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo, meter: _Meter) -> Callable[[], BinaryIO]:
    def open_member() -> BinaryIO:
        return built_on(_metered(archive, info, meter), unpack)

    def unpack(raw: BinaryIO) -> BinaryIO:
        first, stream = peek(raw, 4096)
        name = printable(info.filename)
        if first.startswith(ZIP_MAGICS) and not is_office(first):
            raise ParseError(f"{name} is an archive inside the archive; unpack it and send what is in it.")
        if packing_of(first):
            stream = unpacked(stream, lambda total: _guard_inner(meter, info, total, info.file_size))
        return decoded(stream)

    return open_member


def _guard_inner(meter: _Meter, info: zipfile.ZipInfo, total: int, packed: int) -> None:
    """A compressed file in a zip is packed twice: its text counts, and its ratio is its own."""
    meter.limits.check_ratio(printable(info.filename), total, packed)
    if total > meter.limits.total_bytes:
        raise ParseError(f"{printable(info.filename)} unpacks to more than the limit; send a shorter period.")


def _metered(archive: zipfile.ZipFile, info: zipfile.ZipInfo, meter: _Meter) -> BinaryIO:
    name = printable(info.filename)
    try:
        stream = archive.open(info)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise ParseError(f"{name} in the archive cannot be opened ({error}); pack it with plain zip.") from error
    unpacked = 0

    def pull(size: int) -> bytes:
        nonlocal unpacked
        try:
            part = stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise ParseError(f"{name} in the archive is damaged ({error}); pack it again and send it.") from error
        unpacked += len(part)
        meter.add(info, unpacked)
        return part

    return stream_of(pull, stream.close)
