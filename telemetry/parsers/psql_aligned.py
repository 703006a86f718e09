"""A table as psql prints it aligned: border 0, 1 or 2, ASCII or Unicode, cells of several lines.

Markers at the right edge of a cell say that it goes on in the next line; see \\pset linestyle in
https://www.postgresql.org/docs/current/app-psql.html
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from telemetry.evidence import ParseResult
from telemetry.parsers.readers import Header, Row, reject

_RULE = re.compile(r"\s*[-+|\u2500-\u257f][-+|\s\u2500-\u257f]*\Z")
_JOINTS = re.compile("[+|\u253c\u251c\u2524\u252c\u256a\u2502\u2551]")
_FOOTER = re.compile(r"\(\d+ rows?\)\s*\Z|Time: [\d.]+ ms")
_NEWLINE, _WRAP = "+\u21b5", ".\u2026"
_BARS = "|\u2502\u2551"
_MAX_LINES = 20_000  # of one record


class Columns:
    """Where the columns stand, from the rule below their names. `spans` are (start, end) with the cell's margins."""

    def __init__(self, rule: str) -> None:
        self.spans: list[tuple[int, int]] = []
        self.padded = bool(_JOINTS.search(rule))
        if self.padded:
            edges = [found.start() for found in _JOINTS.finditer(rule)]
            framed = bool(edges) and edges[0] == len(rule) - len(rule.lstrip())
            starts = [edge + 1 for edge in edges] if framed else [0, *(edge + 1 for edge in edges)]
            ends = edges[1:] if framed else [*edges, len(rule)]
            self.spans = list(zip(starts, ends, strict=False))
            self.framed = framed
        else:
            self.spans = [(found.start(), found.end() + 1) for found in re.finditer(r"[-\u2500]+", rule)]
            self.framed = False

    def cells(self, line: str) -> "Cells | None":
        """The cells of a line, None when it does not fit the columns."""
        line = _widened(line.rstrip())
        joins = self._joins(line) if self.padded else [""] * len(self.spans)
        if joins is None:
            return self._moved(line)
        last = len(self.spans) - 1
        found = [
            _cell(line[start:] if at == last and not self.framed else line[start:end], end - start, self.padded)
            for at, (start, end) in enumerate(self.spans)
        ]
        return Cells([text for text, _ in found], [marker for _, marker in found], joins)

    def _moved(self, line: str) -> "Cells | None":
        """The cells of a line whose bars stand elsewhere because somebody changed names in it, one for each column."""
        parts = line.split(" |") if self.padded and not self.framed else []
        if len(parts) != len(self.spans) or any(part[:1] not in ("", " ") for part in parts[1:]):
            return None
        return Cells([part.removeprefix(" ") for part in parts], [""] * len(parts), [""] * len(parts))

    def _joins(self, line: str) -> list[str] | None:
        """What stands in front of each cell; None where something else than a bar stands between two of them.

        old-ascii writes ":" or ";" in front of a cell that goes on, and a blank in front of one that does not.
        """
        bars = [line[end] if end < len(line) else " " for _, end in self.spans[: None if self.framed else -1]]
        between = bars[:-1] if self.framed else bars
        if all(bar in _BARS for bar in bars):
            return [""] * len(self.spans)
        if set(between) <= {" ", ":", ";", "|"} and set(between) & {":", ";"}:
            return ["", *between]
        return None


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one line: their text, the marker at the right edge of each, what stands in front of each.

    A marker says that the cell goes on in the next line; ":" or ";" in front says that this line goes on with the one
    before. Text is as wide as the cell, since a blank where a cell was wrapped belongs to it.
    """

    texts: list[str]
    markers: list[str]
    before: list[str]

    @property
    def goes_back(self) -> bool:
        """Whether this line belongs to the one before."""
        return any(self.before)


def _cell(text: str, width: int, padded: bool) -> tuple[str, str]:
    full = text.ljust(width) if len(text) < width else text
    marker = full[width - 1 : width]
    if marker in _NEWLINE or marker in _WRAP:
        full = full[: width - 1]
    else:
        marker = ""
    return (full[1:] if padded else full).replace("\0", ""), marker


class _Record:
    """A row that may go on in the next line."""

    def __init__(self, number: int, line: str, cells: Cells) -> None:
        self.line, self.span, self._text = number, 1, line
        self._texts, self._markers = cells.texts, cells.markers

    @property
    def goes_on(self) -> bool:
        """Whether a marker says that the next line belongs to this row."""
        return any(self._markers) and self.span < _MAX_LINES

    def add(self, cells: Cells) -> None:
        """Join the cells of the next line to those so far."""
        self.span += 1
        for at, text in enumerate(cells.texts):
            marker, before = self._markers[at], cells.before[at]
            if (marker and marker in _WRAP) or before == ";":
                # Without a marker the cell ends in its margin, which is no part of the text.
                self._texts[at] = (self._texts[at] if marker else self._texts[at][:-1]) + text
            elif marker or before == ":":
                self._texts[at] = f"{self._texts[at].rstrip()}\n{text}"
            elif text.strip():
                self._texts[at] += text
        self._markers = cells.markers

    def row(self) -> Row:
        """The row with what was read so far."""
        return Row(self.line, self.span, self._text, [text.strip() for text in self._texts])


def _widened(line: str) -> str:
    """The line with one character for each column of the screen: NUL stands behind a wide one, none for a mark."""
    if line.isascii():
        return line
    parts = []
    for char in line:
        if unicodedata.combining(char):
            continue
        parts.append(char + "\0" if unicodedata.east_asian_width(char) in "WF" else char)
    return "".join(parts)


def find_header(lines: list[str]) -> tuple[Header, Columns, int] | None:
    """The header, the columns, and how many lines belong to it; None when no rule stands below names."""
    for at in range(1, len(lines)):
        if (
            not _RULE.match(lines[at])
            or _RULE.match(lines[at - 1])
            or "-" not in lines[at] + "-" * ("\u2500" in lines[at])
        ):
            continue
        columns = Columns(lines[at].rstrip())
        # A copy out of a terminal may begin behind the blank that starts the line of names.
        cells = columns.cells(lines[at - 1]) or columns.cells(f" {lines[at - 1]}")
        names = [text.strip().lower() for text in cells.texts] if cells else []
        if names and all(re.match(r"[a-z_?][\w ?.()%/-]*\Z", name) for name in names):
            return Header(names, ","), columns, at + 1
    return None


def aligned_rows(
    lines: Iterator[tuple[int, str]], header: Header, columns: Columns, result: ParseResult
) -> Iterator[Row]:
    """Records; a line that does not fit the columns is rejected."""
    record: _Record | None = None
    for number, line in lines:
        result.lines = number
        if not line.strip():
            result.blank += 1
            continue
        if _FOOTER.match(line.strip()) or _RULE.match(line):
            continue
        cells = columns.cells(line)
        if cells is None or (cells.goes_back and record is None):
            reject(Row(number, 1, line, []), result)
        elif record is not None and (record.goes_on or cells.goes_back):
            record.add(cells)
        else:
            if record is not None:
                yield record.row()
            record = _Record(number, line, cells)
    if record is not None and record.goes_on:
        reject(record.row(), result)
    elif record is not None:
        yield record.row()
