"""The process that turns a document into a PDF, and can do nothing else: no database, no network, no secrets.

Reads one JSON object from standard input, writes one line of JSON and then the PDF to standard output. Started by
`reviews.report.render`; limits come first, before anything is parsed.
"""

from __future__ import annotations

import base64
import gc
import json
import logging
import os
import resource
import sys
import time
from collections.abc import Mapping
from typing import Any

# Modules that have no business here; a test holds this process to it.
STRANGERS = {"celery", "psycopg", "redis", "reviews.settings", "reviews.models"}
# Said about the machine, not about the report: without the library the same PDF only takes longer.
INSTALLATION = "Using fontTools instead of HarfBuzz-Subset"


def main() -> int:
    """Limits, input, page, output. Exit 0 with a PDF, otherwise a traceback on standard error."""
    limit(memory_mb=int(sys.argv[1]), seconds=int(sys.argv[2]))
    # Libraries may print; what the parent reads must stay clean.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    given = json.load(sys.stdin.buffer)
    started = time.perf_counter()
    pdf, pages, warnings = render(given["document"], given["brand"])
    head = {
        "pages": pages,
        "warnings": warnings,
        "seconds": time.perf_counter() - started,
        "peak_mb": peak_mb(),
        "modules": sorted(STRANGERS & set(sys.modules)),
    }
    out.write(json.dumps(head).encode() + b"\n")
    out.write(pdf)
    out.close()
    return 0


def limit(*, memory_mb: int, seconds: int) -> None:
    """Address space, processor time and file size; no core dumps, which would hold the client's data."""
    for kind, value in (
        (resource.RLIMIT_AS, memory_mb * 2**20),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 64 * 2**20),
        (resource.RLIMIT_CORE, 0),
    ):
        if kind == resource.RLIMIT_AS and sys.platform == "darwin":
            continue  # macOS refuses to bound the address space; the bound on time still holds
        hard = resource.getrlimit(kind)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))


def render(document: Mapping[str, Any], brand: Mapping[str, Any]) -> tuple[bytes, int, list[str]]:
    """PDF bytes, number of pages and warnings. `brand["logo"]` is `{"type", "data"}` (base64) or None."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from reviews.report import assets, sections
    from reviews.report.fetcher import AssetFetcher

    # Layout makes many objects that live to the end; looking for rubbish among them takes an eighth of the time.
    gc.set_threshold(200_000, 50, 100)
    warnings = _listen()
    view = sections.build(document, brand)
    held, styles = assets.collect(view["brand"])
    if view["brand"]["logo"]:
        held["asset:logo"] = (f"image/{brand['logo']['type']}", base64.b64decode(brand["logo"]["data"]))
    fetcher, fonts = AssetFetcher(held), FontConfiguration()
    page = HTML(string=write(view), base_url="asset:", url_fetcher=fetcher)
    css = CSS(string=styles, base_url="asset:", url_fetcher=fetcher, font_config=fonts)
    laid_out = page.render(stylesheets=[css], font_config=fonts, presentational_hints=False, pdf_variant="pdf/ua-1")
    pdf = laid_out.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier(document), presentational_hints=False)
    return pdf, len(laid_out.pages), warnings


def write(view: Mapping[str, Any]) -> str:
    """The view as HTML. Templates come from one folder only; what users typed is data and is escaped."""
    from django.conf import settings
    from django.template import Context, Engine

    from reviews.report import assets

    if not settings.configured:
        settings.configure(USE_I18N=False, USE_TZ=False)
    engine = Engine(dirs=[str(assets.TEMPLATES)], autoescape=True)
    return engine.get_template("report.html").render(Context(dict(view)))


def identifier(document: Mapping[str, Any]) -> bytes:
    """Equal documents have equal identifiers; nothing of their content can be read from it."""
    import hashlib

    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()[:32].encode()


def peak_mb() -> float:
    """Most memory this process ever held. Linux keeps its own mark; `ru_maxrss` there would count the parent's fork."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _listen() -> list[str]:
    """Everything WeasyPrint and fontTools would print, kept for the author."""
    heard: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            if not message.startswith(INSTALLATION):
                heard.append(f"{record.name}: {message}")

    for name in ("weasyprint", "fontTools"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [Collector()], False
        logger.setLevel(logging.WARNING)
    return heard


if __name__ == "__main__":
    sys.exit(main())
