"""Speed Insights of Vercel as a drain sends them: Web Vitals that visitors' browsers measured, by route.

Fields: https://vercel.com/docs/drains/reference/speed-insights. CLS has no unit, the others are milliseconds. Devices
and places of visitors are neither read nor quoted. Percentiles come from a sketch, at most one percent off.
"""

from dataclasses import dataclass, field

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.histogram import Histogram, bucket_of
from telemetry.parsers.base import Parser
from telemetry.parsers.json_records import JsonRecord, first_records, records_of
from telemetry.parsers.ops_values import is_amount, read_time, widen
from telemetry.routes import RouteTable
from telemetry.source import Head, Source

SCHEMA = "vercel.speed_insights."
HOW = "Send what a drain of the type Speed Insights delivered, as JSON or NDJSON."
VITALS = {"LCP": "ms", "INP": "ms", "TTFB": "ms", "FCP": "ms", "FID": "ms", "CLS": ""}
_ROUTES = 300
_SHARE = 0.75  # the percentile by which Google rates a page: https://web.dev/articles/vitals


@dataclass(slots=True)
class _Page:
    """Vitals of one route, or of all."""

    place: Place
    vitals: dict[str, Histogram] = field(default_factory=dict)

    def add(self, vital: str, bucket: int) -> None:
        """Count one measurement."""
        self.vitals.setdefault(vital, Histogram()).add((bucket,))

    def row(self, subject: str, window_s: float) -> Evidence:
        """The row of this route."""
        counts = {vital: histogram.counts.total() for vital, histogram in self.vitals.items()}
        metrics: dict[str, float] = {"samples": float(sum(counts.values()))}
        metrics |= {"window_s": window_s} if window_s else {}
        for vital, histogram in self.vitals.items():
            unit = VITALS[vital]
            name = vital.lower()
            metrics[f"{name}_p75_{unit}" if unit else f"{name}_p75"] = histogram.quantile(_SHARE)
            metrics[f"{name}_samples"] = float(counts[vital])
        sketches = {vital.lower(): dict(histogram.counts) for vital, histogram in self.vitals.items()}
        return Evidence("web.vitals", subject, metrics, self.place, sketches=sketches)


def sniff(head: Head) -> bool:
    """Claim records whose schema is that of Speed Insights."""
    text = head.text.lstrip("\ufeff \t\r\n")
    if not text.startswith(("{", "[")) or SCHEMA not in text:
        return False
    records = first_records(head)
    known = sum(str(record.get("schema", "")).startswith(SCHEMA) for record in records)
    return known >= 0.5 * len(records)


def parse(source: Source) -> ParseResult:
    """A row a route and one for all; ParseError when no measurement is in the file."""
    result = ParseResult(carrier="speed-insights")
    table, pages = RouteTable(limit=_ROUTES), dict[str, _Page]()
    unknown = 0
    for record in records_of(source, result):
        facts = record.content
        vital, value = facts.get("metricType"), facts.get("value")
        if not str(facts.get("schema", "")).startswith(SCHEMA) or not is_amount(value) or float(str(value)) < 0:
            record.reject(result)
            continue
        if vital not in VITALS:
            unknown += 1
            continue
        result.records += 1
        _see_time(record, result)
        route = table.route(str(facts.get("route") or facts.get("path") or "/"))
        for name in ("all", route):
            if name not in pages:
                pages[name] = _Page(record.quote("route" if facts.get("route") else "metricType", result))
            pages[name].add(str(vital), bucket_of(float(str(value))))
    if not pages:
        raise ParseError(f"No Web Vital stands in this file. {HOW}", 1)
    _finish(pages, unknown, result)
    return result


def _see_time(record: JsonRecord, result: ParseResult) -> None:
    try:
        widen(result, read_time(record.content.get("timestamp")))
    except ValueError:
        return


def _finish(pages: dict[str, _Page], unknown: int, result: ParseResult) -> None:
    window_s = (result.last - result.first).total_seconds() if result.first and result.last else 0.0
    result.evidence = [page.row(name, window_s) for name, page in pages.items()]
    result.totals = {"samples": result.records, "routes": len(pages) - 1}
    result.enables = ["How fast pages are for visitors, route by route"]
    result.notes.append("Drains and Speed Insights itself may be sampled: percentiles hold, counts are no traffic.")
    if unknown:
        result.notes.append(f"{unknown:,} measurements are of no Web Vital that is read, and are left out.")


PARSER = Parser(
    id="vercel-speed-insights",
    title="Web Vitals (Vercel Speed Insights)",
    how_to_export="Vercel > Team Settings > Drains > Add Drain > Speed Insights, to an endpoint of your own that keeps "
    "what it is sent: one file of JSON or NDJSON, at least a week",
    looks_for='JSON lines or a JSON array with "schema": "vercel.speed_insights.v1"',
    kinds=("web.vitals",),
    sniff=sniff,
    parse=parse,
)
