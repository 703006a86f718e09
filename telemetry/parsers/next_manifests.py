"""Manifests of a Next.js build: which routes it made, and how long their functions may run.

Each is read for what it holds; only app-path-routes-manifest.json lists every route of the App Router.
"""

import re

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.ops_values import blank_lines, is_amount, settle_lines
from telemetry.parsers.readers import JsonText, Member
from telemetry.parsers.routes_inventory import Inventory, under_api

HOW = "Build the application and send .next/app-path-routes-manifest.json."
# Other manifests of the same build, told by their keys, and what they are.
LOOKALIKES = (
    (re.compile(r'"notFoundRoutes"\s*:'), "prerender-manifest.json, which also holds secrets"),
    (re.compile(r'"sortedMiddleware"\s*:'), "middleware-manifest.json, which also holds secrets"),
    (re.compile(r'\A\s*\{\s*"/[^"]*"\s*:\s*"app[/-]'), "app-paths-manifest.json, which holds files"),
)
_PATHS = re.compile(r'\A\s*\{\s*"/[^"\\]*(?:/route|/page)"\s*:\s*"/')
_PAGES = re.compile(r'\A\s*\{\s*"/[^"\\]*"\s*:\s*"pages/')
_ROUTES = re.compile(r'"(?:dynamicRoutes|staticRoutes)"\s*:\s*\[')
_FUNCTIONS = re.compile(r'\A\s*\{\s*"version"\s*:\s*\d+\s*,\s*"functions"\s*:\s*\{\s*(?:"/|\})')


def claims(text: str) -> bool:
    """Whether a file starts as one of the manifests, those that are refused by name included."""
    return text.lstrip().startswith("{") and (
        any(pattern.search(text) for pattern in (_PATHS, _PAGES, _FUNCTIONS))
        or (bool(_ROUTES.search(text)) and '"version"' in text)
        or lookalike(text) is not None
    )


def lookalike(text: str) -> str | None:
    """What another manifest is that is not read."""
    if not text.lstrip().startswith("{") or not ('"version"' in text or '"/' in text):
        return None
    return next((name for pattern, name in LOOKALIKES if pattern.search(text)), None)


def read(raw: bytes, result: ParseResult) -> None:
    """Every route of a manifest; ParseError names the right file when one was sent that cannot be used."""
    text = raw[:65_536].decode("utf-8", "replace").removeprefix("\ufeff")
    if other := lookalike(text):
        raise ParseError(f"This is {other}. {HOW}", 1)
    document = JsonText(raw)
    result.lines = document.lines
    routes = Inventory(result)
    if _ROUTES.search(text):
        _read_routes(document, routes, result)
    elif _FUNCTIONS.search(text):
        _read_functions(document, routes, result)
    elif _PAGES.search(text):
        _read_pages(document, routes, result)
    else:
        _read_paths(document, routes, result)
    if not routes.found:
        raise ParseError(f"The JSON lists no route. {HOW}", 1)
    routes.finish()
    result.blank = blank_lines(document)
    settle_lines(result)


def _reject(entry: Member, document: JsonText, result: ParseResult) -> None:
    result.reject(document.line(entry.at), document.place(entry.at, result).quote)


def _read_paths(document: JsonText, routes: Inventory, result: ParseResult) -> None:
    """app-path-routes-manifest.json: "/api/orders/[id]/route" (a handler) or "/orders/page" (a page) to its path."""
    result.carrier = "json"
    for entry in document.members(document.start):
        path, suffix = entry.value, entry.key.rpartition("/")[2]
        if not isinstance(path, str) or not path.startswith("/") or suffix not in ("route", "page"):
            _reject(entry, document, result)
        else:
            routes.add(path, document.place(entry.at, result), api=suffix == "route")
    result.notes.append("Routes of the App Router only; a pages/ folder is listed in .next/server/pages-manifest.json.")


def _read_pages(document: JsonText, routes: Inventory, result: ParseResult) -> None:
    """pages-manifest.json: a path to its file."""
    result.carrier = "pages-manifest"
    for entry in document.members(document.start):
        if not isinstance(entry.value, str) or not entry.key.startswith("/"):
            _reject(entry, document, result)
        else:
            routes.add(entry.key, document.place(entry.at, result), api=under_api(entry.key))
    result.notes.append("Routes of the pages/ folder only; the App Router's are in app-path-routes-manifest.json.")


def _read_routes(document: JsonText, routes: Inventory, result: ParseResult) -> None:
    """routes-manifest.json: what the router matches, which leaves out much of the App Router."""
    result.carrier = "routes-manifest"
    for name in ("staticRoutes", "dynamicRoutes"):
        listed = document.member(document.start, name)
        for entry in document.members(listed.value_at) if listed else []:
            page = document.member(entry.value_at, "page")
            if page is None or not isinstance(page.value, str) or not page.value.startswith("/"):
                _reject(entry, document, result)
            else:
                routes.add(page.value, document.place(page.at, result), api=under_api(page.value))
    result.notes.append(
        "This manifest can miss most API routes: send .next/app-path-routes-manifest.json too; both are then one list."
    )


def _read_functions(document: JsonText, routes: Inventory, result: ParseResult) -> None:
    """functions-config-manifest.json: routes with a setting of their own, among them how long they may run (s)."""
    result.carrier = "functions-config"
    functions = document.member(document.start, "functions")
    for entry in document.members(functions.value_at) if functions else []:
        if not isinstance(entry.value, dict) or not entry.key.startswith("/"):
            _reject(entry, document, result)
            continue
        limit = document.member(entry.value_at, "maxDuration")
        seconds = limit.value if limit and is_amount(limit.value) else None
        place = document.place(limit.at if limit and seconds is not None else entry.at, result)
        numbers = {} if seconds is None else {"max_duration_s": float(seconds)}
        routes.add(entry.key, place, api=under_api(entry.key), metrics=numbers)
    result.notes.append("Only routes that set a runtime or a time limit are in this manifest; it is no full list.")
