"""Everything that metrics tell: each family and its largest series, and what known families are about."""

from telemetry.evidence import Evidence, ParseResult
from telemetry.parsers import metrics_families
from telemetry.parsers.metrics_families import Family
from telemetry.parsers.metrics_http import http_rows
from telemetry.parsers.metrics_known import KINDS as KNOWN_KINDS
from telemetry.parsers.metrics_known import known_rows
from telemetry.parsers.metrics_nodes import node_rows

KINDS = ("metric.family", "metric.series", *KNOWN_KINDS, "host.cpu", "http.route")


def evidence_of(families: dict[str, Family], result: ParseResult) -> list[Evidence]:
    """Rows of families and series, then rows in the words of the view, command or log that a family was read from."""
    rows = [*known_rows(families, result), *node_rows(families, result), *http_rows(families, result)]
    if rows:
        kinds = ", ".join(sorted({row.kind for row in rows}))
        result.notes.append(f"Known exporters: read as what they show, too ({kinds}).")
    return [*metrics_families.evidence_of(families, result), *rows]
