"""What `next build` prints, Next.js 12 to 16: the table of routes with a sign for how each is rendered.

Terminals and CI add colours and times of day, Windows reads the signs in the wrong code page; Next.js 16 prints no
sizes, and no sign before a route whose pages are listed below it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.routes_inventory import Inventory, under_api

HOW = "Run npx next build > build.txt 2>&1 until it succeeds and send build.txt."
RENDERED = {
    "○": "static",
    "●": "ssg",
    "ƒ": "dynamic",
    "λ": "dynamic",
    "◐": "partial",
    "ℇ": "edge",
}
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_BOXES = "┌├└│─"


def _misread() -> dict[str, str]:
    """UTF-8 signs as code pages 437 and 1252 show them, and the signs."""
    wrong: dict[str, str] = {}
    for sign in (*_BOXES, *RENDERED):
        wrong[sign.encode().decode("cp437")] = sign
        # Windows gives the five bytes that code page 1252 leaves open their own number.
        wrong["".join(bytes([one]).decode("cp1252", "ignore") or chr(one) for one in sign.encode())] = sign
    return wrong


_WRONG = _misread()
_MISREAD = re.compile("|".join(map(re.escape, sorted(_WRONG, key=len, reverse=True))))
_CLOCK = re.compile(r"^\[?(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?\]?\s")
_TITLE = re.compile(r"^\s*(?:Route \((?:app|pages)\)|Page(?: \((?:app|pages)\))?\s+Size)(?:\s|$)")
_ROW = re.compile(r"^\s*[┌├└─]\s+(?:([○●ƒλ◐ℇ])\s+)?(?:\([A-Z]+\)\s+)?(/\S*)(.*)$")
_CHILD = re.compile(r"^\s*[│├└]?\s+[├└]\s")
_SIZE = re.compile(r"\s(\d{1,9}(?:\.\d+)?) (B|kB|MB)\s+(\d{1,9}(?:\.\d+)?) (B|kB|MB)(?:\s|$)")
_BYTES = {"B": 1.0, "kB": 1e3, "MB": 1e6}
_FAILED = re.compile(r"Build error occurred|Failed to compile|Build failed because of|Next\.js build worker exited")
_STARTED = re.compile(r"Creating an optimized production build|▲ Next\.js \d|Route \((?:app|pages)\)")
_STARTS = ("Creating an optimized", "Next.js ", "Route (")  # in every text above: to ask for them is far cheaper


@lru_cache(maxsize=2)  # three sniffers ask for the same text
def uncoloured(text: str) -> str:
    """A text without a terminal's colours."""
    return ANSI.sub("", text) if "\x1b" in text else text


def clean(line: str) -> str:
    """A line without colours and CI's clock, its signs repaired."""
    line = _CLOCK.sub("", ANSI.sub("", line), count=1)
    return _MISREAD.sub(lambda match: _WRONG[match[0]], line)


def claims(text: str) -> bool:
    """Whether a text is what a build prints, whole or from the table on."""
    if text.lstrip()[:1] in ("{", "[") and not _CLOCK.match(text.lstrip()):
        return False
    plain = uncoloured(text)
    return any(words in plain for words in _STARTS) and _STARTED.search(plain) is not None


def read(raw: bytes, result: ParseResult) -> None:
    """Routes of the table. Lines around it belong to the build and say nothing about routes; inside it, what is
    neither a route, a page of a route nor a size is rejected. ParseError when the build failed or was cut short.
    """
    result.carrier = "next-build"
    routes = Inventory(result)
    frozen = 0
    for line, text, row in _rows(raw.decode("utf-8", "replace").removeprefix("\ufeff"), result):
        sign, path, rest = row.groups()
        rendered = RENDERED.get(sign or "")
        is_frozen = rendered == "static" and under_api(path)
        frozen += is_frozen
        size = _SIZE.search(rest)
        routes.add(
            path,
            _place(line, text, path, result),
            api=under_api(path),
            metrics={"first_load_bytes": float(size[3]) * _BYTES[size[4]]} if size else None,
            rendered=rendered,
            frozen=True if is_frozen else None,
        )
    if not routes.found:
        raise ParseError(f"The build printed no table of routes: it was cut short. {HOW}", result.lines or 1)
    routes.finish()
    result.records_lines = result.lines - result.blank - result.rejected
    if frozen:
        result.notes.append(f"{frozen:,} API routes were made static by the build and answer alike until the next one.")
        result.enables.append("Handlers frozen at build time")


def _rows(text: str, result: ParseResult) -> Iterator[tuple[int, str, re.Match[str]]]:
    inside = seen = False
    failed: tuple[int, str] | None = None
    lines = text.split("\n")
    for number, raw in enumerate(lines[:-1] if not lines[-1] else lines, 1):
        result.lines = number
        line = clean(raw.removesuffix("\r"))
        if not line.strip():
            result.blank += 1
        elif _TITLE.match(line):
            inside = seen = True
        elif inside and (row := _ROW.match(line)):
            yield number, raw.removesuffix("\r"), row
        elif inside and line.startswith(tuple(_BOXES)) and not _known(line):
            readers.reject_line(number, ANSI.sub("", raw), result)
        elif line.startswith("+ First Load JS"):
            inside = False
        elif failed is None and _FAILED.search(line):
            failed = (number, line)
    if failed and not seen:
        said = readers.quote(failed[1].strip(), result)
        raise ParseError(f"The build failed ({said}), so it lists no routes. {HOW}", failed[0])


def _known(line: str) -> bool:
    return bool(_CHILD.match(line)) or "[+" in line or "chunks/" in line or "Middleware" in line


def _place(line: int, text: str, path: str, result: ParseResult) -> Place:
    """The part of a line between two colours that holds the path."""
    pieces = ANSI.split(text)
    return readers.place(line, next((piece for piece in pieces if path in piece), text), result)
