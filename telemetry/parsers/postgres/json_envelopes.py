"""Logs of managed services as JSON: one object a line, a list, or a document with a list in it."""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.postgres.carrier import Carrier
from telemetry.parsers.postgres.enveloped import EnvelopeReader
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.jsonlog import split_lines
from telemetry.parsers.postgres.prefix import AFTER_SEVERITY
from telemetry.parsers.postgres.quotes import KEPT_BYTES
from telemetry.parsers.postgres.replay import Replayed
from telemetry.parsers.postgres.shapes import SHAPES, Shape, listed, shape_of
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Head, Source

_EXPLORER_ROWS = 1_000
_FAR = 200
_ANY = ("cloudwatch",)  # here an event may hold the rest of the one before it
# One of these stands in what any service writes: to ask for them is far cheaper than to read a document.
_SIGNS = ("cloudsql_database", "PostgreSQLLogs", "logger", "event_message", "_msg")
_MESSAGES = ("message", "@message")  # only with a severity in them
CUT = "The export has exactly 1,000 rows, the most the Logs Explorer gives: what came after them is missing."


def shape_of_head(head: Head) -> Shape | None:
    """The service that wrote one of the first records of a file."""
    if not head.text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return None
    if head.quoted.isdisjoint(_SIGNS) and (head.quoted.isdisjoint(_MESSAGES) or AFTER_SEVERITY not in head.text):
        return None
    return next((shape for record in _first(head) if (shape := shape_of(record))), None)


def _first(head: Head) -> Iterator[Any]:
    """The first records: of lines that are whole, else of the document, as far as the head goes."""
    found = False
    for line in head.whole_lines[:20]:
        if (value := _loaded(line.encode("utf-8", "replace"))) is not None:
            found = True
            yield from listed(value)[1][:5]
    if not found:
        yield from _cut_records(head.text)


def _cut_records(text: str) -> Iterator[Any]:
    """Objects inside a document that may be cut: those in its outer list or in a list of its outer object."""
    decoder = json.JSONDecoder(strict=False)
    at = text.find("{", text.find("[") + 1) if "[" in text else -1
    for _ in range(20):
        if at < 0:
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value
        at = text.find("{", at)


def _loaded(line: bytes) -> Any:
    """A container in a line, None for anything else."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict | list) else None


def read_json(_: None, source: Source, result: ParseResult) -> Events:
    """Read a file of the service that its head shows."""
    source = Replayed(source)
    shape = shape_of_head(source.head())
    if shape is None:
        raise ParseError("No record of a known log service was found; export the server's log again.", 1)
    result.carrier = shape.carrier
    reader = EnvelopeReader(result, shape.carrier)
    by_line = _loaded(source.first_line) is not None and not (source.one_line and source.first_line[:1] == b"[")
    rows = _by_line(source, reader, shape) if by_line else _document(source, reader, shape)
    if shape.carrier == "supabase" and rows == _EXPLORER_ROWS:
        reader.remarks.append(CUT)
    return reader


def _by_line(source: Replayed, reader: EnvelopeReader, shape: Shape) -> int:
    rows = 0
    for lines in split_lines(source.blocks()):
        for line in lines:
            reader.result.lines += 1
            value = _loaded(line)
            if value is None and line.strip():
                reader.reject(reader.result.lines, line)
            elif value is None:
                reader.result.blank += 1
            elif len(listed(value)[1]) == 1:
                rows += 1
                _take(reader, shape, reader.result.lines, line, listed(value)[1][0])
            else:
                rows += _take_all(reader, shape, JsonText(line), reader.result.lines)
        source.records = reader.result.records
    return rows


def _take(reader: EnvelopeReader, shape: Shape, number: int, raw: bytes, record: Any) -> None:
    known = isinstance(record, dict) and (shape.carrier in _ANY or shape.fits(record))
    if not known or not shape.take(reader, number, raw, record):
        reader.skipped += 1
    elif len(reader.hosts) < 2:
        reader.see_host(shape.host(record))


def _document(source: Replayed, reader: EnvelopeReader, shape: Shape) -> int:
    text = JsonText(source.read())
    reader.result.lines = text.lines
    reader.result.blank = sum(not line.strip() for line in text.text.split("\n")[: text.lines])
    return _take_all(reader, shape, text, 1)


def _take_all(reader: EnvelopeReader, shape: Shape, text: JsonText, first: int) -> int:
    """Every record of a document that begins on the line `first`."""
    entries = _entries(text)
    for entry in entries:
        at = _message_at(text, entry, shape)
        start = text.text.rfind("\n", 0, at) + 1
        # In a document of one line the quote begins where the message does.
        raw = text.text[at if at - start > _FAR else start :][:KEPT_BYTES].partition("\n")[0].rstrip("\r")
        _take(reader, shape, first - 1 + text.line(at), raw.encode("utf-8", "replace"), entry.value)
    return len(entries)


def _entries(text: JsonText) -> list[Member]:
    name, _ = listed(text.value)
    if name:
        found = text.member(text.start, name)
        return text.members(found.value_at) if found else []
    if isinstance(text.value, list):
        return text.members(text.start)
    return [Member("", text.value, text.start, text.start)]


def _message_at(text: JsonText, entry: Member, shape: Shape) -> int:
    """Where the message of a record stands, or the record where it has none."""
    at, found = entry.value_at, entry.at
    for key in shape.path:
        member = text.member(at, key)
        if member is None:
            break
        at, found = member.value_at, member.at
    return found


def _sniff(head: Head) -> bool:
    return shape_of_head(head) is not None


JSON_ENVELOPES = Carrier(SHAPES[0].carrier, _sniff, read_json)
