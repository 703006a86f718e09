"""What several parsers read alike: CSV with line numbers, numbers as tools print them, JSON that knows its lines."""

import csv
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from telemetry import redaction, sql
from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.source import LINE_BYTES, Head, Source

MAX_COLUMNS = 2_000
QUOTE_CHARS = 300
_CUT = 2 * QUOTE_CHARS  # what is redacted before it is cut to a quote, so that no secret survives by being cut in half
_COLUMN = re.compile(r"[A-Za-z_][\w ./%()-]{0,62}\Z")
_BAR = re.compile("[|\u2502]")
_FOOTER = re.compile(r"\(\d+ rows?\)\s*\Z")  # psql -A -F, ends with it
_RECORD = re.compile(r"[-\u2500]\[ RECORD \d+ \]")
_NULLS = frozenset({"", "\\N", "[NULL]", "NULL", "null", "(null)", "<null>"})

_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\Z")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:([,. \u00a0\u202f'])\d{3})(?:\1\d{3})*\Z")
_MIXED = re.compile(r"[+-]?[1-9]\d{0,2}(?:([,. \u00a0\u202f'])\d{3})+(?!\1)[.,]\d+\Z")
_COMMA = re.compile(r"[+-]?\d+,\d+\Z")

# One field may be as long as the longest line: statements of 789 kB were seen in the wild.
csv.field_size_limit(LINE_BYTES)


def quote(text: str, result: ParseResult) -> str:
    """The first 300 characters of a line, redacted; what was hidden is counted in `result.redacted`.

    Statements need the second pass: SQL writes a secret behind a blank (`PASSWORD 'x'`), where other text has a sign.
    """
    hidden, count = redaction.redact(text[:_CUT])
    hidden, more = sql.redact(hidden) if "'" in hidden else (hidden, 0)
    result.redacted += count + more
    return hidden[:QUOTE_CHARS]


def place(line: int, text: str, result: ParseResult) -> Place:
    """A line as a Place, its quote redacted and counted."""
    return Place(line, quote(text, result))


# -- CSV --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A record: the line where it starts, how many lines it spans, the text of its first line, its fields."""

    line: int
    span: int
    text: str
    fields: list[str]


@dataclass(frozen=True, slots=True)
class Header:
    """Column names, lower case and in order, and what separates them."""

    columns: list[str]
    delimiter: str

    def find(self, names: Iterable[str]) -> int | None:
        """Where the first of these names stands, None when the file has none of them."""
        return next((self.columns.index(name) for name in names if name in self.columns), None)


class Feed:
    """Lines for csv.reader that remember where the current record started."""

    def __init__(self, lines: Iterator[tuple[int, bytes]]) -> None:
        self._lines = lines
        self.number = 0
        self.start = 0
        self.text = ""

    def __iter__(self) -> "Feed":
        return self

    def __next__(self) -> str:
        self.number, raw = next(self._lines)
        line = raw.decode("utf-8", "replace")
        if not self.start:
            self.start, self.text = self.number, line
        return line.rstrip("\r") + "\n"


def open_csv(
    source: Source, result: ParseResult, how: str, lines: Iterator[tuple[int, bytes]] | None = None
) -> tuple[Header, Iterator[Row]]:
    """The header and the records of a CSV file; `how` is the export command that every complaint ends with.
    `lines` takes the place of the source's own where some of them were read already.

    While the records are read, `result.lines`, `.blank` and `.rejected` are kept: a record with another number of
    fields than the header, or a field that never ends, is rejected. ParseError when there is no header.
    """
    lines = source.lines() if lines is None else lines
    for result.lines, raw in lines:
        text = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        if text.strip():
            break
        result.blank += 1
    else:
        raise ParseError(f"The file is empty. {how}")
    header = read_header(text)
    if header is None:
        shape = "a table as psql prints it, not CSV" if _is_printed(text) else "no CSV with a line of column names"
        raise ParseError(f"This is {shape}. {how}", result.lines)
    return header, csv_rows(lines, header, result)


