"""A table as `psql -x` prints it unaligned or as CSV: one line a column, nothing above a record.

Unaligned, a blank line stands between records. CSV has none: a record ends where the first column's name comes again.
"""

import csv
import re
from collections.abc import Iterator

from telemetry.evidence import ParseResult
from telemetry.parsers import psql_unaligned
from telemetry.parsers.readers import Header, Row, reject

_PAIR = re.compile(r"([a-z_?][a-z0-9_ ?.()%/-]{0,62})([|,])(.*)\Z", re.S)
_FOOTER = re.compile(r"\(\d+ rows?\)\s*\Z")
_HEAD_LINES = 400


def find_names(lines: list[str], complete: bool) -> tuple[list[str], str] | None:
    """The columns and what follows their names ("|" or ","), None when these lines are no such records.

    One record alone looks like a table of two columns: unaligned it is one only if no footer follows, as CSV never.
    """
    first = _PAIR.match(lines[0]) if lines else None
    if first is None or any(_FOOTER.match(line) for line in lines[-3:]):
        return None
    mark, names, again = first[2], [first[1]], False
    for line in lines[1:_HEAD_LINES]:
        if mark == "|" and not line.strip():
            again = True
            break
        found = _PAIR.match(line)
        if found is None or found[2] != mark:
            continue  # a further line of a value
        if found[1] == names[0]:
            again = mark == ","
            break
        if found[1] not in names:
            names.append(found[1])
    alone = mark == "|" and complete and psql_unaligned.find_header(lines[0]) is None
    return (names, mark) if len(names) > 2 and (again or alone) else None


def pair_rows(
    lines: Iterator[tuple[int, str]], header: Header, mark: str, result: ParseResult, named: tuple[str, ...]
) -> Iterator[Row]:
    """Records with the header's columns; a record stands on the line of the first column among `named` it has."""
    held: list[tuple[int, str]] = []
    for number, line in lines:
        result.lines = number
        result.blank += not line.strip()
        starts = line.startswith(header.columns[0] + mark)
        if held and (starts or (mark == "|" and not line.strip())):
            yield from _record(held, header, mark, result, named)
            held = []
        if line.strip():
            held.append((number, line))
    if held:
        yield from _record(held, header, mark, result, named)


def _record(
    held: list[tuple[int, str]], header: Header, mark: str, result: ParseResult, named: tuple[str, ...]
) -> Iterator[Row]:
    values: dict[str, str] = {}
    last, place = "", held[0]
    for number, line in held:
        found = _PAIR.match(line)
        at = len(values)
        if found and found[2] == mark and at < len(header.columns) and found[1] == header.columns[at]:
            last = found[1]
            values[last] = found[3]
            place = (number, line) if last in named and place == held[0] else place
        elif last:
            values[last] += "\n" + line
    if len(values) != len(header.columns):
        reject(Row(held[0][0], len(held), held[0][1], []), result)
        return
    fields = [values[name] for name in header.columns]
    yield Row(*_spot(place, held), [_unquoted(field) if mark == "," else field.strip() for field in fields])


def _spot(place: tuple[int, str], held: list[tuple[int, str]]) -> tuple[int, int, str]:
    return place[0], len(held), place[1]


def _unquoted(text: str) -> str:
    """A CSV field, its quotes taken away; as it is when they do not fit."""
    if not text.startswith('"'):
        return text.strip()
    try:
        row = next(csv.reader(text.splitlines(keepends=True), strict=True))
    except (csv.Error, StopIteration):
        return text.strip()
    return row[0].strip() if len(row) == 1 else text.strip()
