"""Routes of Django: urlpatterns with includes, class-based views, and routers of Django REST framework."""

import re
from collections.abc import Iterator

from telemetry.source_code.model import Call, Class, Function, SourceFile
from telemetry.source_code.repo import Repository
from telemetry.source_code.routes.base import Route, joined

_VERBS = {"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE"}
_ACTIONS = {"list": "GET", "retrieve": "GET", "create": "POST", "update": "PUT", "partial_update": "PATCH"} | {
    "destroy": "DELETE"
}
_GENERIC = {"get_queryset": "GET", "get_context_data": "GET", "perform_create": "POST", "form_valid": "POST"}
_REGEX = re.compile(r"\(\?P<(\w+)>[^)]*\)")
_METHODS = re.compile(r"""request\.method\s*==\s*["'](\w+)["']|request\.method\s+in\s+[\[(]([^\])]+)""")


def routes(repository: Repository) -> Iterator[Route]:
    """Every path of a module with urlpatterns or a DRF router, under the prefixes it is included with."""
    modules = [file for file in repository if file.language == "python" and _is_urls(file)]
    prefixes = _prefixes(repository, modules)
    for file in modules:
        for call in file.calls:
            if call.function is not None:
                continue
            if call.last in ("path", "re_path", "url") and len(call.args) >= 2 and not _included(call):
                yield from _path(repository, call, prefixes.get(file.path, [""]))
            elif call.last == "register" and call.text(0) is not None and len(call.args) >= 2:
                yield from _registered(repository, call, prefixes.get(file.path, [""]))


def _is_urls(file: SourceFile) -> bool:
    return "urlpatterns" in file.values or any(
        call.last == "register" and call.function is None and "outer" in call.name for call in file.calls
    )


def _included(call: Call) -> Call | None:
    return next((one for one in call.file.calls if one.given_to is call and one.last == "include"), None)


def _prefixes(repository: Repository, modules: list[SourceFile]) -> dict[str, list[str]]:
    """Under which prefixes the paths of a module hang; includes of includes add up."""
    hung: dict[str, tuple[str, str]] = {}
    for file in modules:
        for call in file.calls:
            inner = _included(call) if call.last in ("path", "re_path", "url") else None
            if inner is None:
                continue
            target = _target(repository, inner)
            if target is not None and target.path != file.path:
                hung[target.path] = (file.path, _pattern(call))
    found: dict[str, list[str]] = {}
    for path in hung:
        at, prefix = path, ""
        for _ in range(5):
            if at not in hung:
                break
            at, part = hung[at]
            prefix = joined(part, prefix)
        found[path] = [prefix]
    return found


def _target(repository: Repository, include: Call) -> SourceFile | None:
    value = include.args[0] if include.args else None
    if isinstance(value, list | tuple) and value:
        value = value[0]
    if isinstance(value, str):
        return repository.module(include.file, value)
    head = getattr(value, "text", "").partition(".")[0]
    defined = repository.source_of(include.file, head) if head else None
    return defined[0] if defined else None


def _pattern(call: Call) -> str:
    """A path or a regular expression as a path with parameters."""
    text = call.text(0) or ""
    if call.last == "path":
        return text
    return _REGEX.sub(r"<\1>", text).replace("^", "").replace("$", "").replace("\\", "").rstrip("?")


def _path(repository: Repository, call: Call, prefixes: list[str]) -> Iterator[Route]:
    view = getattr(call.args[1], "text", "")
    name = re.sub(r"\.as_view\(.*", "", view, flags=re.S)
    wrapped = re.match(r"\A([\w.]+)\(([\w.]+)\)\Z", name)
    guards = (wrapped[1],) if wrapped else ()
    name = wrapped[2] if wrapped else name
    function = repository.function(call.file, name)
    cls = None if function else class_of(repository, call.file, name)
    for prefix in prefixes:
        path = joined(prefix, _pattern(call))
        if function is not None:
            yield _by_function(path, function, guards)
        elif cls is not None:
            yield _by_class(path, cls, _VERBS | _GENERIC, guards)
        else:
            yield Route(path, call.file, call.line, guards=guards, complete=False, framework="django")


def _registered(repository: Repository, call: Call, prefixes: list[str]) -> Iterator[Route]:
    cls = class_of(repository, call.file, getattr(call.args[1], "text", ""))
    for prefix in prefixes:
        path = joined(prefix, call.text(0) or "")
        if cls is None:
            yield Route(path, call.file, call.line, complete=False, framework="django")
        else:
            yield _by_class(path, cls, _ACTIONS | _GENERIC, ())


def class_of(repository: Repository, file: SourceFile, name: str) -> Class | None:
    """The class that a (dotted) name means."""
    head, _, rest = name.partition(".")
    defined = repository.source_of(file, head)
    if defined is None:
        return None
    where, local = defined
    return where.classes.get(rest if local == "*" else local)


def _by_function(path: str, function: Function, guards: tuple[str, ...]) -> Route:
    methods: set[str] = set()
    for one in function.decorators:
        values = one.args[0] if one.args and isinstance(one.args[0], list) else []
        if one.last in ("require_http_methods", "api_view"):
            methods |= {str(value).upper() for value in values}
        elif one.last.startswith("require_") and one.last.upper()[8:] in ("POST", "GET"):
            methods.add(one.last.upper()[8:])
    for single, several in _METHODS.findall(function.text):
        methods |= {word.strip("\"' ").upper() for word in (several.split(",") if several else [single])}
    names = tuple(one.name for one in function.decorators)
    sorted_methods = tuple(sorted(method for method in methods if method.isalpha()))
    return Route(path, function.file, function.line, sorted_methods, [function], (*guards, *names), framework="django")


def _by_class(path: str, cls: Class, verbs: dict[str, str], guards: tuple[str, ...]) -> Route:
    handlers = [one for one in cls.file.functions if one.cls == cls.name and one.name in verbs]
    methods = tuple(sorted({verbs[one.name] for one in handlers}))
    names = [one.name for function in handlers for one in function.decorators] + [one.name for one in cls.decorators]
    names += [name for name in cls.values if "throttle" in name]
    names += [getattr(value, "text", "") for one in cls.decorators for value in one.args] + list(cls.bases)
    return Route(path, cls.file, cls.line, methods, handlers, (*guards, *names), framework="django")
