"""Records of a drain: one JSON object a line, an array a line, or one document with an array, pretty or not."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from telemetry.evidence import ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.http_head import head_of
from telemetry.parsers.ops_values import blank_lines
from telemetry.parsers.readers import JsonText
from telemetry.source import Head, Source, is_overlong


@dataclass(slots=True)
class JsonRecord:
    """One object, the line it starts on and the text from there; `alone` when the line holds nothing else."""

    line: int
    text: str
    content: dict[str, Any]
    alone: bool

    def quote(self, key: str, result: ParseResult) -> Place:
        """One member of the object as a Place, and nothing beside it: a record also holds who and where."""
        value = self.content.get(key)
        plain = not isinstance(value, dict | list)
        written = re.escape(json.dumps(value, ensure_ascii=False)) if isinstance(value, str) else r"[-\d.eE+]+"
        found = re.search(rf'"{re.escape(key)}"\s*:\s*{written if plain else ""}', self.text)
        return readers.place(self.line, found[0] if found else "", result)

    def reject(self, result: ParseResult) -> None:
        """The object is no record of this format; its line counts as rejected if it holds nothing else."""
        if self.alone:
            result.records_lines -= 1
            readers.reject_line(self.line, self.text[:600], result)


def first_records(head: Head, most: int = 20) -> list[dict[str, Any]]:
    """The objects that the head holds whole, for sniffing; of a pretty document none."""
    found: list[dict[str, Any]] = []
    for line in head.whole_lines[:most]:
        try:
            value = orjson.loads(line.removeprefix("\ufeff"))
        except orjson.JSONDecodeError:
            continue
        found += [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)]
        if len(found) >= most:
            break
    return found[:most]


def records_of(source: Source, result: ParseResult) -> Iterator[JsonRecord]:
    """Every object; lines that are no JSON are rejected. ParseError when a document is broken."""
    first = next((line for line in head_of(source).lines if line.strip("\ufeff \t\r")), "")
    if first.strip("\ufeff \t\r") in ("[", "{", "[{"):
        yield from _document(source, result)
        return
    for result.lines, raw in source.lines():
        line = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        if not line.strip():
            result.blank += 1
            continue
        objects = None if is_overlong(raw) else _objects(line)
        if objects is None:
            readers.reject_line(result.lines, line[:600], result)
            continue
        result.records_lines += 1
        alone = len(objects) == 1
        for at, content in objects:
            yield JsonRecord(result.lines, line[at : at + 20_000], content, alone)
        source.records = result.records


def _objects(line: str) -> list[tuple[int, dict[str, Any]]] | None:
    """Objects of a line with the place where each begins; None when it is no JSON, or holds none."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if isinstance(value, dict):
        return [(0, value)]
    if not isinstance(value, list) or not value:
        return None
    document = JsonText(line.encode())
    return [(one.at, one.value) for one in document.members(document.start) if isinstance(one.value, dict)] or None


def _document(source: Source, result: ParseResult) -> Iterator[JsonRecord]:
    document = JsonText(source.read())
    result.lines, result.blank = document.lines, blank_lines(document)
    result.records_lines = result.lines - result.blank
    if isinstance(document.value, dict):
        yield JsonRecord(document.line(document.start), document.text[document.start :], document.value, False)
        return
    for one in document.members(document.start):
        if isinstance(one.value, dict):
            yield _Spread(document.line(one.at), document.text[one.at : one.at + 20_000], one.value, False)


class _Spread(JsonRecord):
    """A record over several lines: a member stands on its own line."""

    def quote(self, key: str, result: ParseResult) -> Place:
        place = JsonRecord.quote(self, key, result)
        at = self.text.find(f'"{key}"')
        return Place(self.line + self.text.count("\n", 0, max(at, 0)), place.quote)
