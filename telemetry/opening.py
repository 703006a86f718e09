"""From what was given (a file, a .gz, a .zip, a folder) to files that can be read, one after the other.

Opening trusts nothing: names are only shown, links are not followed, sizes are counted while reading.
"""

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from telemetry.archives import LIMITS, Limits, is_hidden, is_zip, members_of, printable
from telemetry.evidence import ParseError
from telemetry.opened import Opened
from telemetry.packings import packing_of, unpacked
from telemetry.repository import Contents, selected
from telemetry.source_code.selection import never_read
from telemetry.splitting import SPLIT_BYTES
from telemetry.streams import PROBE_BYTES, Watch, built_on, decoded, encoding_of, unwatched
from telemetry.tarballs import is_tar, tar_contents, tar_members
from telemetry.workbooks import is_workbook, sheets_of

__all__ = ["Opened", "is_archive", "open_file", "open_path"]


def is_archive(path: Path) -> bool:
    """Whether `open_path` may give more than one file for this path (a zip, a tar, a workbook or a folder)."""
    return path.is_dir() or is_zip(path) or is_tar(path) or is_workbook(path)


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
        members = sheets_of if members is None and is_workbook(path) else members
    except OSError as error:
        raise ParseError(f"{name} cannot be opened: {error.strerror}.") from error
    if members is None:
        yield open_file(path, name, limits, watch)
        return
    found = [Opened(f"{name}/{member.name}", member.size, member.open) for member in members(path, limits, watch)]
    contents = _tar_contents(path, limits, found, f"{name}/") if members is tar_members else None
    yield from _bounded(selected(f"{name}/", found, contents), limits)


def _bounded(kept: list[Opened], limits: Limits) -> list[Opened]:
    if len(kept) > limits.members:
        raise ParseError(f"The archive holds {len(kept):,} files; at most {limits.members:,} are opened.")
    return kept


def _tar_contents(path: Path, limits: Limits, found: list[Opened], prefix: str) -> Contents:
    """A tar must be read from its start for every file, so files that are read together are read in one pass."""

    def contents(places: Collection[int], size: int) -> Iterator[tuple[int, bytes]]:
        wanted = {found[at].name.removeprefix(prefix): at for at in places}
        for name, raw in tar_contents(path, limits, wanted, size):
            yield wanted[name], raw

    return contents


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
    for path, opened in folder_files(folder, limits):
        yield from [opened] if path is None else _or_refused(path, limits, opened.name)


def folder_files(folder: Path, limits: Limits = LIMITS) -> list[tuple[Path | None, Opened]]:
    """The files of a folder to read, archives not opened; the stream of a repository's source has no path."""
    paths = {printable(path.relative_to(folder).as_posix()): path for path in files_of(folder, limits)}
    if not paths:
        raise ParseError(f"The folder {printable(folder.name)} holds no files; put the exports in it.")
    files = [open_file(path, name, limits) for name, path in paths.items()]
    return [(paths.get(opened.name), opened) for opened in selected("", files, archives=True)]


def files_of(folder: Path, limits: Limits = LIMITS) -> list[Path]:
    """The files of a folder, sorted, without hidden ones, links and installed packages; ParseError when too many."""
    found: list[Path] = []
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not never_read(name) and not (Path(top) / name).is_symlink()]
        for path in (Path(top) / name for name in names):
            shown = not is_hidden(path.relative_to(folder).as_posix())
            if shown and not path.is_symlink() and path.is_file():
                found.append(path)
        if len(found) > limits.listed:
            raise ParseError(f"The folder holds more than {limits.listed:,} files; give the folder with the exports.")
    return sorted(found)


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
