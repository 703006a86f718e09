"""Records of a drain: JSON objects one a line, in arrays, or each over several lines."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from telemetry.evidence import ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.ops_values import blank_lines
from telemetry.parsers.readers import JsonText
from telemetry.source import LINE_BYTES, Head, Source, is_overlong

_TEXT = 20_000  # of a record among others, to find what is quoted


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


@lru_cache(maxsize=2)  # several sniffers ask the same of the same file
def first_records(head: Head, most: int = 20) -> list[dict[str, Any]]:
    """The objects that the head holds whole, for sniffing; of those over several lines the first."""
    found: list[dict[str, Any]] = []
    for line in head.whole_lines[:most]:
        try:
            value = orjson.loads(line.removeprefix("\ufeff"))
        except orjson.JSONDecodeError:
            continue
        found += [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)]
        if len(found) >= most:
            break
    return found[:most] or _first_spread(head)


def _first_spread(head: Head) -> list[dict[str, Any]]:
    at = head.text.find("{")
    if at < 0 or head.text[:at].strip("\ufeff [\t\r\n"):
        return []
    try:
        value, _ = json.JSONDecoder().raw_decode(head.text, at)
    except (ValueError, RecursionError):
        return []
    return [value] if isinstance(value, dict) else []


def records_of(source: Source, result: ParseResult) -> Iterator[JsonRecord]:
    """Every object; lines that are no JSON are rejected. ParseError when a document is broken."""
    first = next((line for line in source.head().lines if line.strip("\ufeff \t\r")), "").strip("\ufeff \t\r")
    if first in ("[", "[{"):
        yield from _document(source, result)
    elif first == "{":
        yield from _spread(source, result)
    else:
        yield from _lines(source, result)


def _lines(source: Source, result: ParseResult) -> Iterator[JsonRecord]:
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
            yield JsonRecord(result.lines, line if alone else line[at : at + _TEXT], content, alone)
        source.records = result.records


def _spread(source: Source, result: ParseResult) -> Iterator[JsonRecord]:
    """Objects one after the other, each from a line "{" to a line "}"; one that is broken costs its lines."""
    held: list[str] = []
    size = 0
    for result.lines, raw in source.lines():
        line = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        blank = not line.strip()
        result.blank += blank
        if not held and line.rstrip() != "{":
            if not blank:
                result.reject(result.lines, readers.quote(line[:600], result))
            continue
        held.append(line)
        size += len(line)
        if line.rstrip() == "}" or size > LINE_BYTES:
            yield from _close(held, result)
            held, size = [], 0
    yield from _close(held, result)


def _close(held: list[str], result: ParseResult) -> Iterator[JsonRecord]:
    filled = sum(bool(line.strip()) for line in held)
    start = result.lines - len(held) + 1
    try:
        value = orjson.loads("\n".join(held)) if held else None
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict):
        result.records_lines += filled
        yield _Spread(start, "\n".join(held), value, False)
    elif held:
        result.reject(start, readers.quote(held[0], result))
        result.rejected += filled - 1


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
    for one in document.members(document.start):
        if isinstance(one.value, dict):
            yield _Spread(document.line(one.at), document.text[one.at : one.at + _TEXT], one.value, False)


class _Spread(JsonRecord):
    """A record over several lines: a member stands on its own line."""

    def quote(self, key: str, result: ParseResult) -> Place:
        place = JsonRecord.quote(self, key, result)
        at = self.text.find(f'"{key}"')
        return Place(self.line + self.text.count("\n", 0, max(at, 0)), place.quote)
