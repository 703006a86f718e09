"""Routes as the code declares them, by framework. The list is literal."""

from collections.abc import Callable, Iterator

from telemetry.source_code.repo import Repository
from telemetry.source_code.routes import django, express, fastapi, nest, next_app, next_pages
from telemetry.source_code.routes.base import Route

FRAMEWORKS: tuple[Callable[[Repository], Iterator[Route]], ...] = (
    next_app.routes,
    next_pages.routes,
    express.routes,
    nest.routes,
    django.routes,
    fastapi.routes,
)
MAX_ROUTES = 5_000


def routes_of(repository: Repository) -> list[Route]:
    """Every route of a repository, at most 5,000."""
    found = [route for framework in FRAMEWORKS for route in framework(repository)]
    return found[:MAX_ROUTES]
