"""Routes of Next.js's pages router: pages/api/** and pages/**.

https://nextjs.org/docs/pages/building-your-application/routing/api-routes
"""

import re
from collections.abc import Iterator

from telemetry.source_code.model import SourceFile, Table
from telemetry.source_code.repo import Repository
from telemetry.source_code.routes.base import Route, joined, known_methods
from telemetry.source_code.routes.next_app import answer_of

_FILE = re.compile(r"(?:^|/)pages/((?:[^/]+/)*)([^/]+)\.[cm]?[jt]sx?\Z")
_METHOD = re.compile(r"""\bmethod\b[^\n]{0,20}?[!=]==?\s*["'](\w+)["']|\bcase\s+["'](GET|POST|PUT|PATCH|DELETE)["']""")
_LOADERS = ("getServerSideProps", "getStaticProps")


def routes(repository: Repository) -> Iterator[Route]:
    """Handlers and pages by their files."""
    for file in repository:
        found = _FILE.search(file.path)
        if not found or file.language == "python" or found[2].startswith("_"):
            continue
        path = joined(found[1], "" if found[2] == "index" else found[2])
        if "default" not in file.exports and not file.named("default") and not file.made("default"):
            continue
        route = _api(repository, file, path) if (path + "/").startswith("/api/") else _page(file, path)
        yield route


def _api(repository: Repository, file: SourceFile, path: str) -> Route:
    functions, guards, complete = answer_of(repository, file, "default")
    text = "\n".join(function.text for function in functions if function.file is file)
    methods = known_methods(one or two for one, two in _METHOD.findall(text))
    line = min((function.line for function in functions if function.file is file), default=1)
    route = Route(path, file, line, methods, functions, guards, complete=complete, framework="next")
    config = file.values.get("config")
    if isinstance(config, Table):
        duration, runtime = config.get("maxDuration"), config.get("runtime")
        if isinstance(duration, int | float) and not isinstance(duration, bool):
            route.max_duration = float(duration)
        if isinstance(runtime, str):
            route.runtime = runtime[:30]
    return route


def _page(file: SourceFile, path: str) -> Route:
    loaders = [function for name in _LOADERS if (function := file.named(name))]
    line = loaders[0].line if loaders else 1
    return Route(path, file, line, ("GET",), loaders[:1], page=True, framework="next")
