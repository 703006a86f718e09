"""Excel workbooks (.xlsx): each visible sheet becomes a CSV, row by row; a line of it is a row of the sheet.

A formula gives the value that Excel kept with it and is never computed; links to other files are not followed. The XML
is read by expat, which resolves no outside entity and bounds what inner ones may grow to (from 2.4.1 on).
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError as XmlError

from telemetry.archives import LIMITS, Limits, Member, check_directory, is_office, printable
from telemetry.evidence import ParseError
from telemetry.streams import Watch, stream_of, unwatched

MAX_XML = 100 * 1024**2  # of all parts together, unpacked; larger ones are better sent as CSV
MAX_CELLS = 5_000_000
MAX_SHEETS = 50
MAX_WIDTH = 2_000
TOO_LARGE = "The workbook is too large to be opened safely; save its sheets as CSV and send those."
# What the library raises on parts that are missing, damaged or forged.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    OverflowError, XmlError,
)  # fmt: skip


def is_workbook(path: Path) -> bool:
    """Whether the file is a workbook that can be opened; a damaged one is left to be named for what it is."""
    with path.open("rb") as stream:
        first = stream.read(4096)
    return is_office(first) and bool(_sheet_names(path))


def _sheet_names(path: Path) -> list[str]:
    try:
        check_directory(path, LIMITS)
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
        if "xl/workbook.xml" not in {info.filename for info in infos} or sum(i.file_size for i in infos) > MAX_XML:
            return []
        with _book(path) as book:
            return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"][:MAX_SHEETS]
    except (ParseError, *_BROKEN):
        return []


def sheets_of(path: Path, limits: Limits = LIMITS, watch: Watch = unwatched) -> Iterator[Member]:
    """The visible sheets in their order, each as a CSV."""
    seen: set[str] = set()
    for title in _sheet_names(path):
        name = printable(title.replace("/", "-").replace("\\", "-"))
        name = name if name not in seen else f"{name} ({len(seen)})"
        seen.add(name)
        yield Member(f"{name}.csv", path.stat().st_size, _Opener(path, title))


class _Opener:
    """Opens one sheet, as often as it is asked for."""

    def __init__(self, path: Path, title: str) -> None:
        self._path, self._title = path, title

    def __call__(self) -> BinaryIO:
        lines = _lines(self._path, self._title)
        rest = b""

        def pull(size: int) -> bytes:
            nonlocal rest
            parts = [rest]
            length = len(rest)
            while length < size and (line := next(lines, b"")):
                parts.append(line)
                length += len(line)
            whole = b"".join(parts)
            rest = whole[size:]
            return whole[:size]

        return stream_of(pull, lines.close)


def _lines(path: Path, title: str) -> Generator[bytes, None, None]:
    try:
        with _book(path) as book:
            yield from _rows(book[title])
    except _BROKEN as error:
        raise ParseError("The sheet is damaged; save it as CSV and send that.") from error


@contextmanager
def _book(path: Path) -> Iterator[Any]:
    """The workbook, for reading; given as a stream, because the library forgets a file that it could not read."""
    from openpyxl import load_workbook  # a sixth of the start of every reader, and few files are workbooks

    with path.open("rb") as stream:
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()


def _rows(sheet: Any) -> Iterator[bytes]:
    """Lines of CSV; rows have at least as many cells as the first one that is not empty."""
    sheet.reset_dimensions()  # what a file says of its own size may be forged
    cells = width = 0
    for row in sheet.iter_rows(values_only=True):
        values = [_text(value) for value in row[:MAX_WIDTH]]
        while values and not values[-1]:
            values.pop()
        cells += max(1, len(values))
        if cells > MAX_CELLS:
            raise ParseError(TOO_LARGE)
        width = width or len(values)
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(values + [""] * (width - len(values)) if values else [])
        yield line.getvalue().encode("utf-8", "replace")


def _text(value: Any) -> str:
    """A cell as text on one line; a whole number without a fraction."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return " ".join(str(value).split())
