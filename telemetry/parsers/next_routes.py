"""Route inventory: the App Router's manifest of a Next.js build, `.next/app-path-routes-manifest.json`.

It maps "/api/orders/[id]/route" (a handler) or "/orders/page" (a page) to the path that visitors ask for.
"""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.readers import JsonText, Member
from telemetry.routes import route_of
from telemetry.source import Head, Source

HOW = "Build the application and send .next/app-path-routes-manifest.json."
# Pages that the framework adds by itself, and files that are no route of the application.
NOISE = frozenset({"/_not-found", "/_global-error", "/_error", "/_document", "/_app"})
_FILES = re.compile(
    r"/(?:favicon\.ico|icon\d*|apple-icon\d*|opengraph-image\d*|twitter-image\d*|[\w-]+\.(?:ico|png|jpg|svg)"
    r"|robots\.txt|sitemap\.xml|manifest\.(?:json|webmanifest))(?:-[0-9a-z]{6})?\Z"
)
WEBHOOK = frozenset({"webhook", "webhooks", "hook", "hooks", "callback", "callbacks"})
AUTH = frozenset(
    {"auth", "login", "signin", "sign-in", "logout", "signup", "sign-up", "register", "password", "forgot-password"}
    | {"reset-password", "session", "sessions", "oauth", "otp", "mfa", "token", "verify-email"}
)
# Other manifests of the same build, told by their keys, and what they are.
LOOKALIKES = (
    (re.compile(r'"(?:dynamicRoutes|staticRoutes)"\s*:\s*\[', re.ASCII), "routes-manifest.json, which misses routes"),
    (re.compile(r'"notFoundRoutes"\s*:'), "prerender-manifest.json, which also holds secrets"),
    (re.compile(r'\A\s*\{\s*"/[^"]*"\s*:\s*"app[/-]'), "app-paths-manifest.json, which holds files"),
    (re.compile(r'\A\s*\{\s*"/[^"]*"\s*:\s*"pages/'), "pages-manifest.json, which holds files"),
)
_ENTRY = re.compile(r'\s*[{,]?\s*"(/[^"\\]*)"\s*:\s*"(/[^"\\]*)"')


def sniff(head: Head) -> bool:
    """Claim one JSON object that maps paths ending in /route or /page to paths, and the other manifests of a build."""
    text = head.text.removeprefix("\ufeff")
    if not text.lstrip().startswith("{"):
        return False
    first = _ENTRY.match(text)
    if first is not None:
        return first[1].endswith(("/route", "/page"))
    return _lookalike(text) is not None and ('"version"' in text or '"/' in text)


def parse(source: Source) -> ParseResult:
    """One evidence row a route; ParseError names the right file when another manifest was sent."""
    raw = source.read()
    other = _lookalike(raw[:65_536].decode("utf-8", "replace").removeprefix("\ufeff"))
    if other is not None:
        raise ParseError(f"This is {other}. {HOW}", 1)
    document = JsonText(raw)
    result = ParseResult(carrier="json", lines=document.lines)
    entries = document.members(document.start) if isinstance(document.value, dict) else []
    noise = sum(_is_noise(entry) for entry in entries)
    routes = {route.attrs["path"]: route for route in _routes(entries, document, result)}
    if not entries or not (routes or noise):
        raise ParseError(f"The JSON lists no route. {HOW}", 1)
    result.evidence = list(routes.values())
    _finish(document, result, noise)
    return result


def _lookalike(text: str) -> str | None:
    return next((name for pattern, name in LOOKALIKES if pattern.search(text)), None)


def _is_noise(entry: Member) -> bool:
    value = entry.value
    return isinstance(value, str) and (
        value in NOISE or entry.key.rpartition("/")[0] in NOISE or bool(_FILES.search(value))
    )


def _routes(entries: list[Member], document: JsonText, result: ParseResult) -> Iterator[Evidence]:
    for entry in entries:
        path, suffix = entry.value, entry.key.rpartition("/")[2]
        if not isinstance(path, str) or not path.startswith("/") or suffix not in ("route", "page"):
            result.reject(document.line(entry.at), document.place(entry.at, result).quote)
        elif not _is_noise(entry):
            segments = {segment.lower() for segment in path.split("/")}
            attrs = {
                "type": "api" if suffix == "route" else "page",
                "webhook": bool(segments & WEBHOOK),
                "auth": bool(segments & AUTH),
                "path": path,
            }
            yield Evidence("route", route_of(path), {"listed": 1.0}, document.place(entry.at, result), attrs=attrs)


def _finish(document: JsonText, result: ParseResult, noise: int) -> None:
    result.records = len(result.evidence)
    result.blank = sum(not line.strip() for line in document.text.splitlines())
    result.records_lines = max(result.lines - result.blank - result.rejected, 0)
    handlers = sum(route.attrs["type"] == "api" for route in result.evidence)
    result.totals = {"routes": len(result.evidence), "api_routes": handlers}
    result.enables = ["Routes that no log shows", "Webhook and sign-in routes by name"]
    result.notes = ["Routes of the App Router only; a pages/ folder is listed in .next/server/pages-manifest.json."]
    if noise:
        result.notes.append(f"{noise:,} pages and files that the framework adds are left out.")


PARSER = Parser(
    id="route-inventory",
    title="Next.js routes",
    how_to_export="npx next build && cp .next/app-path-routes-manifest.json routes.json",
    looks_for='JSON that maps paths such as "/api/orders/[id]/route" to "/api/orders/[id]"',
    kinds=("route",),
    sniff=sniff,
    parse=parse,
)