def csv_rows(lines: Iterator[tuple[int, bytes]], header: Header, result: ParseResult) -> Iterator[Row]:
    """The records below a header that was read already; see `open_csv`."""
    feed = Feed(lines)
    reader = csv.reader(feed, delimiter=header.delimiter, strict=True)  # text after a closing quote is an error
    while True:
        feed.start, fields = 0, []
        broken = False
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            broken = True
        result.lines = feed.number
        row = Row(feed.start, feed.number - feed.start + 1, feed.text, fields)
        if not fields and not broken:
            result.blank += 1
        elif len(fields) == 1 and _FOOTER.match(fields[0]):
            continue
        elif (
            len(fields) == len(header.columns) and [field.strip().lower() for field in fields[:3]] != header.columns[:3]
        ):
            yield row
        else:
            reject(row, result)


def reject(row: Row, result: ParseResult) -> None:
    """Count every line of a record that could not be read; its first line is the sample."""
    reject_line(row.line, row.text, result)
    result.rejected += row.span - 1


def reject_line(line: int, text: str, result: ParseResult) -> None:
    """Count a line that could not be read; only one that is shown as a sample is redacted, which is slow."""
    result.reject(line, quote(text, result) if result.shows_samples else "")


def read_header(line: str) -> Header | None:
    """The column names in a line, or None when it is no CSV header; ParseError above 2,000 columns."""
    best: Header | None = None
    for delimiter in (",", ";", "\t"):
        try:
            fields = next(csv.reader([line.removeprefix("\ufeff")], delimiter=delimiter), [])
        except csv.Error:
            continue
        if len(fields) > MAX_COLUMNS:
            raise ParseError(f"The first line has {len(fields):,} columns; at most {MAX_COLUMNS:,} are read.", 1)
        names = [field.strip().lower() for field in fields]
        if len(names) > 1 and all(map(_COLUMN.match, names)) and (best is None or len(names) > len(best.columns)):
            best = Header(names, delimiter)
    return best


def sniff_header(head: Head) -> Header | None:
    """The header of a file that is CSV, else None; too many columns are left to the reader to complain about."""
    return _sniffed_header(next((line for line in head.lines if line.strip()), ""))


@lru_cache(maxsize=4)
def _sniffed_header(line: str) -> Header | None:
    """A dozen sniffers ask for the header of one file."""
    try:
        return read_header(line)
    except ParseError:
        return None


def _is_printed(line: str) -> bool:
    return bool(_RECORD.match(line)) or len(_BAR.findall(line)) > 1


def without_mark(text: str) -> str:
    """A line of a cell without psql's sign that the cell goes on below."""
    bare = text.rstrip()
    return bare[:-1].rstrip() if bare.endswith(("+", "\u21b5")) else text


def is_null(text: str) -> bool:
    """Whether a field holds no value, as psql, COPY, DBeaver and pgAdmin write it."""
    return text.strip() in _NULLS


def number(text: str, delimiter: str = ",") -> float | None:
    """A number, None for a null; ValueError when it can be read in two ways.

    "1.234" is a decimal as Postgres prints it, except in a file separated by ";", which spreadsheets write where the
    comma is the decimal sign. "1,234" alone may be either and is refused; "1,234,567", "0,123" and "12,5" are not.
    """
    text = text.strip()
    if text in _NULLS:
        return None
    if _PLAIN.match(text):
        if delimiter == ";" and _GROUPED.match(text):
            raise ValueError(f"{text} may be a thousand or a fraction")
        return _finite(float(text))
    if grouped := _GROUPED.match(text):
        if grouped[1] == "," and text.count(",") == 1:
            raise ValueError(f"{text} may be a thousand or a fraction")
        return _finite(float(_digits(text)))
    if mixed := _MIXED.match(text):
        sign = "," if mixed[1] != "," else "."
        whole, _, fraction = text.rpartition(sign)
        return _finite(float(f"{_digits(whole)}.{fraction}"))
    if _COMMA.match(text):
        return _finite(float(text.replace(",", ".")))
    raise ValueError(f"{text[:40]} is not a number")


