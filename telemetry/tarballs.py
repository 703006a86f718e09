"""Tar archives from strangers, plain or compressed, under the same bounds as zip files."""

import errno
import tarfile
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from telemetry.archives import LIMITS, ZIP_MAGICS, Limits, Member, is_hidden, printable, refuse_unsafe_name
from telemetry.evidence import ParseError
from telemetry.packings import MAGIC_BYTES, packing_of, unpacked
from telemetry.source_code.selection import language_of
from telemetry.spool import Spool
from telemetry.streams import Watch, built_on, decoded, peek, read_up_to, stream_of, unwatched, watched

_HEADER_BYTES = 512
_MAGIC = slice(257, 262)


def is_tar(path: Path) -> bool:
    """Whether the file, once its compression is taken off, starts as a tar archive does."""
    with path.open("rb") as raw:
        try:
            return read_up_to(unpacked(raw, _no_guard), _HEADER_BYTES)[_MAGIC] == b"ustar"
        except ParseError:
            return False


def _no_guard(total: int) -> None:
    """Half a kilobyte is no bomb."""


def tar_members(path: Path, limits: Limits = LIMITS, watch: Watch = unwatched) -> Iterator[Member]:
    """The files of a tar, in its order, folders and hidden files left out; ParseError before any when it is unsafe.

    A tar has no list of its files: it is read through once, which checks all names, and a compressed one is unpacked on
    the way into a file without a name, from which its files are then read. `watch` is told half a byte for each byte of
    that pass, and the other half as the files are read.
    """
    size = path.stat().st_size
    spool = Spool() if _is_packed(path) else None
    with _reading(path, limits, lambda taken: watch(taken // 2), spool) as archive:
        listed = list(_checked(archive, limits))
        length = max(archive.offset, 1)
    infos = [info for info in listed if info.isreg()]
    if not any(language_of(info.name) for info in infos):  # links between the files of a repository are left out
        _refuse_links(listed)
    shown = [info for info in infos if not is_hidden(info.name)]
    if not shown:
        raise ParseError("The archive holds no files; put the exports in it and send it again.")

    def whole() -> BinaryIO:
        return spool.reader() if spool else path.open("rb")

    def went_on(place: int) -> None:
        watch((size + size * min(place, length) // length) // 2)

    for info in shown:
        yield Member(printable(info.name), info.size, _opener(whole, limits, info, went_on))


def _is_packed(path: Path) -> bool:
    with path.open("rb") as raw:
        return packing_of(raw.read(MAGIC_BYTES)) is not None


def _checked(archive: tarfile.TarFile, limits: Limits) -> Iterator[tarfile.TarInfo]:
    for count, info in enumerate(archive, start=1):
        if count > limits.listed:
            raise ParseError(
                f"The archive holds more than {limits.listed:,} files; at most {limits.members:,} are read."
            )
        refuse_unsafe_name(info.name)
        yield info


def _refuse_links(infos: Iterable[tarfile.TarInfo]) -> None:
    for info in infos:
        if info.issym() or info.islnk():
            raise ParseError(
                f"The archive holds a link ({printable(info.name)}); nothing was read. Pack the file itself."
            )


def tar_contents(path: Path, limits: Limits, names: Container[str], size: int) -> Iterator[tuple[str, bytes]]:
    """(name, its first `size` bytes as they lie there) of the named files, in one pass over the archive."""
    with _reading(path, limits, unwatched, None) as archive:
        for info in archive:
            if info.isreg() and (name := printable(info.name)) in names:
                yield name, cast(BinaryIO, archive.extractfile(info)).read(size)


@contextmanager
def _reading(path: Path, limits: Limits, watch: Watch, spool: Spool | None) -> Iterator[tarfile.TarFile]:
    """The archive as a stream. Damage is told in words, also when it shows while members are read."""
    try:
        with path.open("rb") as raw:
            stream = unpacked(raw, _guard(path, raw, limits))
            stream = watched(spool.kept(stream) if spool else stream, lambda: watch(raw.tell()))
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                yield tar
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise  # there was no room to unpack it
        raise ParseError(f"The tar archive is damaged or cut off ({error}); pack it again and send it.") from error


def _guard(path: Path, raw: BinaryIO, limits: Limits) -> Callable[[int], None]:
    def guard(total: int) -> None:
        limits.check_ratio(printable(path.name), total, raw.tell())
        if total > limits.total_bytes:
            raise ParseError(
                f"The archive unpacks to more than {limits.total_bytes // 1024**2:,} MB; "
                "send its files one by one, or a shorter period."
            )

    return guard


def _opener(
    whole: Callable[[], BinaryIO], limits: Limits, info: tarfile.TarInfo, went_on: Watch
) -> Callable[[], BinaryIO]:
    def open_member() -> BinaryIO:
        stream = whole()
        try:
            archive = tarfile.open(fileobj=stream, mode="r:")  # noqa: SIM115 - the stream is what is closed
            file = cast(BinaryIO, archive.extractfile(info))
        except (tarfile.TarError, OSError) as error:
            stream.close()
            raise ParseError(f"The tar archive is damaged ({error}); pack it again and send it.") from error

        def pull(size: int) -> bytes:
            try:
                part = file.read(size)
            except (tarfile.TarError, EOFError, OSError) as error:
                raise ParseError(f"The tar archive is cut off ({error}); pack it again and send it.") from error
            went_on(info.offset_data + file.tell())
            return part

        return built_on(stream_of(pull, stream.close), lambda stream: _inside(stream, info, limits))

    return open_member


def _inside(stream: BinaryIO, info: tarfile.TarInfo, limits: Limits) -> BinaryIO:
    """A member as text: its own compression is taken off under the same bounds; an archive in it is refused."""
    name = printable(info.name)
    first, stream = peek(stream, len(ZIP_MAGICS[0]))
    if first.startswith(ZIP_MAGICS):
        raise ParseError(f"{name} is an archive inside the archive; unpack it and send what is in it.")

    def guard(total: int) -> None:
        limits.check_ratio(name, total, info.size)
        if total > limits.total_bytes:
            raise ParseError(f"{name} unpacks to more than the limit; send a shorter period.")

    return decoded(unpacked(stream, guard))
