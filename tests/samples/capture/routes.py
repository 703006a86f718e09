"""The routes of the made-up shop, in Next.js notation: one list for the service, the manifest and the load."""

import re

NOT_FOUND = "/_not-found"
ROUTES = (
    "/",
    "/api/account",
    "/api/admin/orders",
    "/api/admin/reports/sales",
    "/api/books",
    "/api/books/[id]",
    "/api/cart",
    "/api/checkout",
    "/api/login",
    "/api/orders",
    "/api/orders/[id]",
    "/api/search",
    "/api/webhooks/stripe",
)
_PATTERNS = tuple((route, re.compile(re.sub(r"\\\[(\w+)\\\]", r"(?P<\1>\\d+)", re.escape(route)))) for route in ROUTES)


def match(path: str) -> tuple[str, dict[str, str]]:
    """Return the route of a path without query, and its parameters; `NOT_FOUND` when no route takes it."""
    for route, pattern in _PATTERNS:
        found = pattern.fullmatch(path)
        if found:
            return route, found.groupdict()
    return NOT_FOUND, {}