def whole(text: str, delimiter: str = ",") -> float | None:
    """A count, None for a null; a count has no fraction, so one group sign is a thousand. ValueError otherwise."""
    text = text.strip()
    value = float(_digits(text)) if _GROUPED.match(text) else number(text, delimiter)
    if value is not None and (value < 0 or value != int(value)):
        raise ValueError(f"{text[:40]} is not a count")
    return value


def _digits(text: str) -> str:
    return re.sub(r"[^\d+-]", "", text)


def _finite(value: float) -> float:
    if value in (float("inf"), float("-inf")):
        raise ValueError("the number is too large")
    return value


# -- JSON -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """A key or an element of a JSON container: its key or index, its value, where the entry and its value start."""

    key: str
    value: Any
    at: int
    value_at: int


class JsonText:
    """A JSON document that can say on which line a value stands.

    `value` is the whole document; `members(at)` walks one object or array, so a position is read, never searched for.
    """

    def __init__(self, raw: bytes, before: int = 0) -> None:
        self._before = before  # lines of the file in front of this document
        self.text = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        self._decoder = json.JSONDecoder(parse_constant=_no_constant)
        self._ends = [match.start() for match in re.finditer("\n", self.text)]
        self.start = self._skip(0)
        self.value = self._document()

    def _document(self) -> Any:
        if self.start >= len(self.text):
            raise ParseError("The file is empty; send the JSON that the export command writes.", 1)
        try:
            value, end = self._decoder.raw_decode(self.text, self.start)
        except json.JSONDecodeError as error:
            raise ParseError(f"The JSON is broken or cut short: {error.msg}; export it again.", error.lineno) from error
        except (ValueError, RecursionError) as error:
            raise ParseError("The JSON holds a number or a nesting that no export writes; export it again.") from error
        if self._skip(end) != len(self.text):
            raise ParseError("More text follows after the JSON document; send one document per file.", self.line(end))
        return value

    @property
    def lines(self) -> int:
        """Number of lines; an unfinished last line counts."""
        return len(self._ends) + (0 if self.text.endswith("\n") or not self.text else 1)

    def line(self, at: int) -> int:
        """The line, counted from 1, of an offset."""
        return bisect_right(self._ends, at - 1) + 1 + self._before

    def spot(self, at: int) -> tuple[int, str]:
        """The line of an offset and its text to quote; far into a long line the text starts at the offset itself."""
        before = bisect_right(self._ends, at - 1)
        first = self._ends[before - 1] + 1 if before else 0
        start = at if at - first > QUOTE_CHARS // 2 else first
        return before + 1 + self._before, self.text[start : start + _CUT].partition("\n")[0].rstrip("\r")

    def place(self, at: int, result: ParseResult) -> Place:
        """The line of an offset as a Place."""
        return place(*self.spot(at), result)

    def members(self, at: int) -> list[Member]:
        """The entries of the object or array that starts at an offset; empty for any other value."""
        opening = self.text[at]
        if opening not in "{[":
            return []
        found: list[Member] = []
        at = self._skip(at + 1)
        while self.text[at] not in "}]":
            start, key = at, str(len(found))
            if opening == "{":
                key, at = self._decoder.raw_decode(self.text, at)
                at = self._skip(self._skip(at) + 1)  # the colon
            value, end = self._decoder.raw_decode(self.text, at)
            found.append(Member(key, value, start, at))
            at = self._skip(end)
            at = self._skip(at + 1) if self.text[at] == "," else at
        return found

    def member(self, at: int, key: str) -> Member | None:
        """One entry of the object at an offset; the last one when the key is repeated, as JSON readers do."""
        return next((entry for entry in reversed(self.members(at)) if entry.key == key), None)

    def _skip(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in " \t\r\n":
            at += 1
        return at


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
