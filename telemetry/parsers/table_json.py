"""Rows as JSON: an array, one object a line, the rows of a driver's result, or json_agg and row_to_json as printed."""

import json
import re
from collections.abc import Iterator
from typing import Any

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.readers import Header, JsonText, Row, without_mark

_NOISE = re.compile(
    r"[-+|\s\u2500-\u257f]*\Z|\(\d+ rows?\)\Z"
    r"|[|\u2502\s]*(?:jsonb?_agg|row_to_json|to_jsonb?|array_to_json|coalesce)[|\u2502\s]*\Z"
)
_WRAPS = frozenset(
    {"json_agg", "jsonb_agg", "row_to_json", "to_json", "to_jsonb", "array_to_json", "coalesce"}
    | {"rows", "data", "result", "results"}
)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d)(?::00)?\Z")
_KEY = re.compile(r'[{,]\s{0,200}"(\w{1,63})"\s?:')
_GAP = re.compile(r"[\s,]*")


def looks_like_json(lines: list[str]) -> bool:
    """Whether the first line that is no frame starts an object or an array."""
    first = next((text for line in lines if (text := unframed(line)).strip()), "")
    return first.lstrip().startswith(("{", "[{", "[ {")) or first.strip() == "["


def unframed(line: str) -> str:
    """A line of a JSON cell without what psql put around it."""
    text = line.removeprefix("\ufeff").rstrip("\r")
    framed = "|" in text or "\u2502" in text
    if framed and (found := re.match(r"\s?[|\u2502](.*)[|\u2502]\s*\Z", text)):
        text = found[1]
    return "" if _NOISE.match(text.strip()) else without_mark(text)


_TRIES = 4


def first_keys(text: str) -> list[str]:
    """The keys of the first row in a head, or those that stand in the head when it cuts that row."""
    clean = "\n".join(unframed(line) for line in text.split("\n"))
    start = clean.find("{")
    tries = 0  # each may read to the end of a head that is cut
    while 0 <= start < 2_000 and tries < _TRIES:
        tries += 1
        try:
            value, _ = json.JSONDecoder().raw_decode(clean, start)
        except (ValueError, RecursionError):
            start = clean.find("{", start + 1)
            continue
        inner = value
        while isinstance(inner, dict) and (wrapped := _wrapped(inner)):
            inner = wrapped[0] if isinstance(wrapped, list) else wrapped
        return [str(key).lower() for key in inner] if isinstance(inner, dict) else []
    return list(dict.fromkeys(key.lower() for key in _KEY.findall(clean)))


def _wrapped(value: dict[str, Any]) -> Any:
    """What an object only wraps: the rows of json_agg, of a driver's result."""
    return next((part for key, part in value.items() if key in _WRAPS and isinstance(part, list | dict)), None)


def json_rows(lines: list[str], result: ParseResult) -> tuple[Header, Iterator[Row]]:
    """The header (all keys, in order of appearance) and the rows; ParseError where the JSON is broken."""
    text = "\n".join(unframed(line) for line in lines)
    found = [entry for document in _documents(text) for entry in _objects(document, document.start)]
    columns = list(dict.fromkeys(str(key).lower() for _, _, value in found for key in value))
    result.lines = len(lines)
    result.blank = sum(not line.strip() for line in lines)
    return Header(columns, ","), (_row(line, shown, value, columns) for line, shown, value in found)


def _documents(text: str) -> Iterator[JsonText]:
    decoder, at, counted, before = json.JSONDecoder(), 0, 0, 0
    while True:
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        if at >= len(text):
            return
        before += text.count("\n", counted, at)
        counted = at
        try:
            _, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise ParseError(f"The JSON is broken or cut short: {error.msg}; export it again.", error.lineno) from error
        except RecursionError as error:
            raise ParseError("The JSON is nested deeper than rows are; export it again.", before + 1) from error
        yield JsonText(text[at:end].encode("utf-8", "replace"), before)
        at = end


def _objects(document: JsonText, at: int) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """(line, text there, row) for each object that is a row."""
    entries = document.members(at)
    if document.text[at] == "[":
        for entry in entries:
            if isinstance(entry.value, list) or (isinstance(entry.value, dict) and _wrapped(entry.value)):
                yield from _objects(document, entry.value_at)
            elif isinstance(entry.value, dict):
                yield *document.spot(entry.value_at), entry.value
        return
    wrapped = [entry for entry in entries if entry.key in _WRAPS and isinstance(entry.value, list | dict)]
    if wrapped:
        yield from _objects(document, wrapped[0].value_at)
    elif entries:
        yield *document.spot(at), {entry.key: entry.value for entry in entries}


def _row(line: int, shown: str, value: dict[str, Any], columns: list[str]) -> Row:
    fields = {str(key).lower(): _text(part) for key, part in value.items()}
    return Row(line, 1, shown, [fields.get(column, "") for column in columns])


def _text(value: Any) -> str:
    """A value as CSV would hold it, times too: JSON writes them with a T and minutes of offset."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    if not isinstance(value, str):
        return json.dumps(value)
    return f"{moment[1]} {moment[2]}" if (moment := _MOMENT.match(value)) else value
