"""Build a tiny real Next.js app with the shop's routes, for the manifest that the build writes."""

from pathlib import Path

from routes import ROUTES
from shell import run_in

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
    run_in(folder, "npm", "install", "--silent", "next@16", "react@19", "react-dom@19")
    run_in(folder, "npx", "next", "build", NEXT_TELEMETRY_DISABLED="1")
    version = run_in(folder, "npx", "next", "--version").removeprefix("Next.js v")
    return (folder / MANIFEST).read_text(), version
