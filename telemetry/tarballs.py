"""Tar archives from strangers, plain or compressed, under the same bounds as zip files."""

import tarfile
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from telemetry.archives import LIMITS, ZIP_MAGICS, Limits, Member, is_hidden, printable, refuse_unsafe_name
from telemetry.evidence import ParseError
from telemetry.packings import unpacked
from telemetry.source_code.selection import language_of
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

    A tar has no list of its files: it is read through once to check all names, and again for each file that is opened.
    `watch` is told half a byte for each byte of the first pass, and the other half in the passes that follow.
    """
    size = path.stat().st_size
    with _reading(path, limits, lambda taken: watch(taken // 2)) as archive:
        listed = list(enumerate(_checked(archive, limits)))
    infos = [(place, info) for place, info in listed if info.isreg()]
    if not any(language_of(info.name) for _, info in infos):  # links between the files of a repository are left out
        _refuse_links(info for _, info in listed)
    shown = [(place, info) for place, info in infos if not is_hidden(info.name)]
    if not shown:
        raise ParseError("The archive holds no files; put the exports in it and send it again.")
    for place, info in shown:
        yield Member(
            printable(info.name), info.size, _opener(path, limits, place, lambda taken: watch((size + taken) // 2))
        )


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
    with _reading(path, limits, unwatched) as archive:
        for info in archive:
            if info.isreg() and (name := printable(info.name)) in names:
                yield name, cast(BinaryIO, archive.extractfile(info)).read(size)


@contextmanager
def _reading(path: Path, limits: Limits, watch: Watch) -> Iterator[tarfile.TarFile]:
    """The archive as a stream. Damage is told in words, also when it shows while members are read."""
    try:
        with path.open("rb") as raw, _opened(path, raw, limits, watch) as tar:
            yield tar
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise ParseError(f"The tar archive is damaged or cut off ({error}); pack it again and send it.") from error


def _opened(path: Path, raw: BinaryIO, limits: Limits, watch: Watch) -> tarfile.TarFile:
    return tarfile.open(fileobj=watched(unpacked(raw, _guard(path, raw, limits)), lambda: watch(raw.tell())), mode="r|")


def _guard(path: Path, raw: BinaryIO, limits: Limits) -> Callable[[int], None]:
    def guard(total: int) -> None:
        limits.check_ratio(printable(path.name), total, raw.tell())
        if total > limits.total_bytes:
            raise ParseError(
                f"The archive unpacks to more than {limits.total_bytes // 1024**2:,} MB; "
                "send its files one by one, or a shorter period."
            )

    return guard


def _opener(path: Path, limits: Limits, place: int, watch: Watch) -> Callable[[], BinaryIO]:
    def open_member() -> BinaryIO:
        manager = _reading(path, limits, watch)
        archive = manager.__enter__()
        try:
            info = next(info for at, info in enumerate(archive) if at == place)
            file = cast(BinaryIO, archive.extractfile(info))
        except BaseException as problem:
            manager.__exit__(type(problem), problem, problem.__traceback__)
            raise

        def pull(size: int) -> bytes:
            try:
                return file.read(size)
            except (tarfile.TarError, EOFError, OSError) as error:
                raise ParseError(f"The tar archive is cut off ({error}); pack it again and send it.") from error

        def finish() -> None:
            manager.__exit__(None, None, None)

        return built_on(stream_of(pull, finish), lambda stream: _inside(stream, info, limits))

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
