"""Sections of the report as they stand on a page: the same words, tables and pictures, by the same templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.template import Context, Engine
from django.utils.safestring import SafeString, mark_safe

from reviews.report import assets
from reviews.report.pictures.shapes import ACCENT
from reviews.report.sections import capacity_views

Document = Mapping[str, Any]
# What a consultant decides on together: where to go, and what it takes.
OUTLOOK = {
    "right_sizing": "Right-sizing",
    "phases": "Phases and triggers",
    "must_fix": "Must-fix",
    "redesign": "Redesign now, later, never",
    "roadmap": "Roadmap",
    "cost": "Cost",
    "targets": "Targets",
    "scorecard": "Readiness",
    "thresholds": "Next thresholds",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its anchor; `html` comes from the report's own templates, which escape what users typed."""

    anchor: str
    title: str
    html: SafeString


def parts_of(document: Document, names: Sequence[str] = tuple(OUTLOOK)) -> list[Part]:
    """The named sections that the document has something for, in this order."""
    views = capacity_views(document, [], ACCENT)
    context = {**views, "currency": (document.get("engagement") or {}).get("currency") or ""}
    return [
        Part(name.replace("_", "-"), OUTLOOK[name], _written(f"_{name}.html", context))
        for name in names
        if views.get(name)
    ]


def _written(template: str, context: Mapping[str, Any]) -> SafeString:
    return mark_safe(_engine().get_template(template).render(Context(dict(context))))  # noqa: S308


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(assets.TEMPLATES)], autoescape=True)
