"""From what was given (a file, a .gz, a .zip, a folder) to files that can be read, one after the other.

Opening trusts nothing: names are only shown, links are not followed, sizes are counted while reading.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from telemetry.archives import LIMITS, Limits, is_hidden, is_zip, members_of, printable
from telemetry.evidence import ParseError
from telemetry.packings import packing_of, unpacked
from telemetry.source import HEAD_BYTES, Head
from telemetry.splitting import SPLIT_BYTES
from telemetry.streams import PROBE_BYTES, Watch, built_on, decoded, encoding_of, read_up_to, unwatched
from telemetry.tarballs import is_tar, tar_members


@dataclass(frozen=True, slots=True)
class Opened:
    """A file to read. `name` is its path inside what was given, `size` its bytes there (packed, for a .gz).

    `open()` gives its text as UTF-8 and may be called more than once; it and the reading raise ParseError when the
    file cannot be unpacked. `plain` is where that same text lies on the disk, byte for byte, for large files only.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]
    plain: Path | None = None

    def head(self) -> Head:
        """The first 64 KB, decoded."""
        with self.open() as stream:
            raw = read_up_to(stream, HEAD_BYTES)
            complete = len(raw) < HEAD_BYTES or not stream.read(1)
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(raw, final=complete)
        return Head(self.name, text, complete)


def is_archive(path: Path) -> bool:
    """Whether `open_path` may give more than one file for this path (a zip, a tar or a folder)."""
    return path.is_dir() or is_zip(path) or is_tar(path)


def open_path(
    path: Path, limits: Limits = LIMITS, name: str | None = None, watch: Watch = unwatched
) -> Iterator[Opened]:
    """Every file in what was given, with names as a person would write them.

    A file or .gz is itself ("pg.log"), a zip's members follow its name ("exports.zip/logs/pg.log"), files of a folder
    are named from inside it ("logs/pg.log"), sorted. `name` replaces the first part where the stored file has another.
    `watch` is told how far a packed file or an archive is, in bytes of the file as it lies there.
    ParseError when the path is missing, or the archive is refused as a whole.
    """
    if path.is_dir():
        yield from _folder(path, limits)
        return
    if not path.is_file():
        raise ParseError(f"There is no file {printable(str(path))}; check the path.")
    yield from _file(path, limits, printable(name or path.name), watch)


def _file(path: Path, limits: Limits, name: str, watch: Watch = unwatched) -> Iterator[Opened]:
    try:
        members = members_of if is_zip(path) else tar_members if is_tar(path) else None
    except OSError as error:
        raise ParseError(f"{name} cannot be opened: {error.strerror}.") from error
    if members is None:
        yield open_file(path, name, limits, watch)
        return
    for member in members(path, limits, watch):
        yield Opened(f"{name}/{member.name}", member.size, member.open)


def open_file(path: Path, name: str, limits: Limits = LIMITS, watch: Watch = unwatched) -> Opened:
    """One stored file as it is: compression is taken off and text decoded, an archive is not looked into."""

    def unpack(raw: BinaryIO) -> BinaryIO:
        def guard(total: int) -> None:
            watch(raw.tell())
            limits.check_ratio(name, total, raw.tell())

        return decoded(unpacked(raw, guard), lambda: watch(raw.tell()))

    def open_stream() -> BinaryIO:
        try:
            raw = path.open("rb")
        except OSError as error:
            raise ParseError(f"{name} cannot be opened: {error.strerror}.") from error
        return built_on(raw, unpack)

    size = path.stat().st_size
    return Opened(name, size, open_stream, path.absolute() if size >= SPLIT_BYTES and _is_plain(path) else None)


def _is_plain(path: Path) -> bool:
    """Whether the text needs no unpacking and no decoding."""
    with path.open("rb") as stream:
        first = stream.read(PROBE_BYTES)
    return packing_of(first) is None and encoding_of(first) == ("utf-8", 0)


def _folder(folder: Path, limits: Limits) -> Iterator[Opened]:
    found = False
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if is_hidden(inside.as_posix()) or path.is_symlink() or not path.is_file():
            continue
        if any((folder / parent).is_symlink() for parent in inside.parents):
            continue
        found = True
        yield from _or_refused(path, limits, printable(inside.as_posix()))
    if not found:
        raise ParseError(f"The folder {printable(folder.name)} holds no files; put the exports in it.")


def _or_refused(path: Path, limits: Limits, name: str) -> Iterator[Opened]:
    """The files of one entry of a folder; an archive that is refused stands for itself, so the others are read."""
    try:
        yield from _file(path, limits, name)
    except ParseError as problem:
        yield Opened(name, path.stat().st_size, _refusal(problem))


def _refusal(problem: ParseError) -> Callable[[], BinaryIO]:
    def refuse() -> BinaryIO:
        raise problem

    return refuse
