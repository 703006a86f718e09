"""Routes of Express, Fastify, Hono and Koa's router: `app.post("/orders", limit, handler)`, mounted by `use`."""

from collections.abc import Iterator

from telemetry.source_code.model import Call, Function, SourceFile
from telemetry.source_code.repo import Repository
from telemetry.source_code.routes.base import Route, joined

_MAKERS = frozenset(
    {"express", "Router", "Hono", "OpenAPIHono", "fastify", "Fastify", "KoaRouter", "Koa", "polka", "restify"}
)
_VERBS = {name: name.upper() for name in ("get", "post", "put", "patch", "delete", "head", "options")} | {
    "del": "DELETE"
}
_PACKAGES = frozenset(
    {"express", "express-promise-router", "fastify", "hono", "koa-router", "@koa/router", "polka", "@hono/zod-openapi"}
)

Router = tuple[str, str]  # path of the file, name of the variable
Mounts = dict[Router, tuple[str, tuple[str, ...]]]
Scoped = dict[Router, list[tuple[str, tuple[str, ...]]]]  # a part of a router's paths, what stands before it


def routes(repository: Repository) -> Iterator[Route]:
    """Every `router.method(path, ...)` on a router of these packages, with the prefix that it is mounted under."""
    mounts, hung, scoped = _mounts(repository)
    for file in repository:
        if file.language == "python":
            continue
        for call in file.calls:
            if call.last == "route" and (route := _by_table(repository, call, mounts)) is not None:
                yield route
                continue
            verb = _VERBS.get(call.last) or ("" if call.last == "all" else None)
            path = call.text(0)
            if verb is None or path is None or not path.startswith("/"):
                continue
            if call.name.count(".") != 1 or len(call.args) < 2:
                continue
            if (router := router_of(repository, file, call.head, call)) is None:
                continue
            route = _route(repository, call, path, verb, mounts.get(router, ("", ())))
            route.guards += _on_the_way(route.path, router, mounts, hung, scoped)
            route.placed = router in hung or not _is_part(repository, router)
            yield route


def router_of(repository: Repository, file: SourceFile, name: str, call: Call | None = None) -> Router | None:
    """The router that a name means: made in this file, in the one it is imported from, or handed in as a parameter."""
    defined = repository.source_of(file, name)
    if defined is None:
        return None
    where, local = defined
    local = where.exports.get("default", "router") if local in ("*", "default") else local
    made = where.made(local)
    if made is not None and made.last in _MAKERS:
        return where.path, local
    function = call.function if call else None
    while function is not None:
        inside = (one for one in file.calls_of(function) if one.target == name and one.last in _MAKERS)
        if next(inside, None) is not None:
            return file.path, name
        handed = any(param.partition(":")[0].strip() == name for param in function.params)
        typed = any(imported.module in _PACKAGES for imported in file.imports.values())
        if handed and typed and name in ("app", "router", "fastify", "server"):
            return file.path, name
        function = function.parent
    return None


def _is_part(repository: Repository, router: Router) -> bool:
    """Whether a router answers nothing by itself: its addresses are only known where it is mounted."""
    file = repository.files[router[0]]
    made = next((one for one in file.calls if one.target == router[1] and one.last in _MAKERS), None)
    return made is None or made.last in ("Router", "KoaRouter")


def _by_table(repository: Repository, call: Call, mounts: Mounts) -> Route | None:
    """A route that Fastify is given as an object: `app.route({ method: "POST", url: "/orders", handler })`."""
    table = call.table(0)
    path, method = (table.get("url", table.get("path")), table.get("method")) if table else (None, None)
    router = router_of(repository, call.file, call.head, call) if isinstance(path, str) else None
    if table is None or router is None or not isinstance(path, str):
        return None
    route = _route(repository, call, path, "", mounts.get(router, ("", ())))
    route.methods = tuple(sorted(str(one).upper() for one in (method if isinstance(method, list) else [method]) if one))
    handler = repository.function(call.file, getattr(table.get("handler"), "text", "?"))
    route.handlers = list(dict.fromkeys([*route.handlers, *([handler] if handler else [])]))
    route.complete = bool(route.handlers)
    return route


