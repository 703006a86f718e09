"""Imports point one way: reviews to telemetry and tickets, which know neither reviews nor each other."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
NEVER = {"telemetry": ("reviews/", "tickets/"), "tickets": ("reviews/", "telemetry/")}
# The Django side, as folders and files; everything else in the three apps is a pure core.
DJANGO = {
    "telemetry": "admin apps management mappings migrations models orphans pulse retention services "
    "storage upload_handler",
    "tickets": "admin apps migrations models resources services",
    "reviews": "access accounts admin apps asgi burst_panel capacity_parts celery checks checks_form comparing "
    "coverage environment file_list forms intake_form logo management mapping_form middleware migrations models "
    "pipeline plan_view progress report/child report/context risk_map override_form serve services settings tasks "
    "templatetags theme urls views wsgi",
}


def modules(app: str) -> Iterator[tuple[str, set[str]]]:
    """(path inside the app, the modules it imports, as paths) of every module."""
    for path in sorted((ROOT / app).rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        used = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        used += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
        yield path.relative_to(ROOT / app).with_suffix("").as_posix(), {f"{name}/".replace(".", "/") for name in used}


def test_imports_point_one_way() -> None:
    imports = [(app, name, use) for app in NEVER for name, used in modules(app) for use in used]
    assert not [entry for entry in imports if entry[2].startswith(NEVER[entry[0]])]


def test_pure_cores_know_no_django() -> None:
    sides = {app: tuple(f"{name}/" for name in names.split()) for app, names in DJANGO.items()}
    outside = ("django/", "celery/", *(f"{app}/{name}" for app, names in sides.items() for name in names))
    pure = [(a, name, used) for a in sides for name, used in modules(a) if not f"{name}/".startswith(sides[a])]
    assert len(pure) > 100
    assert not [(app, name, use) for app, name, used in pure for use in used if use.startswith(outside)]
