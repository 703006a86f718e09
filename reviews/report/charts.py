"""The house charts as SVG text, the same picture on a page and in the PDF.

Colours are written as attributes (what the PDF reads) and named by class (what `static/css/charts.css` restyles on a
page, in light and in dark). Marks never rely on colour: form says severity, line style says confidence. Every text is
escaped by the writer in `svg.py`; `safe` is that escape, for callers that put text beside a chart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report.grid import risk_grid
from reviews.report.svg import INK, TINT, Svg, element, escape, fit, label, picture
from reviews.report.timelines import coverage_spans, load_scale, plan_gantt

__all__ = ["bars", "coverage_spans", "load_scale", "plan_gantt", "risk_grid", "safe"]

safe = escape


def bars(rows: Sequence[Mapping[str, Any]], idprefix: str, title: str, *, accent: str = "#0b5d66") -> Svg:
    """Simple horizontal bars. `rows`: `label`, `share` (0 to 1) and `note` (the figure as it should be read)."""
    left, row_h, width = 120.0, 18.0, 480.0
    room = width - left - 70
    parts: list[Svg] = []
    for line, row in enumerate(rows):
        y, share = line * row_h, min(max(float(row.get("share") or 0), 0.0), 1.0)
        parts += [
            label(fit(str(row.get("label", "")), left - 8, 9.5), 0, y + 12.5, size=9.5),
            element("rect", x=left, y=y + 5, width=room, height=9, rx=2, fill=TINT["medium"], class_="ll-track"),
            element(
                "rect", x=left, y=y + 5, width=room * share, height=9, rx=2, fill=accent, class_="ll-bar is-filled"
            ),
            label(
                str(row.get("note", "")), width, y + 12.5, size=9.5, anchor="end", weight=600, fill=INK, class_="ll-ink"
            ),
        ]
    desc = "; ".join(f"{row.get('label')}: {row.get('note')}" for row in rows)
    return picture(idprefix, width, row_h * max(len(rows), 1) + 4, title, desc or "Nothing to show.", *parts)
