"""A plan out of the frame a tool put around it: psql's borders, a spreadsheet's quotes, a terminal's line breaks."""

import re
from collections.abc import Iterator

from telemetry.parsers.readers import without_mark

_FRAME = re.compile(r"\s?[|\u2502](.*)[|\u2502]\s*\Z")
_QUOTED = re.compile(r'\s*"(.*)"[,;]?\s*\Z')
_NOISE = re.compile(
    r"[-+=|\s\u2500-\u257f]*\Z|\"?\s*QUERY PLAN\s*\"?[,;]?\Z|\(\d+ rows?\)\Z|Time: [\d.]+ ms.*|SET\Z|```\w*\Z|EXPLAIN\Z"
    r"|[-\u2500]\[ RECORD \d+ \].*"
)
_EXPANDED = re.compile(r"(?:QUERY PLAN)?\s*[|\u2502] ")
_JOINS = 3
_WRAPS = 2_000
_MARKS = (".", "\u2026")
_LITERAL = re.compile(r"'(?:[^']|'')*'")


def unframed(lines: list[str]) -> list[str]:
    """Line for line what the tool framed; a line that is only frame, or empty, becomes ""."""
    return [_inside(line.rstrip("\r")) for line in lines]


def _inside(line: str) -> str:
    text = line.removeprefix("\ufeff")
    if _NOISE.match(text.strip()):
        return ""
    for pattern in (_FRAME, _QUOTED):
        if found := pattern.match(text):
            text = found[1].replace('""', '"') if pattern is _QUOTED else found[1]
    if found := _EXPANDED.match(text):
        text = text[found.end() :]
    return "" if _NOISE.match(text.strip()) else text


def document(lines: list[str]) -> tuple[str, bool]:
    """The lines of JSON without frames, and whether its quotes were doubled by CSV."""
    doubled = any('""Plan""' in line or '""Node Type""' in line for line in lines)
    if doubled:
        inner = [line.replace('""', "\0").replace('"', "").replace("\0", '"') for line in lines]
        return "\n".join("" if _NOISE.match(line.strip()) else line for line in inner), True
    return "\n".join(_json_line(line) for line in lines), False


def _json_line(line: str) -> str:
    text = line.removeprefix("\ufeff").rstrip("\r")
    if found := _FRAME.match(text):
        text = found[1]
    text = without_mark(text)
    if found := _EXPANDED.match(text):
        text = text[found.end() :]
    return "" if _NOISE.match(text.strip()) else text


def rejoined(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """(number from 1, text, line to quote) with nodes that a mail or a terminal broke put together again."""
    at = 0
    while at < len(lines):
        text, taken = lines[at], 1
        while at + taken < len(lines) and taken < _WRAPS and _is_wrapped(text, lines[at + taken]):
            text = text.rstrip()[:-1] + lines[at + taken][1:]
            taken += 1
        while taken <= _JOINS and at + taken < len(lines) and _is_broken(text, lines[at + taken]):
            text = f"{text.rstrip()} {lines[at + taken].strip()}"
            taken += 1
        yield at + 1, text, lines[at]
        at += taken


def _is_wrapped(text: str, below: str) -> bool:
    """Whether psql wrapped a line (\\pset format wrapped): the same mark ends it and starts the line below."""
    return below[:1] in _MARKS and text.rstrip()[-1:] == below[:1]


def _is_broken(text: str, below: str) -> bool:
    """Whether a node's figures go on in the line below."""
    if len(text) > 2_000 or not re.search(r"\((?:cost|actual)\b", text) or not below.strip():
        return False
    if below.lstrip().startswith(("(actual ", "(never ")):
        return True
    bare = _LITERAL.sub("", text)
    return bare.count("(") > bare.count(")") and not re.match(r"\s*(?:->|[A-Z][\w ]+:)", below)