def _on_the_way(
    path: str, router: Router, mounts: Mounts, hung: dict[Router, Router], scoped: Scoped
) -> tuple[str, ...]:
    """What stands before a part of the paths: `app.use("/api/", limiter)` before every route below /api."""
    names: list[str] = []
    at: Router | None = router
    for _ in range(5):
        if at is None:
            break
        for part, guards in scoped.get(at, ()):
            start = joined(mounts.get(at, ("", ()))[0], part.rstrip("*"))
            if path == start or path.startswith(start.rstrip("/") + "/"):
                names += guards
        at = hung.get(at)
    return tuple(names)


def _mounts(repository: Repository) -> tuple[Mounts, dict[Router, Router], Scoped]:
    """Where each router hangs and what stands before it, on which it hangs, and what stands before parts of its paths.

    `app.use("/api", limit, orders)`; mounts of mounts add up.
    """
    scoped: Scoped = {}
    hung: dict[Router, tuple[Router, str, tuple[str, ...]]] = {}
    before: dict[Router, tuple[str, ...]] = {}
    for file in repository:
        for call in file.calls if file.language != "python" else ():
            if call.last not in ("use", "route", "register") or call.name.count(".") != 1:
                continue
            parent = router_of(repository, file, call.head, call)
            if parent is None:
                continue
            prefix = call.text(0) or ""
            prefix = prefix if prefix.startswith("/") else ""
            names = _names(call)
            if not prefix:
                before[parent] = (*before.get(parent, ()), *names)
            elif call.last == "use":
                scoped.setdefault(parent, []).append((prefix, names))
            children = [router_of(repository, file, name) for name in names] + _required(repository, call)
            hung |= {child: (parent, prefix, names) for child in children if child is not None and child != parent}
    return (
        {router: _above(router, hung, before) for router in {*hung, *before}},
        {child: parent for child, (parent, _, _) in hung.items()},
        scoped,
    )


def _required(repository: Repository, call: Call) -> list[Router | None]:
    """Routers of `app.use("/orders", require("./orders"))`."""
    modules = [one.text(0) for one in call.file.calls if one.given_to is call and one.name == "require"]
    files = [repository.module(call.file, module) for module in modules if module]
    found = [(file, file.exports.get("default", "")) for file in files if file]
    return [(file.path, name) for file, name in found if (made := file.made(name)) and made.last in _MAKERS]


def _above(
    router: Router, hung: dict[Router, tuple[Router, str, tuple[str, ...]]], before: dict[Router, tuple[str, ...]]
) -> tuple[str, tuple[str, ...]]:
    prefix, guards = "", before.get(router, ())
    for _ in range(5):
        if router not in hung:
            break
        router, part, names = hung[router]
        prefix, guards = joined(part, prefix), (*guards, *names, *before.get(router, ()))
    return prefix, guards


def _names(call: Call) -> tuple[str, ...]:
    """Names of what a call is given: variables, and functions that are called on the spot."""
    plain = [
        text for value in call.args if (text := getattr(value, "text", "")) and text.replace(".", "").isidentifier()
    ]
    return (*plain, *(one.name for one in call.file.calls if one.given_to is call))


def _route(repository: Repository, call: Call, path: str, verb: str, mount: tuple[str, tuple[str, ...]]) -> Route:
    inline = [one for one in call.file.functions if one.given_to is call]
    wrapped = [one for one in call.file.functions if one.given_to is not None and one.given_to.given_to is call]
    handlers: list[Function] = [*inline, *wrapped, *repository.handed(call)]
    for inner in call.file.calls:
        if inner.given_to is call:
            handlers += repository.handed(inner)
    prefix, before = mount
    return Route(
        joined(prefix, path),
        call.file,
        call.line,
        (verb,) if verb else (),
        list(dict.fromkeys(handlers)),
        (*_names(call), *before),
        complete=bool(handlers),
        framework="express",
    )
