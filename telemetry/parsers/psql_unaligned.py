"""A table as `psql -A` prints it: fields with a bar between them, nothing quoted, and a footer."""

import re
from collections.abc import Iterator

from telemetry.evidence import ParseResult
from telemetry.parsers.readers import Header, Row, reject

_NAME = re.compile(r"[A-Za-z_?][\w ?.()%/-]*\Z")
_FOOTER = re.compile(r"\(\d+ rows?\)\s*\Z|Time: [\d.]+ ms")
_VALUE = re.compile(r"[\w.:+\- /\[\]]*\Z")  # what a column that is no free text holds
_NUMBER = re.compile(r"(?:[-+]?\d[\w.:+\- /]*|[tf]|\[?null\]?|)\Z", re.I)  # what stands behind the text, but for these:
_WORDS = frozenset({"backend_type", "state", "wait_event", "wait_event_type"})
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
    """Records; only the columns named in `texts` may hold bars or line ends, and there may be one of them."""
    at = next((header.columns.index(name) for name in texts if name in header.columns), None)
    kept: list[str] = []
    start = 0
    for number, line in lines:
        result.lines = number
        if _FOOTER.match(line.strip()):
            continue
        if not line.strip() and not kept:
            result.blank += 1
            continue
        if not kept:
            start = number
        kept.append(line)
        fields = _split("\n".join(kept), header.columns, at)
        if fields is None and at is not None and len(kept) < _MAX_LINES and len(kept[0].split("|")) > at:
            continue
        row = Row(start, len(kept), kept[0], fields or [])
        kept = []
        if fields is None:
            reject(row, result)
        else:
            yield row
    if kept:
        reject(Row(start, len(kept), kept[0], []), result)


def _split(record: str, columns: list[str], text: int | None) -> list[str] | None:
    """The fields, the free text put together again; None when they are not complete."""
    fields, count = record.split("|"), len(columns)
    if len(fields) < count or (len(fields) > count and text is None):
        return None
    if text is not None:
        behind = count - text - 1
        head, tail = fields[:text], fields[len(fields) - behind :] if behind else []
        middle = "|".join(fields[text : len(fields) - behind])
        forms = [_VALUE if name in _WORDS else _NUMBER for name in columns[text + 1 :]]
        if not all(map(_VALUE.match, head)) or not all(
            form.match(field) for form, field in zip(forms, tail, strict=True)
        ):
            return None
        fields = [*head, middle, *tail]
    return [field.strip() for field in fields]
