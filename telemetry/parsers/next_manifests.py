"""Manifests of a Next.js build: which routes it made, and how long their functions may run.

Each is read for what it holds; only app-path-routes-manifest.json lists every route of the App Router.
"""

import re

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers.ops_values import blank_lines, is_amount, settle_lines
from telemetry.parsers.readers import JsonText, Member
from telemetry.parsers.routes_inventory import Inventory, under_api

HOW = "Build the application and send .next/app-path-routes-manifest.json."
# Other files of the same build, told by their keys, and what they are.
LOOKALIKES = (
    (re.compile(r'"encryptionKey"\s*:\s*"'), "server-reference-manifest.json, which holds a key: delete the upload"),
    (re.compile(r'"rootMainFiles"\s*:|"polyfillFiles"\s*:'), "build-manifest.json, which lists files, not routes"),
)
_PRERENDER = re.compile(r'\A\s*\{\s*"version"\s*:\s*\d+\s*,\s*"routes"\s*:\s*\{')
_MIDDLEWARE = re.compile(r'"sortedMiddleware"\s*:')
_APP_PATHS = re.compile(r'\A\s*\{\s*"/[^"]*(?:/route|/page)"\s*:\s*"app[/-]|\A\s*\{\s*"/page"\s*:\s*"app[/-]')
_GROUP = re.compile(r"/\([^()/]+\)(?=/)|/@[^/]+(?=/)")
_PATHS = re.compile(r'\A\s*\{\s*"/[^"\\]*(?:/route|/page)"\s*:\s*"/')
_PAGES = re.compile(r'\A\s*\{\s*"/[^"\\]*"\s*:\s*"pages/')
_ROUTES = re.compile(r'"(?:dynamicRoutes|staticRoutes)"\s*:\s*\[')
_FUNCTIONS = re.compile(r'\A\s*\{\s*"version"\s*:\s*\d+\s*,\s*"functions"\s*:\s*\{\s*(?:"/|\})')


def claims(text: str) -> bool:
    """Whether a file starts as one of the manifests, those that are refused by name included."""
    return text.lstrip().startswith("{") and (
        any(pattern.match(text) for pattern in (_PATHS, _PAGES, _FUNCTIONS, _PRERENDER, _APP_PATHS))
        or ("sortedMiddleware" in text and bool(_MIDDLEWARE.search(text)))
        or ('"version"' in text and 'Routes"' in text and bool(_ROUTES.search(text)))
        or lookalike(text) is not None
    )


def lookalike(text: str) -> str | None:
    """What another file of the build is that is not read."""
    if not text.lstrip().startswith("{"):
        return None
    if not any(key in text for key in ("encryptionKey", 'Files"')):
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
    if _PRERENDER.search(text):
        _read_prerender(document, routes, result)
    elif _MIDDLEWARE.search(text):
        _refuse_middleware(document)
    elif _APP_PATHS.search(text):
        _read_app_paths(document, routes, result)
    elif _ROUTES.search(text):
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


def _read_app_paths(document: JsonText, routes: Inventory, result: ParseResult) -> None:
    """app-paths-manifest.json: the same names with their groups and slots, to files."""
    result.carrier = "app-paths-manifest"
    for entry in document.members(document.start):
        path, _, suffix = entry.key.rpartition("/")
        if suffix not in ("route", "page") or not entry.key.startswith("/"):
            _reject(entry, document, result)
        else:
            routes.add(
                _GROUP.sub("", f"{path}/").rstrip("/") or "/", document.place(entry.at, result), api=suffix == "route"
            )
    result.notes.append("Routes of the App Router only; a pages/ folder is listed in .next/server/pages-manifest.json.")


def _read_prerender(document: JsonText, routes: Inventory, result: ParseResult) -> None:
    """prerender-manifest.json: what the build rendered, and after how many seconds it is rendered again.

    Only the entries are quoted, never the line: a manifest on one line ends with the keys of its preview mode.
    """
    result.carrier = "prerender-manifest"
    listed = document.member(document.start, "routes")
    for entry in document.members(listed.value_at) if listed else []:
        again = document.member(entry.value_at, "initialRevalidateSeconds")
        if not isinstance(entry.value, dict) or not entry.key.startswith("/") or again is None:
            result.reject(document.line(entry.at), f'"{entry.key[:80]}"')
            continue
        seconds = float(again.value) if is_amount(again.value) else None
        place = Place(document.line(again.at), document.text[again.at : again.value_at + len(str(again.value))])
        if "\n" in place.quote:
            place = Place(document.line(again.at), '"initialRevalidateSeconds":')
        source = entry.value.get("srcRoute")
        path = source if isinstance(source, str) and source.startswith("/") else entry.key
        routes.add(
            path,
            place,
            api=entry.value.get("routeType") == "route" or under_api(entry.key),
            metrics={} if seconds is None else {"revalidate_s": seconds},
            rendered="isr" if seconds is not None else "ssg" if "[" in path else "static",
        )
    result.notes.append("Only routes that the build rendered are in this manifest. Its preview keys were left out.")


def _refuse_middleware(document: JsonText) -> None:
    """middleware-manifest.json lists no route; say before which paths the middleware runs."""
    found = re.findall(r'"originalSource"\s*:\s*"([^"]{1,100})"', document.text)
    shown = f" Middleware runs before {', '.join(dict.fromkeys(found[:5]))}." if found else ""
    raise ParseError(f"This is middleware-manifest.json, which lists no routes.{shown} {HOW}", 1)


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
