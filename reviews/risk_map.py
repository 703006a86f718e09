"""Findings as marks on the grid and as rows by area: the shape that page, portal and report share."""

from collections.abc import Callable, Iterable
from typing import Any

from reviews.models import Finding
from reviews.report.charts import risk_grid
from reviews.report.svg import Svg

AREAS = {
    "postgres": "Postgres",
    "queues": "Queues",
    "redis": "Redis",
    "platform": "Platform",
    "release": "Release safety",
    "observability": "Observability",
    "security": "Security",
    "tenancy": "Tenancy",
    "integrity": "Integrity",
    "cost": "Cost",
}


def row_of(finding: Finding) -> str:
    """The row of a finding in the table beside the grid."""
    return f"#finding-{finding.code}"


def marks(findings: Iterable[Finding], link: Callable[[Finding], str] = row_of) -> list[dict[str, Any]]:
    """One numbered mark per finding, in the order given; a symptom has its cause's. `link`: where a mark leads."""
    findings = list(findings)
    shown = {finding.code for finding in findings}
    return [
        {
            "number": number,
            "title": finding.shown_title,
            "impact": finding.placed["impact"],
            "proximity": finding.placed["proximity"],
            "severity": finding.shown_severity,
            "confidence": finding.machine["confidence"],
            "overridden": finding.set_by_hand,
            "causes": [code for code in finding.machine["causes"] if code in shown],
            "href": link(finding),
        }
        for number, finding in enumerate(findings, start=1)
    ]


def grids(findings: Iterable[Finding]) -> dict[str, Svg]:
    """The grid twice, `wide` and `narrow`; style sheets show the one that fits."""
    placed = marks(findings)
    return {"wide": risk_grid(placed, "map-wide"), "narrow": risk_grid(placed, "map-narrow", compact=True)}


def overview_grid(findings: Iterable[Finding], link: Callable[[Finding], str]) -> Svg:
    """The small grid alone, for a page that has no table beside it: its marks lead elsewhere."""
    return risk_grid(marks(findings, link), "map", compact=True)


def by_area(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Areas in a fixed order, each with its findings and the severity of its worst."""
    order = ("high", "medium", "low")
    rows = list(enumerate(findings, start=1))
    grouped = [
        {"slug": slug, "name": name, "rows": [(number, row) for number, row in rows if row.area == slug]}
        for slug, name in AREAS.items()
    ]
    areas = [area for area in grouped if area["rows"]]
    for area in areas:
        area["severity"] = min((row.shown_severity for _, row in area["rows"]), key=order.index)
    return areas
