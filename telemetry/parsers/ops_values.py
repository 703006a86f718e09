"""What the carriers of operations (incidents, deployments, payments) read alike: moments, severities, rows."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from telemetry.evidence import ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.readers import JsonText, Member, Row
from telemetry.redaction import MARK

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?\Z")
_EPOCH = re.compile(r"\d{10}(?:\.\d+)?\Z|\d{13}\Z")
# Columns that name a person. Their values are never quoted.
_PERSON = re.compile(
    r"user|owner|respond|assign|creator|lead|report(?:er|ed by)|acknowledged.?by|closed.?by|resolved.?by|author|actor"
    r"|customer|e-?mail|phone|api_?key"
)
SEVERITIES = {
    "high": {"critical", "high", "major", "p0", "p1", "sev0", "sev1", "s0", "s1", "urgent", "blocker"},
    "medium": {"medium", "moderate", "minor", "p2", "p3", "sev2", "s2", "warning"},
    "low": {"low", "none", "informational", "info", "maintenance", "p4", "p5", "sev3", "sev4", "sev5", "s3", "s4"},
}


def read_time(value: Any) -> datetime | None:
    """A moment in ISO 8601 or seconds or milliseconds since 1970; None when empty.

    Without a time zone the answer is naive: a clock that nobody named. ValueError for anything else (01/02/2025).
    """
    text = str(value).strip() if value is not None and not isinstance(value, bool) else ""
    if readers.is_null(text) or text in ("0", "-", "N/A"):
        return None
    if _EPOCH.match(text):
        seconds = float(text) / (1_000 if len(text) == 13 and "." not in text else 1)
        return datetime.fromtimestamp(seconds, UTC)
    found = _ISO.match(text)
    if found is None:
        raise ValueError(f"{text[:40]} is no moment with a year first")
    moment = datetime.fromisoformat(f"{found[1]} {found[2]}")
    if not 1990 <= moment.year < 2200:
        raise ValueError(f"{text[:40]} is no year of an operation")
    if found[3]:
        moment += timedelta(microseconds=int(found[3][:6].ljust(6, "0")))
    return moment.replace(tzinfo=_zone(found[4])) if found[4] else moment


def _zone(text: str) -> timezone:
    if text[0] not in "+-":
        return UTC
    shift = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-shift if text[0] == "-" else shift)


def is_amount(value: object) -> bool:
    """Whether a value is a number of a size that something is counted in: finite and below 10^15."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**15


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from start to end; None when one is unknown, only one has a zone, or the end comes first."""
    if start is None or end is None or (start.tzinfo is None) != (end.tzinfo is None):
        return None
    seconds = (end - start).total_seconds()
    return seconds if seconds >= 0 else None


def widen(result: ParseResult, *moments: datetime | None) -> None:
    """Stretch the file's period over moments whose zone is known."""
    for moment in moments:
        if moment is not None and moment.tzinfo is not None:
            at = moment.astimezone(UTC)
            result.first = min(result.first or at, at)
            result.last = max(result.last or at, at)


def severity_of(text: str) -> str | None:
    """One of three severities from what a tool calls severity, priority, urgency or impact; None when unknown."""
    words = re.sub(r"[\s_-]+", "", text.strip().lower())
    for name, known in SEVERITIES.items():
        if words in known or re.split(r"[:(/]", words)[0] in known:
            return name
    return None


def quote_row(row: Row, columns: Iterable[str], result: ParseResult) -> Place:
    """A CSV record's first line as a Place, without the values of columns that name a person."""
    text = row.text
    for column, value in zip(columns, row.fields, strict=True):
        if value.strip() and _PERSON.search(column):
            text, hidden = re.subn(rf"(?<![^,;\t\"]){re.escape(value)}(?![^,;\t\"])", MARK, text)
            result.redacted += 1
            if not hidden:
                return Place(row.line, MARK)
    return readers.place(row.line, text, result)


def hide_rejected(result: ParseResult, columns: Iterable[str]) -> None:
    """Take the text out of rejected samples when the file has a column that names a person, or holds a prompt."""
    if any(_PERSON.search(column) or column in ("input", "output") for column in columns):
        result.redacted += len(result.rejected_samples)
        result.rejected_samples = [Place(sample.line, MARK) for sample in result.rejected_samples]


def quote_member(document: JsonText, entry: Member, result: ParseResult) -> Place:
    """The key of an entry and its value, and nothing beside it: a line of JSON may hold names. Of a list the key."""
    line, _ = document.spot(entry.at)
    plain = not isinstance(entry.value, dict | list)
    end = entry.value_at + (len(json.dumps(entry.value, ensure_ascii=False)) if plain else 0)
    return readers.place(line, document.text[entry.at : end].partition("\n")[0].rstrip("\r"), result)


def blank_lines(document: JsonText) -> int:
    """Lines of a document with nothing on them; as everywhere, only LF ends a line."""
    return sum(not line.strip() for line in document.text.split("\n")[: document.lines])


def settle_lines(result: ParseResult) -> None:
    """Close the account of a document's lines; entries that were rejected on one line count as that line, once."""
    result.rejected = min(result.rejected, result.lines - result.blank)
    result.records_lines = result.lines - result.blank - result.rejected


def mean(values: list[float]) -> dict[str, float]:
    """Mean and largest of durations in seconds, by metric; empty without values."""
    return {"mean_s": sum(values) / len(values), "longest_s": max(values)} if values else {}
