"""Route lists as programs print them: "GET /path" a line, or express-list-endpoints by console.log or console.table."""

import re
from collections.abc import Iterator

from telemetry.evidence import ParseResult
from telemetry.parsers import readers
from telemetry.parsers.next_build import uncoloured
from telemetry.parsers.routes_inventory import Inventory

_VERBS = r"(?:GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD|ALL)"
# A status or a time behind the path makes it a line of a log; a handler's name does not.
_LINE = re.compile(rf"^\W{{0,4}}({_VERBS}(?:[,|] ?{_VERBS})*)\s+(/[^\s?]*)(?:\s+[^\d\s\"-].*)?$")
_TABLE = re.compile(rf"^\u2502 \d+ +\u2502 '(/[^']*)' +\u2502 \[ ('{_VERBS}'(?:, '{_VERBS}')*) \]")
_PRINTED = re.compile(r"\A\s*\[\s*\{\s*path: '")
_ENTRY = re.compile(rf"path: '(/[^']*)',\s+methods: \[\s*('{_VERBS}'(?:,\s*'{_VERBS}')*)\s*\]")


def claims(text: str) -> bool:
    """Whether at least four of five lines are a method and a path, or a text is such a list printed by Node.js."""
    if _PRINTED.match(text) or any(map(_TABLE.match, text.split("\n", 6)[:6])):
        return True
    start = text[:20_000]
    if not any(verb in start for verb in ("GET", "POST", "ALL", "PUT", "DELETE", "PATCH")):
        return False
    lines = [line for line in uncoloured(text).split("\n", 200)[:200] if line.strip()]
    if not any(_LINE.match(line.rstrip()) for line in lines[: 1 + len(lines) // 5]):
        return False  # among so many at least one is a route, if enough are
    return len(lines) > 1 and sum(bool(_LINE.match(line.rstrip())) for line in lines) * 5 >= len(lines) * 4


def read(raw: bytes, result: ParseResult) -> None:
    """Every pair of methods and a path; lines that are neither it nor a frame are rejected."""
    text = raw.decode("utf-8", "replace").removeprefix("\ufeff")
    routes = Inventory(result)
    lines = text.split("\n")
    lines = lines[:-1] if not lines[-1] else lines
    result.lines, result.blank = len(lines), sum(not line.strip() for line in lines)
    if _PRINTED.match(text):
        result.carrier = "express-printed"
        found = _printed(text)
    else:
        result.carrier = "route-lines"
        found = _by_line(lines, result)
    for line, path, methods in found:
        place = readers.place(line, lines[line - 1].rstrip("\r"), result)
        routes.add(path, place, api=True, methods=[verb for verb in methods if verb != "ALL"])
    routes.finish()
    result.records_lines = result.lines - result.blank - result.rejected
    result.notes.append("Every route of this list counts as an API route: it does not tell pages apart.")


def _printed(text: str) -> Iterator[tuple[int, str, list[str]]]:
    for entry in _ENTRY.finditer(text):
        yield text.count("\n", 0, entry.start()) + 1, entry[1], re.findall(r"\w+", entry[2])


def _by_line(lines: list[str], result: ParseResult) -> Iterator[tuple[int, str, list[str]]]:
    for number, line in enumerate(lines, 1):
        plain = uncoloured(line).rstrip()
        if row := _TABLE.match(plain):
            yield number, row[1], re.findall(r"\w+", row[2])
        elif found := _LINE.match(plain):
            yield number, found[2], re.findall(r"[A-Z]+", found[1])
        elif plain and not plain.startswith(("\u250c", "\u251c", "\u2514", "\u2502 (index)")):
            result.reject(number, readers.quote(plain, result))
