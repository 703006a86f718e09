"""A table as `psql -A` prints it: fields with a bar between them, nothing quoted, and a footer."""

import re
from collections.abc import Iterator

from telemetry.evidence import ParseResult
from telemetry.parsers.readers import Header, Row, reject

_NAME = re.compile(r"[A-Za-z_?][\w ?.()%/-]*\Z")
_FOOTER = re.compile(r"\(\d+ rows?\)\s*\Z|Time: [\d.]+ ms")
_ANY = re.compile("")
_VALUE = re.compile(r"[\w.:+\- /\[\]{},@%()]*\Z")  # what a column that is no free text holds
_NUMBER = re.compile(r"(?:[-+]?\d[\w.:+\- /]*|[tf]|\[?null\]?|)\Z", re.I)  # what stands behind the text, but for these:
_WORDS = frozenset({"backend_type", "state", "wait_event", "wait_event_type"})
# Columns that hold SQL or a message; names in other columns hold neither bars nor line ends.
_STATEMENTS = frozenset(
    {"query", "query_text", "qry", "query_snippet", "current_query", "waits", "holds", "last_error"}
    | {"blocked_statement", "blocked_query", "blocking_statement", "blocking_query"}
    | {"current_statement_in_blocking_process"}
)
_MAX_LINES = 20_000


def find_header(line: str) -> Header | None:
    """The header in a line, None when it has no two names with a bar between them."""
    names = line.rstrip().split("|")
    if len(names) < 2 or not all(map(_NAME.match, names)):
        return None
    return Header([name.strip().lower() for name in names], ",")


def unaligned_rows(
    lines: Iterator[tuple[int, str]], header: Header, result: ParseResult, texts: tuple[str, ...]
) -> Iterator[Row]:
    """Records. Columns named in `texts` are free text; the first of them may also hold bars and line ends."""
    shape = _Shape(header.columns, texts)
    kept: list[str] = []
    start = 0
    for number, line in lines:
        result.lines = number
        if _FOOTER.match(line.strip()):
            continue
        if not line.strip() and not kept:
            result.blank += 1
            continue
        if kept and shape.done(kept, line):
            yield from _row(start, kept, shape, result)
            kept = []
        start = start if kept else number
        kept.append(line)
    if kept:
        yield from _row(start, kept, shape, result)


def _row(start: int, kept: list[str], shape: "_Shape", result: ParseResult) -> Iterator[Row]:
    blank = 0
    while len(kept) > 1 and not kept[-1].strip():
        kept.pop()
        blank += 1
    result.blank += blank
    fields = shape.split("\n".join(kept))
    row = Row(start, len(kept), kept[0], fields or [])
    if fields is None:
        reject(row, result)
    else:
        yield row


class _Shape:
    """How a record splits into fields: how many there are, which may hold anything, what the others look like."""

    def __init__(self, columns: list[str], texts: tuple[str, ...]) -> None:
        self._count = len(columns)
        statements = [name for name in texts if name in columns and name in _STATEMENTS]
        self._at = min(map(columns.index, statements), default=None)
        behind = columns[self._at + 1 :] if self._at is not None else []
        self._forms = [_ANY if name in texts else _VALUE if name in _WORDS else _NUMBER for name in behind]

    def done(self, kept: list[str], line: str) -> bool:
        """Whether the record so far is whole and the next line does not belong to it."""
        if self._at is None or len(kept) >= _MAX_LINES or len(kept[0].split("|")) <= self._at:
            return True
        # Where the text is the last column, only a line that looks like a record of its own ends it.
        return self.split("\n".join(kept)) is not None and (bool(self._forms) or self.split(line) is not None)

    def split(self, record: str) -> list[str] | None:
        """The fields, the free text put together again; None when they are not complete."""
        fields, at = record.split("|"), self._at
        if len(fields) < self._count or (len(fields) > self._count and at is None):
            return None
        if at is not None:
            behind = len(self._forms)
            head, tail = fields[:at], fields[len(fields) - behind :] if behind else []
            middle = "|".join(fields[at : len(fields) - behind])
            if not all(map(_VALUE.match, head)) or not all(
                form.match(field) for form, field in zip(self._forms, tail, strict=True)
            ):
                return None
            fields = [*head, middle, *tail]
        return [field.strip() for field in fields]
