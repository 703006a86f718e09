"""Route inventory: which paths an application answers, from its build or from what its framework lists.

One list, several carriers: manifests of a Next.js build, what `next build` prints, and the lists of Rails, Django,
NestJS and Express.
"""

from collections.abc import Callable

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import next_build, next_manifests, routes_json, routes_listing, routes_text
from telemetry.parsers.base import Parser
from telemetry.source import Head, Source

HOW = (
    "Send .next/app-path-routes-manifest.json, or what next build, rails routes, manage.py show_urls or "
    "express-list-endpoints prints."
)
CARRIERS: tuple[tuple[Callable[[str], bool], Callable[[bytes, ParseResult], None]], ...] = (
    (next_manifests.claims, next_manifests.read),
    (routes_json.claims, routes_json.read),
    (next_build.claims, next_build.read),
    (routes_text.claims_rails, routes_text.read_rails),
    (routes_text.claims_nest, routes_text.read_nest),
    (routes_text.claims_django, routes_text.read_django),
    (routes_listing.claims, routes_listing.read),
)


def sniff(head: Head) -> bool:
    """Claim the manifests of a Next.js build, its printed table of routes, and four frameworks' lists."""
    text = head.text.removeprefix("\ufeff")
    return any(claims(text) for claims, _ in CARRIERS)


def parse(source: Source) -> ParseResult:
    """One evidence row a route; ParseError names the right file when another manifest was sent."""
    raw = source.read()
    text = raw[:65_536].decode("utf-8", "replace").removeprefix("\ufeff")
    if not text.strip():
        raise ParseError(f"The file is empty. {HOW}", 1)
    result = ParseResult()
    for claims, read in CARRIERS:
        if claims(text):
            read(raw, result)
            return result
    raise ParseError(f"The file lists no route. {HOW}", 1)


PARSER = Parser(
    id="route-inventory",
    title="Routes of the application",
    how_to_export="npx next build && cp .next/app-path-routes-manifest.json routes.json  # or: npx next build > "
    "build.txt 2>&1; bin/rails routes > routes.txt; python manage.py show_urls > urls.txt; "
    'node -e \'console.log(JSON.stringify(require("express-list-endpoints")(require("./app"))))\' > routes.json',
    looks_for='JSON that maps paths such as "/api/orders/[id]/route" to "/api/orders/[id]", the table of next build, '
    "or the list of rails routes, show_urls, NestJS or express-list-endpoints",
    kinds=("route",),
    sniff=sniff,
    parse=parse,
)
