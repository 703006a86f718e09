"""A table as psql prints it expanded (\\x): one line a column, a rule with the record's number above.

With border 0 that line is "* Record 1" and a blank stands between name and value. Cells of several lines go on as in
the aligned form: a mark at the right edge, or in the style old-ascii ":" or ";" where the bar would be.
"""

import re
from collections.abc import Iterator

from telemetry.evidence import ParseResult
from telemetry.parsers.readers import Header, Row, reject, without_mark

RECORD = re.compile(r"\s*[-+|\u2500-\u257f]+\[ RECORD \d+ \]|\* Record \d+\s*\Z")
_RULE = re.compile(r"\s*[-+|\u2500-\u257f]+\s*\Z")
_FRAMED = re.compile(r"\s*[|\u2502](.*)[|\u2502]\s*\Z")
_ENTRY = re.compile(r"([\w ?.()%/-]{0,100})([|\u2502])(.*)\Z", re.S)
_MORE = re.compile(r"(\s+)([:;])(.*)\Z", re.S)
_PLAIN = re.compile(r"([\w?.()%/-]{1,100})( +|\Z)", re.S)
_FOOTER = re.compile(r"\(\d+ rows?\)\s*\Z|Time: [\d.]+ ms")
_WRAP = (".", "\u2026")

Entry = tuple[str, str, str]  # name, what stands before the value: a bar, ":" (a new line) or ";" (wrapped), value


def is_expanded(line: str) -> bool:
    """Whether a line is the rule above a record."""
    return bool(RECORD.match(line))


def names_of(lines: list[str]) -> list[str]:
    """The columns of the first record in these lines."""
    first: list[str] = []
    for line in lines:
        if (first and is_expanded(line)) or (first and not line.strip()):
            break
        if first or is_expanded(line):
            first.append(line)
    width = _value_at(first[1:]) if first and first[0].startswith("*") else 0
    found = (_entry(line, width) for line in first[1:])
    return [entry[0].lower() for entry in found if entry is not None and entry[0]]


def _value_at(lines: list[str]) -> int:
    """Where values start without a border: behind the longest name."""
    return max((len(found[1]) + 1 for line in lines if (found := _PLAIN.match(line))), default=1)


def _entry(line: str, width: int) -> Entry | None:
    if width:
        name, value = line[:width].strip(), line[width:]
        return None if " " in name else ("" if name in _WRAP else name, "|", f"{line[width - 1 : width] or ' '}{value}")
    framed = _FRAMED.match(line)
    line = framed[1] if framed else line
    if entry := _ENTRY.match(line):
        name, before, value = entry[1].strip(), entry[2], entry[3]
    elif more := _MORE.match(line):
        name, before, value = "", more[2], more[3]
    else:
        return None
    return name, before, value[:-1] if framed and value.endswith(" ") else value  # without the margin of the frame


def expanded_rows(
    lines: Iterator[tuple[int, str]], header: Header, result: ParseResult, named: tuple[str, ...]
) -> Iterator[Row]:
    """Records with the header's columns; a record stands on the line of the first column among `named` it has."""
    width = 0
    record = _Record(named)
    for number, line in lines:
        result.lines = number
        if not line.strip():
            result.blank += 1
            continue
        if is_expanded(line):
            yield from record.finish(header, result)
            width = max(len(name) for name in header.columns) + 1 if line.startswith("*") and header.columns else 0
            record = _Record(named, number, line)
        elif _RULE.match(line) or _FOOTER.match(line.strip()):
            record.lines += record.lines > 0
        elif not record.lines or not record.read(number, line, width):
            reject(Row(number, 1, line, []), result)
    yield from record.finish(header, result)


class _Record:
    """The columns of one record as they come; a value keeps its margins until the record ends."""

    def __init__(self, named: tuple[str, ...], line: int = 0, text: str = "") -> None:
        self.line, self.text, self.lines = line, text, int(line > 0)
        self._named = named
        self._found = False
        self._values: dict[str, str] = {}
        self._last = ""

    def read(self, number: int, line: str, width: int) -> bool:
        entry = _entry(line.rstrip("\r"), width)
        if entry is None or (not entry[0] and not self._last):
            return False
        self.lines += 1
        name, before, value = entry[0].lower(), entry[1], entry[2]
        if name:
            self._last = name
            self._values[name] = value
            if name in self._named and not self._found:
                self.line, self.text, self._found = number, line, True
        else:
            self._values[self._last] = self._joined(before, value)
        return True

    def _joined(self, before: str, value: str) -> str:
        """The value so far and its next line; the first character of each is the margin, or a mark of a wrap."""
        so_far = self._values[self._last]
        if before in ("|", "\u2502") and value[:1] in _WRAP and so_far.rstrip()[-1:] in _WRAP:
            return so_far.rstrip()[:-1] + value[1:]
        if before == ";":
            return so_far + value[1:]
        return without_mark(so_far).rstrip() + "\n" + value[1:]

    def finish(self, header: Header, result: ParseResult) -> Iterator[Row]:
        if not self.lines:
            return
        if set(self._values) == set(header.columns):
            yield Row(self.line, self.lines, self.text, [self._values[name].strip() for name in header.columns])
        else:
            reject(Row(self.line, self.lines, self.text, []), result)
