"""Whether a file that nothing claims is a table, in which form, and what its columns are called."""

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from telemetry.parsers import psql_aligned
from telemetry.redaction import redact
from telemetry.source import Head

MAX_COLUMNS = 200
DELIMITERS = (",", ";", "\t", "|")
NAME_CHARS = 80
_NAMED = 8
_FORMS = {
    ",": "CSV",
    ";": "CSV separated by semicolons",
    "\t": "CSV separated by tabs",
    "|": "CSV separated by bars",
    "json": "JSON",
    "ndjson": "JSON lines",
    "psql": "a table of psql",
}
_SAMPLE_ROWS = 60
_PREAMBLE = 10  # lines that a tool or a person wrote above the names
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*\Z', re.I)
_VALUE = re.compile(r"[\s\d.,:/+%$€£TZ-]*\Z")
_ALIKE = 0.8  # of the lines; a footer and a broken line may differ


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its form ("csv", "ndjson", "json", "psql"), its column names as the file writes them, made unique.

    Of CSV `delimiter` separates the fields and `header_line`, counted from 1, holds the names.
    """

    form: str
    columns: tuple[str, ...]
    delimiter: str = ","
    header_line: int = 1

    @property
    def signature(self) -> str:
        """The same for every file with these column names in this order, whatever their case and the file's form."""
        names = "\x1f".join(name.strip().lower() for name in self.columns)
        return hashlib.sha256(names.encode()).hexdigest()[:32]

    @property
    def words(self) -> str:
        """Its form and its first columns: "CSV with 2 columns: name, age"."""
        names = ", ".join(redact(name)[0] for name in self.columns[:_NAMED])
        more = f" and {len(self.columns) - _NAMED:,} more" if len(self.columns) > _NAMED else ""
        form = _FORMS.get(self.delimiter if self.form == "csv" else self.form, "CSV")
        return f"{form} with {len(self.columns):,} columns: {names}{more}"


def find_table(head: Head) -> Table | None:
    """The table in the start of a file; None when it is none, or has no line of column names."""
    text = head.text.removeprefix("\ufeff")
    if text.count("\ufffd") + text.count("\x00") > len(text) / 20:
        return None
    if text.lstrip()[:1] in ("{", "["):
        return _json_lines(head) or _json_array(text)
    lines = [line for line in head.lines[:4] if line.strip()]
    if lines and (found := psql_aligned.find_header(lines)):
        return Table("psql", unique(found[0].columns))
    return _csv(head)


def unique(names: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Names that can be told apart: an empty one becomes "column 3", the second of the same name gets " (2)"."""
    shown: list[str] = []
    seen: Counter[str] = Counter()
    for at, name in enumerate(names, 1):
        clean = "".join(char if char.isprintable() else " " for char in name).strip()[:NAME_CHARS] or f"column {at}"
        seen[clean.lower()] += 1
        shown.append(clean if seen[clean.lower()] == 1 else f"{clean} ({seen[clean.lower()]})")
    return tuple(shown)


# -- CSV --------------------------------------------------------------------------------------------------------------


def _csv(head: Head) -> Table | None:
    lines = head.whole_lines
    found = _SEPARATOR.match(lines[0].removeprefix("\ufeff")) if lines else None  # what Excel writes and reads
    skipped = 1 if found else 0
    tables = [table for mark in ((found[1],) if found else DELIMITERS) if (table := _separated(lines, skipped, mark))]
    return max(tables, key=lambda table: len(table.columns), default=None)


def _separated(lines: list[str], skipped: int, delimiter: str) -> Table | None:
    """The table that a delimiter makes of the lines; None when they do not have the same number of fields."""
    records = list(islice(_records(lines[skipped:], delimiter), _SAMPLE_ROWS))
    if len(records) < 2:
        return None
    width, times = Counter(len(fields) for _, fields in records).most_common(1)[0]
    body = [(at, fields) for at, fields in records if len(fields) == width]
    names = body[0][1]
    preamble = records.index(body[0])
    if width == 2 and delimiter == "," and all(fields[1].startswith(" ") for _, fields in body):
        return None  # sentences with a comma in each
    if width < 2 or preamble > _PREAMBLE or times < 2 or times < _ALIKE * (len(records) - preamble):
        return None
    return Table("csv", unique(names), delimiter, skipped + body[0][0]) if _are_names(names) else None


def _records(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line, fields) of the records in the head; a quoted field may go over several lines, a broken one ends it."""
    reader = csv.reader((line.removeprefix("\ufeff") + "\n" for line in lines), delimiter=delimiter)
    before = 0
    try:
        for fields in reader:
            at, before = before + 1, reader.line_num
            if any(field.strip() for field in fields):
                yield at, fields
    except csv.Error:
        return


def _are_names(fields: list[str]) -> bool:
    """Names are short words; a line of values has numbers and times in it."""
    filled = [field.strip() for field in fields if field.strip()]
    values = sum(bool(_VALUE.match(field)) for field in filled)
    long = any(len(field) > 3 * NAME_CHARS for field in filled)
    return len(filled) >= max(1, len(fields) / 2) and values * 2 < len(filled) and not long


# -- JSON -------------------------------------------------------------------------------------------------------------


def _json_lines(head: Head) -> Table | None:
    """One object a line: at least two, with the same kind of content."""
    found: list[dict[str, Any]] = []
    for line in islice((line for line in head.whole_lines if line.strip()), _SAMPLE_ROWS):
        try:
            value = orjson.loads(line.removeprefix("\ufeff"))
        except orjson.JSONDecodeError:
            return None
        if not isinstance(value, dict):
            return None
        found.append(value)
    names = flat_keys(found)
    return Table("ndjson", names) if len(found) > 1 and len(names) > 1 else None


def _json_array(text: str) -> Table | None:
    """An array of objects, whole or as far as the head goes."""
    start = text.lstrip()
    if not start.startswith("["):
        return None
    found = [value for value in islice(entries_of(start), _SAMPLE_ROWS) if isinstance(value, dict)]
    names = flat_keys(found)
    return Table("json", names) if found and len(names) > 1 else None


def entries_of(text: str) -> Iterator[Any]:
    """The entries of an array in a head, as many as are whole."""
    text = text.removeprefix("\ufeff").lstrip()
    decoder, at = json.JSONDecoder(), 1
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value


def flat_keys(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """The keys that hold plain values, in the order in which they appear."""
    keys = {key: None for row in rows for key, value in row.items() if not isinstance(value, dict | list)}
    nested = {key for row in rows for key, value in row.items() if isinstance(value, dict | list)}
    return tuple(key[:NAME_CHARS] for key in keys if key not in nested and key.strip())
