"""A table as psql prints it aligned: border 0, 1 or 2, ASCII or Unicode, cells of several lines.

Markers at the right edge of a cell say that it goes on in the next line; see \\pset linestyle in
https://www.postgresql.org/docs/current/app-psql.html
"""

import re
import unicodedata
from collections.abc import Iterator

from telemetry.evidence import ParseResult
from telemetry.parsers.readers import Header, Row, reject

_RULE = re.compile(r"\s*[-+|\u2500-\u257f][-+|\s\u2500-\u257f]*\Z")
_JOINTS = re.compile("[+|\u253c\u251c\u2524\u252c\u256a\u2502\u2551]")
_FOOTER = re.compile(r"\(\d+ rows?\)\s*\Z|Time: [\d.]+ ms")
_NEWLINE, _WRAP = "+\u21b5", ".\u2026"
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

    def cells(self, line: str) -> list[tuple[str, str]] | None:
        """(text, marker) of each cell, None when the line does not fit the columns."""
        line = _widened(line.rstrip())
        if self.padded and not self._fits(line):
            return None
        last = len(self.spans) - 1
        return [
            _cell(line[start:] if at == last and not self.framed else line[start:end], end - start, self.padded)
            for at, (start, end) in enumerate(self.spans)
        ]

    def _fits(self, line: str) -> bool:
        """Whether bars stand between the cells."""
        inner = [end for _, end in self.spans[: None if self.framed else -1]]
        return all(end < len(line) and line[end] in "|:;\u2502\u2551" for end in inner)


def _cell(text: str, width: int, padded: bool) -> tuple[str, str]:
    full = text.ljust(width) if len(text) < width else text
    marker = full[width - 1 : width]
    if marker in _NEWLINE or marker in _WRAP:
        full = full[: width - 1]
    else:
        marker = ""
    return (full[1:] if padded else full).rstrip().replace("\0", ""), marker


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
        cells = columns.cells(lines[at - 1])
        names = [text.strip().lower() for text, _ in cells or []]
        if names and all(re.match(r"[a-z_?][\w ?.()%/-]*\Z", name) for name in names):
            return Header(names, ","), columns, at + 1
    return None


def aligned_rows(
    lines: Iterator[tuple[int, str]], header: Header, columns: Columns, result: ParseResult
) -> Iterator[Row]:
    """Records; a line that does not fit the columns is rejected."""
    open_row: Row | None = None
    joins: list[str] = []
    for number, line in lines:
        result.lines = number
        if not line.strip():
            result.blank += 1
            continue
        if _FOOTER.match(line.strip()) or _RULE.match(line):
            continue
        cells = columns.cells(line)
        if cells is None:
            reject(Row(number, 1, line, []), result)
            continue
        texts = [text for text, _ in cells]
        if open_row is not None:
            fields = [
                f"{field}{join}{text if join or text else ''}" if join or text.strip() else field
                for field, join, text in zip(open_row.fields, joins, texts, strict=True)
            ]
            open_row = Row(open_row.line, open_row.span + 1, open_row.text, fields)
        else:
            open_row = Row(number, 1, line, texts)
        markers = [marker for _, marker in cells]
        if any(markers) and open_row.span < _MAX_LINES:
            joins = ["\n" if marker and marker in _NEWLINE else "" for marker in markers]
            continue
        yield Row(open_row.line, open_row.span, open_row.text, [field.strip() for field in open_row.fields])
        open_row = None
    if open_row is not None:
        reject(open_row, result)
