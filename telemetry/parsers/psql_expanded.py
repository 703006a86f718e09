"""A table as psql prints it expanded (\\x, border 1 or 2): one line a column, a rule with the record's number above."""

import re
from collections.abc import Iterator

from telemetry.evidence import ParseResult
from telemetry.parsers.readers import Header, Row, reject, without_mark

RECORD = re.compile(r"\s*[-+|\u2500-\u257f]+\[ RECORD \d+ \]")
_RULE = re.compile(r"\s*[-+|\u2500-\u257f]+\s*\Z")
_FRAMED = re.compile(r"\s*[|\u2502](.*)[|\u2502]\s*\Z")
_ENTRY = re.compile(r"([\w ?.()%/-]{0,100})[|\u2502] ?(.*)\Z", re.S)
_FOOTER = re.compile(r"\(\d+ rows?\)\s*\Z|Time: [\d.]+ ms")


def is_expanded(line: str) -> bool:
    """Whether a line is the rule above a record."""
    return bool(RECORD.match(line))


def names_of(lines: list[str]) -> list[str]:
    """The columns of the first record in these lines."""
    names: list[str] = []
    started = 0
    for line in lines:
        started += is_expanded(line)
        if started > 1 or (started and not line.strip()):
            break
        if started and not is_expanded(line) and (entry := _entry(line)) and entry[0]:
            names.append(entry[0].lower())
    return names


def _entry(line: str) -> tuple[str, str] | None:
    if found := _FRAMED.match(line):
        line = found[1]
    if entry := _ENTRY.match(line):
        return entry[1].strip(), entry[2].rstrip()
    return None


def expanded_rows(
    lines: Iterator[tuple[int, str]], header: Header, result: ParseResult, named: tuple[str, ...]
) -> Iterator[Row]:
    """Records with the header's columns; a record stands on the line of the first column among `named` it has."""
    record = _Record(named)
    for number, line in lines:
        result.lines = number
        if not line.strip():
            result.blank += 1
            continue
        if is_expanded(line):
            yield from record.finish(header, result)
            record = _Record(named, number, line)
        elif _RULE.match(line) or _FOOTER.match(line.strip()):
            record.lines += record.lines > 0
        elif not record.lines or not record.read(number, line):
            reject(Row(number, 1, line, []), result)
    yield from record.finish(header, result)


class _Record:
    """The columns of one record as they come."""

    def __init__(self, named: tuple[str, ...], line: int = 0, text: str = "") -> None:
        self.line, self.text, self.lines = line, text, int(line > 0)
        self._named = named
        self._found = False
        self._values: dict[str, str] = {}
        self._last = ""

    def read(self, number: int, line: str) -> bool:
        entry = _entry(line)
        if entry is None or (not entry[0] and not self._last):
            return False
        self.lines += 1
        name, value = entry[0].lower(), entry[1]
        if name:
            self._last = name
            self._values[name] = value
            if name in self._named and not self._found:
                self.line, self.text, self._found = number, line, True
        else:
            self._values[self._last] = without_mark(self._values[self._last]) + "\n" + value
        return True

    def finish(self, header: Header, result: ParseResult) -> Iterator[Row]:
        if not self.lines:
            return
        if set(self._values) == set(header.columns):
            yield Row(self.line, self.lines, self.text, [self._values[name].strip() for name in header.columns])
        else:
            reject(Row(self.line, self.lines, self.text, []), result)
