"""Routes of NestJS: controllers and methods with decorators."""

from collections.abc import Iterator

from telemetry.source_code.model import Call
from telemetry.source_code.repo import Repository
from telemetry.source_code.routes.base import Route, joined

_VERBS = {"Get": "GET", "Post": "POST", "Put": "PUT", "Patch": "PATCH", "Delete": "DELETE", "Head": "HEAD", "All": ""}


def routes(repository: Repository) -> Iterator[Route]:
    """Every decorated method of a class with @Controller."""
    for file in repository:
        if not any(name == "Controller" and "nestjs" in found.module for name, found in file.imports.items()):
            continue
        for function in file.functions:
            cls = file.classes.get(function.cls)
            controller = next((one for one in cls.decorators if one.name == "Controller"), None) if cls else None
            if cls is None or controller is None:
                continue
            guards = tuple(name for one in (*cls.decorators, *function.decorators) for name in _names(one))
            for one in function.decorators:
                if (verb := _VERBS.get(one.name)) is not None:
                    path = joined(_path(controller), _path(one))
                    methods = (verb,) if verb else ()
                    yield Route(path, file, function.line, methods, [function], guards, framework="nest")


def _path(call: Call) -> str:
    table = call.table(0)
    value = table.get("path") if table else call.text(0)
    return value if isinstance(value, str) else ""


def _names(call: Call) -> tuple[str, ...]:
    return (call.name, *(text for value in call.args if (text := getattr(value, "text", ""))))
