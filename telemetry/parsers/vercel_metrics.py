"""`vercel metrics --json`: one metric of the platform, summed up by what it was grouped by.

The value's key is the metric's name with "_" for "." and the aggregation at its end
("vercel_function_invocation_function_duration_ms_p75"). Rows of `summary` are read; `data` gives the period.
"""

import re
from datetime import datetime

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.ops_values import blank_lines, is_amount, quote_member, read_time, settle_lines, widen
from telemetry.parsers.readers import JsonText, Member
from telemetry.routes import route_of
from telemetry.source import Head, Source

HOW = "vercel metrics vercel.function_invocation.function_duration_ms --aggregation p75 --group-by route --json"
MAX_GROUPS = 500
_NAMES = ("query", "summary", "data", "statistics")
_KEYS = tuple(re.compile(rf'"{key}"\s*:') for key in _NAMES)
_ERROR = re.compile(r'\A\{\s*"error"\s*:\s*\{\s*"(?:code|message)"\s*:.*vercel', re.S | re.I)
_VALUE = re.compile(r"(vercel_\w+?)_(sum|count|avg|min|max|p50|p75|p90|p95|p99|persecond|percent|unique)\Z")
_FACTORS = {"ms": 1.0, "bytes": 1.0, "mb": 1024.0**2}
_UNITS = {"ms": "ms", "bytes": "bytes", "mb": "bytes"}
_ROUTES = ("route", "origin_path", "originPath", "request_path", "requestPath", "path")


def sniff(head: Head) -> bool:
    """Claim one JSON object with query, summary, data and statistics, and values named after a metric of Vercel."""
    text = head.text.removeprefix("\ufeff").lstrip()
    if not text.startswith("{"):
        return False
    named = head.quoted.issuperset(_NAMES[:2]) and all(key.search(text) for key in _KEYS[:2]) and '"vercel' in text
    return bool(named and (all(key.search(text) for key in _KEYS) or not head.complete)) or bool(_ERROR.match(text))


def parse(source: Source) -> ParseResult:
    """One row a group and aggregation; ParseError for the command's own error, or when nothing was measured."""
    document = JsonText(source.read())
    parts = {one.key: one for one in document.members(document.start)}
    if "error" in parts:
        raise ParseError(f"The command answered with an error instead of metrics. Try again: {HOW}", 1)
    result = ParseResult(carrier="json", lines=document.lines)
    groups = document.members(parts["summary"].value_at) if "summary" in parts else []
    for group in groups[:MAX_GROUPS]:
        _read(group, document, result)
    if not result.evidence:
        raise ParseError(f"The answer holds no value: nothing was measured in this period. {HOW}", 1)
    data = document.members(parts["data"].value_at) if "data" in parts else []
    widen(result, *(_moment(point) for point in data))
    _finish(document, len(groups), result)
    return result


def _moment(point: Member) -> datetime | None:
    try:
        return read_time(point.value.get("timestamp")) if isinstance(point.value, dict) else None
    except ValueError:
        return None


def _read(group: Member, document: JsonText, result: ParseResult) -> None:
    facts = document.members(group.value_at)
    values = [(one, found) for one in facts if (found := _VALUE.match(one.key)) and is_amount(one.value)]
    if not values:
        result.reject(document.line(group.at), document.place(group.at, result).quote)
        return
    dims = {one.key: one.value for one in facts if isinstance(one.value, str) and not _VALUE.match(one.key)}
    for value, found in values:
        unit = next((part for part in _UNITS if found[1].endswith(f"_{part}")), "")
        name = f"value_{_UNITS[unit]}" if unit else "value"
        number = float(value.value) * _FACTORS.get(unit, 1.0)
        attrs = {"metric": found[1], "aggregation": found[2], "by": sorted(dims)}
        row = Evidence("platform.metric", _subject(dims), {name: number}, quote_member(document, value, result))
        result.evidence.append(Evidence(row.kind, row.subject, row.metrics, row.place, attrs=attrs))


def _subject(dims: dict[str, str]) -> str:
    """The route, with what else it was grouped by; "all" without groups."""
    parts = [route_of(value) if key in _ROUTES else value for key, value in sorted(dims.items(), key=_routes_first)]
    return " ".join(parts)[:300] or "all"


def _routes_first(pair: tuple[str, str]) -> tuple[bool, str]:
    return (pair[0] not in _ROUTES, pair[0])


def _finish(document: JsonText, groups: int, result: ParseResult) -> None:
    result.records = min(groups, MAX_GROUPS) - result.rejected
    result.totals = {"groups": result.records, "values": len(result.evidence)}
    for row in result.evidence:
        if row.attrs["aggregation"] in ("sum", "count"):
            name = f"{row.attrs['metric']}_{row.attrs['aggregation']}"
            result.totals[name] = float(result.totals.get(name, 0)) + next(iter(row.metrics.values()))
    result.enables = ["What the platform itself measured, route by route"]
    if groups > MAX_GROUPS:
        result.notes.append(f"Only the first {MAX_GROUPS:,} of {groups:,} groups have a row.")
    result.blank = blank_lines(document)
    settle_lines(result)


PARSER = Parser(
    id="vercel-metrics",
    title="Vercel metrics (Observability)",
    how_to_export=HOW + " > metrics.json",
    looks_for='JSON with "query", "summary", "data" and "statistics", as vercel metrics --json writes it',
    kinds=("platform.metric",),
    sniff=sniff,
    parse=parse,
)
