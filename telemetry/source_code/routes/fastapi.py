"""Routes of FastAPI and Flask: decorators on functions, routers and blueprints with their prefixes."""

from collections.abc import Iterator

from telemetry.source_code.model import Call, SourceFile
from telemetry.source_code.repo import Repository
from telemetry.source_code.routes.base import Route, joined

_MAKERS = {"FastAPI": "prefix", "APIRouter": "prefix", "Flask": "url_prefix", "Blueprint": "url_prefix"} | {
    "Starlette": "prefix"
}
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})

Router = tuple[str, str]


def routes(repository: Repository) -> Iterator[Route]:
    """Every function with `@app.get(...)`, `@router.post(...)` or `@app.route(...)`."""
    mounts = _mounts(repository)
    for file in repository:
        if file.language != "python":
            continue
        for function in file.functions:
            for one in function.decorators:
                path = one.text(0)
                router = _router(repository, file, one.head) if one.name.count(".") == 1 else None
                if path is None or router is None or not (one.last in _VERBS or one.last == "route"):
                    continue
                prefix, guards = mounts.get(router, ("", ()))
                own = tuple(other.name for other in function.decorators if other is not one)
                own += tuple(param for param in function.params if "Depends(" in param)
                own += (*_depends(one), *_router_guards(repository, router))
                yield Route(
                    joined(prefix, _own_prefix(repository, router), path),
                    file,
                    function.line,
                    _methods(one),
                    [function],
                    (*own, *guards),
                    framework="fastapi",
                )


def _methods(decorator: Call) -> tuple[str, ...]:
    if decorator.last != "route":
        return (decorator.last.upper(),)
    named = decorator.options.get("methods")
    values = named if isinstance(named, list) else ["GET"]
    return tuple(sorted(str(value).upper() for value in values if isinstance(value, str)))


def _router(repository: Repository, file: SourceFile, name: str) -> Router | None:
    defined = repository.source_of(file, name)
    if defined is None:
        return None
    where, local = defined
    local = "router" if local == "*" else local
    made = where.made(local)
    if made is not None and made.last in _MAKERS:
        return where.path, local
    return None


def _own_prefix(repository: Repository, router: Router) -> str:
    made = repository.files[router[0]].made(router[1])
    prefix = made.options.get(_MAKERS[made.last]) if made else None
    return prefix if isinstance(prefix, str) else ""


def _mounts(repository: Repository) -> dict[Router, tuple[str, tuple[str, ...]]]:
    """`app.include_router(orders.router, prefix="/api")`, `app.register_blueprint(bp, url_prefix="/shop")`."""
    found: dict[Router, tuple[str, tuple[str, ...]]] = {}
    for file in repository:
        for call in file.calls if file.language == "python" else ():
            if call.last not in ("include_router", "register_blueprint") or not call.args:
                continue
            head, _, rest = getattr(call.args[0], "text", "").partition(".")
            defined = repository.source_of(file, head) if head else None
            if defined is None:
                continue
            where, local = defined
            router = (where.path, rest or local) if local == "*" or rest else (where.path, local)
            prefix = call.options.get("prefix", call.options.get("url_prefix"))
            found[router] = (prefix if isinstance(prefix, str) else "", _depends(call))
    return found


def _depends(call: Call) -> tuple[str, ...]:
    """What stands before a route by `dependencies=[Depends(limiter), ...]`."""
    value = call.file.settled(call.options.get("dependencies"))
    values = value if isinstance(value, list) else [value]
    return tuple(text for one in values if (text := getattr(one, "text", "")))


def _router_guards(repository: Repository, router: Router) -> tuple[str, ...]:
    """What stands before every route of a router: its dependencies, and what its class of routes calls."""
    made = repository.files[router[0]].made(router[1])
    if made is None:
        return ()
    name = getattr(made.options.get("route_class"), "text", "")
    found = repository.source_of(made.file, name) if name else None
    where, cls = found or (made.file, "")
    inside = [call.name for one in where.functions if cls and one.cls == cls for call in where.calls_of(one)]
    return (*_depends(made), *((name,) if name else ()), *inside)
