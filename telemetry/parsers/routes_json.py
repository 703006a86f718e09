"""Route lists that other frameworks give as JSON: express-list-endpoints, and Django's show_urls --format json."""

import re

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.ops_values import blank_lines, settle_lines
from telemetry.parsers.readers import JsonText, Member
from telemetry.parsers.routes_inventory import Inventory, under_api

_EXPRESS = re.compile(r'\A\s*\[\s*\{\s*"path"\s*:\s*"[^"]*"\s*,\s*"methods"\s*:\s*\[')
_DJANGO = re.compile(r'\A\s*\[\s*\{\s*"url"\s*:\s*"[^"]*"\s*,\s*"module"\s*:\s*"')


def claims(text: str) -> bool:
    """Whether a file starts as a list of paths with their methods or views."""
    return bool(_EXPRESS.match(text) or _DJANGO.match(text))


def read(raw: bytes, result: ParseResult) -> None:
    """Every entry with a path; ParseError when the JSON is broken or lists none."""
    document = JsonText(raw)
    result.lines = document.lines
    express = bool(_EXPRESS.match(document.text))
    result.carrier = "express-list-endpoints" if express else "django-urls-json"
    routes = Inventory(result)
    for entry in document.members(document.start):
        if express:
            _express(entry, document, routes, result)
        else:
            _add(entry, "url", document, routes, result, api=False, methods=[])
    if not routes.found:
        raise ParseError("The JSON lists no route; send the list as the framework prints it.", 1)
    routes.finish()
    result.blank = blank_lines(document)
    settle_lines(result)


def _express(entry: Member, document: JsonText, routes: Inventory, result: ParseResult) -> None:
    methods = entry.value.get("methods") if isinstance(entry.value, dict) else None
    verbs = [str(verb) for verb in methods] if isinstance(methods, list) else []
    _add(entry, "path", document, routes, result, api=True, methods=verbs)


def _add(
    entry: Member,
    key: str,
    document: JsonText,
    routes: Inventory,
    result: ParseResult,
    *,
    api: bool,
    methods: list[str],
) -> None:
    path = document.member(entry.value_at, key)
    if path is None or not isinstance(path.value, str) or not path.value.startswith("/"):
        result.reject(document.line(entry.at), document.place(entry.at, result).quote)
    else:
        routes.add(path.value, document.place(path.at, result), api=api or under_api(path.value), methods=methods)
