"""Build a tiny real Next.js app with the shop's routes, for the manifest that the build writes."""

import os
import subprocess
from pathlib import Path

from routes import ROUTES

MANIFEST = ".next/app-path-routes-manifest.json"
_LAYOUT = "export default ({ children }) => <html><body>{children}</body></html>;\n"
_PAGE = "export default () => <h1>Harbor Books</h1>;\n"
_ROUTE = 'export const dynamic = "force-dynamic";\nexport const GET = () => Response.json({});\n'


def write_app(folder: Path) -> None:
    """Write an App Router tree: one page for `/`, one route file for each path under `/api`."""
    for route in ROUTES:
        place = folder / "app" / route.strip("/")
        place.mkdir(parents=True, exist_ok=True)
        (place / ("page.js" if route == "/" else "route.js")).write_text(_PAGE if route == "/" else _ROUTE)
    (folder / "app" / "layout.js").write_text(_LAYOUT)
    (folder / "package.json").write_text('{"name": "harbor-books-web", "private": true}\n')


def build_manifest(folder: Path) -> tuple[str, str]:
    """Install, build, and return (the manifest's text, the version of Next.js). Takes one to two minutes."""
    folder.mkdir()
    write_app(folder)
    quiet = {"cwd": folder, "check": True, "capture_output": True, "text": True}
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "next@16", "react@19", "react-dom@19"], **quiet)
    settings = os.environ | {"NEXT_TELEMETRY_DISABLED": "1"}
    subprocess.run(["npx", "next", "build"], env=settings, **quiet)
    shown = subprocess.run(["npx", "next", "--version"], **quiet)
    return (folder / MANIFEST).read_text(), shown.stdout.strip().removeprefix("Next.js v")
