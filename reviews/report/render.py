"""From a document to a PDF, in a process of its own with a bound on time and memory.

The caller's process keeps its memory, its database connection and its secrets; what comes back is bytes or one error
that says what was too large.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# A review with 300 findings is about 2 MB; ten times that is a mistake, and would only take longer to fail.
LARGEST = 20 * 2**20
KINDS = ("png", "jpeg")
OUT_OF_MEMORY = ("MemoryError", "Cannot allocate memory", "failed to map segment", "Error creating thread")
PASSED_ON = ("PATH", "LANG", "LC_ALL", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


class RenderError(Exception):
    """The report could not be made. The message is for the author: what was too large, what to do."""


@dataclass(frozen=True)
class RenderedPdf:
    """A finished report with what it took: warnings of the renderer, seconds in all, peak memory in MB, pages."""

    pdf: bytes
    warnings: tuple[str, ...]
    seconds: float
    peak_mb: float
    pages: int


def render_pdf(
    document: Mapping[str, Any], brand: Mapping[str, Any], *, timeout_s: int = 120, memory_mb: int = 1500
) -> RenderedPdf:
    """Render `document` (`loadline.review/1`) in the look of `brand`.

    `brand`: name, logo (`{"type": "png"|"jpeg", "data": bytes}` or None), accent and ink (#rrggbb), heading_font and
    body_font (inter, source-serif, hanken), legal, call_to_action (`{label, url}` or None), paper (A4, Letter).
    Raises `RenderError` when the bound on time (`timeout_s`) or memory (`memory_mb`) is reached, or when it fails.
    """
    started = time.perf_counter()
    payload = json.dumps({"document": document, "brand": _portable(brand)}, default=str).encode()
    if len(payload) > LARGEST:
        raise RenderError(
            f"The report is {len(payload) / 2**20:.0f} MB of text, more than can be printed. {_advice(document)}"
        )
    head, pdf = _run(payload, document, timeout_s, memory_mb)
    return RenderedPdf(
        pdf=pdf,
        warnings=tuple(head["warnings"]),
        seconds=time.perf_counter() - started,
        peak_mb=float(head["peak_mb"]),
        pages=int(head["pages"]),
    )


def _run(payload: bytes, document: Mapping[str, Any], timeout_s: int, memory_mb: int) -> tuple[dict[str, Any], bytes]:
    command = [sys.executable, "-m", "reviews.report.child", str(memory_mb), str(timeout_s)]
    with tempfile.TemporaryDirectory(prefix="loadline-report-") as scratch:
        try:
            done = subprocess.run(
                command,
                input=payload,
                capture_output=True,
                timeout=timeout_s,
                cwd=scratch,
                env=_environment(scratch),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise RenderError(f"The report was not finished within {timeout_s} seconds. {_advice(document)}") from None
    if done.returncode == 0:
        head, _, pdf = done.stdout.partition(b"\n")
        return json.loads(head), pdf
    raise RenderError(_reason(done.returncode, done.stderr.decode("utf-8", "replace"), document, timeout_s, memory_mb))


def _environment(scratch: str) -> dict[str, str]:
    """What the child may know: where programs and fonts are, and a folder that is removed afterwards."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed | {
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "0",
        "HOME": scratch,
        "TMPDIR": scratch,
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
    }


def _portable(brand: Mapping[str, Any]) -> dict[str, Any]:
    """The brand with its logo as base64; a logo of another type is left out."""
    logo = brand.get("logo")
    usable = isinstance(logo, Mapping) and logo.get("type") in KINDS and logo.get("data")
    carried = {"type": logo["type"], "data": base64.b64encode(logo["data"]).decode()} if logo and usable else None
    return dict(brand) | {"logo": carried}


def _reason(code: int, said: str, document: Mapping[str, Any], timeout_s: int, memory_mb: int) -> str:
    """Why the child ended, in words; signals 5, 6, 9 and 11 are what a memory limit looks like."""
    if any(word in said for word in OUT_OF_MEMORY) or -code in (5, 6, 9, 11):
        return f"The report needs more than {memory_mb} MB of memory. {_advice(document)}"
    if code == -signal.SIGXCPU:
        return f"The report was not finished within {timeout_s} seconds. {_advice(document)}"
    last = said.strip().splitlines()[-1] if said.strip() else f"the renderer ended with status {code}"
    return f"The report could not be rendered: {last[:300]}"


def _advice(document: Mapping[str, Any]) -> str:
    """The largest section by its text, and what to do about it."""
    sizes = {name: len(json.dumps(section, default=str)) for name, section in document.items()}
    if not sizes:
        return "The document is empty."
    name = max(sizes, key=lambda key: sizes[key])
    count = len(document[name]) if isinstance(document[name], list | dict) else 1
    return (
        f"The largest section is {name.replace('_', ' ')!r} with {count:,} entries and {sizes[name] / 1000:,.0f} kB "
        f"of text: shorten it or publish fewer of them; the JSON export holds everything."
    )
