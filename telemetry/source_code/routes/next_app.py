"""Routes of Next.js's app router: app/**/route.ts and app/**/page.tsx.

https://nextjs.org/docs/app/api-reference/file-conventions/route and .../route-segment-config.
"""

import re
from collections.abc import Iterator

from telemetry.source_code.model import Function, SourceFile
from telemetry.source_code.repo import Repository
from telemetry.source_code.routes.base import METHODS, Route, joined

_FILE = re.compile(r"(?:^|/)app/((?:[^/]+/)*)(route|page)\.[cm]?[jt]sx?\Z")
_UNSEEN = re.compile(r"\(.*\)\Z|@")  # groups and slots are not part of the address


def routes(repository: Repository) -> Iterator[Route]:
    """Handlers and pages by their files."""
    for file in repository:
        found = _FILE.search(file.path)
        if not found or file.language == "python":
            continue
        segments = [part for part in found[1].split("/") if part]
        if any(part.startswith("_") for part in segments):
            continue
        path = joined(*(part for part in segments if not _UNSEEN.match(part)))
        route = _page(repository, file, path) if found[2] == "page" else _handler(repository, file, path)
        if route is not None:
            configure(route, file)
            yield route


def _handler(repository: Repository, file: SourceFile, path: str) -> Route | None:
    names = [name for name in METHODS if name in file.exports or name in file.values or file.named(name)]
    if not names:
        return None
    answers = [answer_of(repository, file, name) for name in sorted(names)]
    handlers = [function for functions, _, _ in answers for function in functions]
    guards = tuple(dict.fromkeys(guard for _, found, _ in answers for guard in found))
    line = min((function.line for function in handlers if function.file is file), default=1)
    complete = all(known for _, _, known in answers)
    return Route(path, file, line, tuple(sorted(names)), handlers, guards, complete=complete, framework="next")


def _page(repository: Repository, file: SourceFile, path: str) -> Route | None:
    functions, guards, complete = answer_of(repository, file, "default")
    if "use client" in file.directives:
        functions = []
    line = functions[0].line if functions else 1
    return Route(path, file, line, ("GET",), functions, guards, page=True, complete=complete, framework="next")


def answer_of(repository: Repository, file: SourceFile, name: str) -> tuple[list[Function], tuple[str, ...], bool]:
    """(functions behind an export, wrappers around them, whether all of it was found).

    `export const POST = withAuth(handler)`, `export { handler as POST }`, `export default` and plain functions.
    """
    local = file.exports.get(name, name)
    defined = repository.source_of(file, local)
    if defined is None:
        return [], (), False
    where, inside = defined
    inside = where.exports.get(inside, inside) if inside == "default" else inside
    found = where.named(inside)
    made = where.made(inside) or (where.made("default") if name == "default" else None)
    if made is None:
        return ([found], (), True) if found else ([], (), False)
    functions = [one for one in where.functions if one.parent is None and _given(one, made)]
    wrappers = [made.name]
    for call in where.calls:
        if call is made or (call.function is None and made in call.around()):
            wrappers.append(call.name)
            functions += repository.handed(call)
    local_wrapper = repository.callee(made)
    if local_wrapper is not None:
        functions.append(local_wrapper)
    functions = list(dict.fromkeys(functions))
    return functions, tuple(dict.fromkeys(wrappers)), bool(functions) and local_wrapper is not None


def _given(function: Function, call: object) -> bool:
    outer = function.given_to
    while outer is not None and outer is not call:
        outer = outer.given_to
    return outer is call


def configure(route: Route, file: SourceFile) -> None:
    """Segment configuration: maxDuration, runtime, dynamic."""
    duration = file.values.get("maxDuration")
    if isinstance(duration, int | float) and not isinstance(duration, bool):
        route.max_duration = float(duration)
    for name in ("runtime", "dynamic"):
        value = file.values.get(name)
        if isinstance(value, str):
            setattr(route, name, value[:30])
