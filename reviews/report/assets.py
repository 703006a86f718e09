"""What the report may use: its faces, its styles and the brand's logo, each read from our own files into memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parents[2] / "static"
TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "report"
STYLES = ("css/tokens.css", "css/marks.css", "report/report.css")
# The tokens' dark half is for screens; a media query there would only warn.
PRINT_ENDS = "/* DARK */"
# paper, width, height, width between the margins of report.css (20 mm and 18 mm), grid that leaves page two one page
PAGES = {
    "A4": ("A4", "210mm", "297mm", "172mm", "110mm"),
    "Letter": ("Letter", "215.9mm", "279.4mm", "177.9mm", "96mm"),
}

# family, file, descriptors; a variable face states no weight, because WeasyPrint takes every one it holds
FACES = {
    "inter": (
        ("Inter", "inter/InterReport.ttf", "font-style:normal"),
        ("Inter", "inter/InterReport-Italic.ttf", "font-style:italic"),
    ),
    "source-serif": (
        ("Source Serif 4", "source-serif-4/source-serif-4-latin-opsz-normal.woff2", "font-style:normal"),
        ("Source Serif 4", "source-serif-4/source-serif-4-latin-opsz-italic.woff2", "font-style:italic"),
        ("Source Serif 4 Extended", "source-serif-4/source-serif-4-latin-ext-opsz-normal.woff2", "font-style:normal"),
    ),
    "hanken": (
        ("Hanken Grotesk", "hanken-grotesk/hanken-grotesk-latin-wght-normal.woff2", "font-style:normal"),
        ("Hanken Grotesk Extended", "hanken-grotesk/hanken-grotesk-latin-ext-wght-normal.woff2", "font-style:normal"),
    ),
    "mono": (
        ("IBM Plex Mono", "ibm-plex-mono/IBMPlexMono-Regular.woff2", "font-weight:400"),
        ("IBM Plex Mono", "ibm-plex-mono/IBMPlexMono-SemiBold.woff2", "font-weight:600"),
    ),
}
# Inter closes every stack: its file holds Greek, Cyrillic, arrows and comparison signs that the others lack.
STACKS = {
    "inter": '"Inter", sans-serif',
    "source-serif": '"Source Serif 4", "Source Serif 4 Extended", "Inter", serif',
    "hanken": '"Hanken Grotesk", "Hanken Grotesk Extended", "Inter", sans-serif',
}


def collect(brand: Mapping[str, Any]) -> tuple[dict[str, tuple[str, bytes]], str]:
    """Assets by address (`asset:<file>` → type and bytes) and the stylesheet for a checked brand view."""
    faces = [face for key in sorted({"inter", "mono", brand["heading"], brand["body"]}) for face in FACES[key]]
    assets = {
        f"asset:{file}": (f"font/{file.rpartition('.')[2]}", (STATIC / "fonts" / file).read_bytes())
        for _, file, _ in faces
    }
    declared = "".join(
        f'@font-face{{font-family:"{family}";src:url("asset:{file}");{facts}}}' for family, file, facts in faces
    )
    return assets, declared + "".join(_print_half(name) for name in STYLES) + _brand(brand)


def _print_half(name: str) -> str:
    return (STATIC / name).read_text("utf-8").split(PRINT_ENDS)[0]


def _brand(brand: Mapping[str, Any]) -> str:
    """Variables of the brand. Every value was checked against a pattern or a list in `sections.brand_view`."""
    size, width, height, wide, grid = PAGES[brand["paper"]]
    values = {
        "--brand-accent": brand["accent"],
        "--brand-accent-text": brand["accent_text"],
        "--brand-accent-soft": brand["accent_soft"],
        "--brand-on-accent": brand["on_accent"],
        "--brand-ink": brand["ink"],
        "--ll-accent": brand["accent"],
        "--ll-ink": brand["ink"],
        "--face-heading": STACKS[brand["heading"]],
        "--face-body": STACKS[brand["body"]],
        "--page-width": width,
        "--page-height": height,
        "--wide": wide,
        "--grid": grid,
    }
    return f"@page{{size:{size}}}:root{{{''.join(f'{name}:{value};' for name, value in values.items())}}}"
