"""A table as `psql -x` prints it unaligned or as CSV: one line a column, nothing above a record.

Unaligned, a blank line stands between records. CSV has none: a record ends where the first column's name comes again.
"""

import csv
import re
from collections.abc import Iterator

from telemetry.evidence import ParseResult
from telemetry.parsers.readers import Header, Row, reject

_PAIR = re.compile(r"([a-z_?][a-z0-9_ ?.()%/-]{0,62})([|,])(.*)\Z", re.S)
_FOOTER = re.compile(r"\(\d+ rows?\)\s*\Z")
_HEAD_LINES = 400


def find_names(lines: list[str], complete: bool) -> tuple[list[str], str] | None:
    """The columns and what follows their names ("|" or ","), None when these lines are no such records.

    One record alone looks like a table of two columns: it is one only if what would be its second name is a value.
    """
    first = _PAIR.match(lines[0]) if lines else None
    if first is None or any(_FOOTER.match(line) for line in lines[-3:]):
        return None
    mark, names, again = first[2], [first[1]], False
    quoted, blank = _toggles(first[3], mark), False
    for line in lines[1:_HEAD_LINES]:
        found = None if quoted else _PAIR.match(line)
        quoted ^= _toggles(line, mark)
        if found is not None and found[2] == mark:
            if found[1] == names[0]:
                again = mark == "," or blank
                break
            if found[1] not in names:
                names.append(found[1])
        blank = not line.strip()
    alone = complete and not _PAIR.match(f"{first[3]}{mark}")
    return (names, mark) if (again and len(names) > 2) or (alone and len(names) > 1) else None


def _toggles(line: str, mark: str) -> bool:
    """Whether a line of CSV opens a quoted field that it does not close, or closes one."""
    return mark == "," and line.count('"') % 2 == 1


def pair_rows(
    lines: Iterator[tuple[int, str]], header: Header, mark: str, result: ParseResult, named: tuple[str, ...]
) -> Iterator[Row]:
    """Records with the header's columns; a record stands on the line of the first column among `named` it has."""
    held: list[tuple[int, str]] = []
    for number, line in lines:
        result.lines = number
        starts = line.startswith(header.columns[0] + mark)
        if held and starts and (mark == "," or not held[-1][1].strip()):
            yield from _record(held, header, mark, result, named)
            held = []
        if held or line.strip():
            held.append((number, line))
        else:
            result.blank += 1
    if held:
        yield from _record(held, header, mark, result, named)


def _record(
    held: list[tuple[int, str]], header: Header, mark: str, result: ParseResult, named: tuple[str, ...]
) -> Iterator[Row]:
    while len(held) > 1 and not held[-1][1].strip():
        held.pop()
        result.blank += 1
    values: dict[str, str] = {}
    last, place = "", held[0]
    quoted = False
    for number, line in held:
        found = None if quoted else _PAIR.match(line)
        quoted ^= _toggles(line, mark)
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
