"""Route lists that other frameworks print: Rails, Django (django-extensions) and NestJS."""

import re
from collections.abc import Iterator

from telemetry.evidence import ParseResult
from telemetry.parsers import readers
from telemetry.parsers.next_build import ANSI, uncoloured
from telemetry.parsers.routes_inventory import Inventory, under_api

_VERBS = r"(?:GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD)"
_RAILS_TITLE = re.compile(r"^[ \t]*Prefix[ \t]+Verb[ \t]+URI Pattern[ \t]+Controller#Action", re.M)
_RAILS = re.compile(rf"^\s*(?:(?!{_VERBS}\b)[\w.]+\s+)?({_VERBS}(?:\|{_VERBS})*)?\s+((?:\([^)\s]*\))?/\S*)\s+(\S.*)$")
_RAILS_BLOCK = re.compile(r"^--\[ Route \d+ \]-+", re.M)
_RAILS_FIELD = re.compile(r"^(Prefix|Verb|URI|Controller#Action|Source Location)\s*\|\s?(.*)$")
_OPTIONAL = re.compile(r"\(\.:format\)|[()]")
_DJANGO = re.compile(r"^(/[^\t]*)\t([\w.<>$ -]+)(?:\t([\w:.-]*))?(?:\t.*)?$")
# The same after a terminal made blanks of the tabs: a view has a dot in its name.
_SPACED = re.compile(r"^(/\S*) +([\w<>$-]+(?:\.[\w<>$-]+)+)(?: +([\w:.-]+))?\s*$")
_NEST = re.compile(r"\[(?:RouterExplorer|RoutesResolver)\]")
_MAPPED = re.compile(r"Mapped \{([^,}]*), ([A-Z]+)\}(?: \(version: [^)]*\))? route")

Found = tuple[int, str, str, list[str]]  # line, text to quote, path, methods


def claims_rails(text: str) -> bool:
    """Whether a text is what `rails routes` prints, with or without --expanded."""
    if "Controller#Action" in text and _RAILS_TITLE.search(text):
        return True
    return "--[ Route " in text and "\nURI" in text and _RAILS_BLOCK.search(text) is not None


def claims_django(text: str) -> bool:
    """Whether at least four of five lines are a path, a view and a name with tabs, or blanks, between them."""
    if "\t" not in text and "\n/" not in text:
        return False
    lines = [line for line in text.split("\n", 200)[:200] if line.strip()]
    if not any(map(_django_row, lines[: 1 + len(lines) // 5])):
        return False  # among so many at least one is a route, if enough are
    return sum(map(bool, map(_django_row, lines))) * 5 >= len(lines) * 4


def _django_row(line: str) -> re.Match[str] | None:
    return _DJANGO.match(line.rstrip("\r")) or _SPACED.match(line)


def claims_nest(text: str) -> bool:
    """Whether a log tells which routes NestJS mapped."""
    if "Mapped" not in text:
        return False
    plain = uncoloured(text)
    return bool(_NEST.search(plain) and _MAPPED.search(plain))


def read_rails(raw: bytes, result: ParseResult) -> None:
    """Both forms; a redirect or a mounted engine is a route too."""
    result.carrier = "rails-routes"
    text = _text(raw)
    _collect(_rails_blocks(text, result) if _RAILS_BLOCK.search(text) else _rails(text, result), result)


def read_django(raw: bytes, result: ParseResult) -> None:
    """`manage.py show_urls`: no methods are told."""
    result.carrier = "django-urls"
    _collect(_django(_text(raw), result), result)


def read_nest(raw: bytes, result: ParseResult) -> None:
    """The start-up log; other lines of the log belong to it and say nothing about routes."""
    result.carrier = "nest-log"
    _collect(_nest(_text(raw), result), result, all_api=True)
    result.notes.append("Every route that NestJS maps counts as an API route: its log does not tell pages apart.")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").removeprefix("\ufeff")


def _collect(found: Iterator[Found], result: ParseResult, all_api: bool = False) -> None:
    routes = Inventory(result)
    for line, text, path, methods in found:
        routes.add(path, readers.place(line, text, result), api=all_api or under_api(path), methods=methods)
    routes.finish()
    result.records_lines = result.lines - result.blank - result.rejected


def _numbered(text: str, result: ParseResult) -> Iterator[tuple[int, str]]:
    """Lines that are not blank."""
    lines = text.split("\n")
    for result.lines, line in enumerate(lines[:-1] if not lines[-1] else lines, 1):
        if line.strip():
            yield result.lines, line.removesuffix("\r")
        else:
            result.blank += 1


def _rails(text: str, result: ParseResult) -> Iterator[Found]:
    for number, line in _numbered(text, result):
        if _RAILS_TITLE.match(line) or line.startswith("Routes for "):
            continue
        if row := _RAILS.match(line):
            yield number, line, _OPTIONAL.sub("", row[2]), row[1].split("|") if row[1] else []
        else:
            readers.reject_line(number, line, result)


def _rails_blocks(text: str, result: ParseResult) -> Iterator[Found]:
    verbs: list[str] = []
    for number, line in _numbered(text, result):
        field = _RAILS_FIELD.match(line)
        if _RAILS_BLOCK.match(line):
            verbs = []
        elif field is None and not line.startswith("["):
            readers.reject_line(number, line, result)
        elif field and field[1] == "Verb":
            verbs = field[2].split("|") if field[2].strip() else []
        elif field and field[1] == "URI" and "/" in field[2]:
            yield number, line, _OPTIONAL.sub("", field[2].strip()), [verb.strip() for verb in verbs]


def _django(text: str, result: ParseResult) -> Iterator[Found]:
    for number, line in _numbered(text, result):
        if row := _django_row(line):
            yield number, line, row[1], []
        else:
            readers.reject_line(number, line, result)


def _nest(text: str, result: ParseResult) -> Iterator[Found]:
    for number, line in _numbered(text, result):
        if row := _MAPPED.search(line):
            piece = next(one for one in [*ANSI.split(line), line] if row[0] in one)
            yield number, piece, row[1] if row[1].startswith("/") else f"/{row[1]}", [row[2]]
