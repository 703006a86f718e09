"""Answers of the Prometheus HTTP API: an instant query (vector), a range query (matrix), a scalar.

Values are texts in JSON, times are seconds since 1970 (https://prometheus.io/docs/prometheus/latest/querying/api/).
"""

import math
from datetime import UTC, datetime
from typing import Any

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.metrics_evidence import evidence_of
from telemetry.parsers.metrics_families import Family
from telemetry.parsers.readers import JsonText, Member

_TYPES = ("vector", "matrix", "scalar", "string")
_EXPRESSION = "expression"  # a computed series has no name


def read_query(raw: bytes, result: ParseResult) -> None:
    """Read one answer; ParseError when the query failed or found nothing."""
    document = JsonText(raw)
    result.carrier, result.lines = "prometheus-query", document.lines
    result.blank = sum(not line.strip() for line in document.text.split("\n")[: result.lines])
    result.records_lines = result.lines - result.blank
    answer = document.value if isinstance(document.value, dict) else {}
    if answer.get("status") == "error":
        raise ParseError(f"The query failed ({str(answer.get('error'))[:200]}); mend it and send the new answer.")
    content = document.member(document.start, "data")
    kind = content.value.get("resultType") if content and isinstance(content.value, dict) else None
    found = document.member(content.value_at, "result") if content else None
    if kind not in _TYPES or found is None:
        raise ParseError("This is no answer of /api/v1/query or /api/v1/query_range of Prometheus.", 1)
    families: dict[str, Family] = {}
    entries = document.members(found.value_at) if kind in ("vector", "matrix") else [found]
    for entry in entries:
        _read_series(entry, document, families, result)
    if not result.records:
        raise ParseError("The query answered without a sample; check its metric and its period, and send it again.")
    result.evidence = evidence_of(families, result)
    result.totals = {"families": len(families), "samples": result.records}
    result.enables = ["Values of the application's own metrics over the queried time"]
    if kind != "matrix":
        result.notes.append("One moment; send a range query (query_range) for peaks and rates.")
    if answer.get("warnings"):
        result.notes.append(f"Prometheus warned: {str(answer['warnings'])[:200]}")


def _read_series(entry: Member, document: JsonText, families: dict[str, Family], result: ParseResult) -> None:
    holder = entry.value if isinstance(entry.value, dict) else {"value": entry.value}
    metric = holder.get("metric")
    labels = {str(name): str(value)[:400] for name, value in metric.items()} if isinstance(metric, dict) else {}
    name = labels.pop("__name__", _EXPRESSION)
    values = holder["values"] if isinstance(holder.get("values"), list) else [holder.get("value")]
    points = sorted(point for point in map(_point, values) if point)
    if not points:
        return
    spot = document.spot(entry.at)
    family = families.setdefault(name, Family(name, spot))
    series = family.at(tuple(sorted(labels.items())), spot)
    family.samples += len(points)
    result.records += len(points)
    for moment in (datetime.fromtimestamp(points[0][0], UTC), datetime.fromtimestamp(points[-1][0], UTC)):
        result.first, result.last = min(result.first or moment, moment), max(result.last or moment, moment)
    finite = [point for point in points if math.isfinite(point[1])]
    if series and "values" in holder:
        series.points = finite
    elif series and finite:
        series.values[""] = finite[-1][1]


def _point(value: Any) -> tuple[float, float] | None:
    """(seconds, value) of a sample, None when it is none."""
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], int | float):
        return None
    try:
        point = float(value[0]), float(str(value[1]))
    except (ValueError, OverflowError):
        return None
    return point if 0 < point[0] < 4_102_444_800 else None
