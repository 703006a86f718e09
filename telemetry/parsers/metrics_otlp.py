"""Metrics of OpenTelemetry as OTLP JSON: a document, or one export request a line, as the collector's file exporter
writes it.

64-bit numbers are texts, enumerations numbers or names (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.metrics_evidence import evidence_of
from telemetry.parsers.metrics_families import Family, Labels, Series, Spot
from telemetry.parsers.otlp_series import CUMULATIVE, DELTA, Counts, Distribution, Numbers, width_of
from telemetry.parsers.readers import JsonText
from telemetry.source import Source, is_overlong

START = re.compile(r'\{\s*"resourceMetrics"\s*:\s*\[')
HOW = "Send what the collector's file exporter wrote, as JSON."
_SCOPES = ("scopeMetrics", "instrumentationLibraryMetrics")
_KINDS = ("sum", "gauge", "histogram", "exponentialHistogram", "summary")
_TEMPORALITY = {"AGGREGATION_TEMPORALITY_DELTA": DELTA, "AGGREGATION_TEMPORALITY_CUMULATIVE": CUMULATIVE}
_SHOWN = ("service.name", "service.instance.id", "host.name", "k8s.pod.name")
_NO_VALUE = 1  # flag of a point
_MAX_FAMILIES = 20_000
_MAX_SERIES = 50_000
_MAX_BUCKETS = 10_000


@dataclass(slots=True)
class _Text:
    """Where the names of one document stand: found one after the other, as they come."""

    text: str
    line: int
    at: int = 0

    def spot(self, name: str) -> Spot:
        """The line where the next metric of this name begins, and its text from there."""
        wanted = re.compile(r'"name"\s*:\s*' + re.escape(json.dumps(name, ensure_ascii=False)))
        found = wanted.search(self.text, self.at) or wanted.search(self.text)
        if found is None:
            return self.line, self.text[:300].partition("\n")[0]
        self.line += self.text.count("\n", self.at, found.start()) if found.start() >= self.at else 0
        self.at = max(self.at, found.start())
        return self.line, self.text[found.start() : found.start() + 300].partition("\n")[0]


@dataclass(slots=True)
class _Metric:
    """One metric of one resource: its family, the labels of its resource, what all its points share."""

    family: Family
    resource: tuple[Labels, Labels]  # all attributes, and those that are shown
    kind: str
    temporality: int
    rising: bool
    spot: Spot


class _Metrics:
    """All series of a file."""

    def __init__(self, result: ParseResult) -> None:
        self.result = result
        self.families: dict[str, Family] = {}
        self.series: dict[tuple[str, Labels, Labels], tuple[Series, Numbers | Distribution]] = {}
        self.deltas: set[str] = set()
        self.scales: set[int] = set()
        self._names: Counter[tuple[str, Labels]] = Counter()

    def metric(self, facts: dict[str, Any], resource: tuple[Labels, Labels], text: _Text) -> None:
        """Count every point of a metric."""
        name = facts.get("name")
        kind = next((kind for kind in _KINDS if isinstance(facts.get(kind), dict)), None)
        if not isinstance(name, str) or kind is None:
            return
        name = name if name in self.families or len(self.families) < _MAX_FAMILIES else "other"
        spot = text.spot(str(facts["name"]))
        family = self.families.setdefault(name, Family(name, spot))
        holder = facts[kind]
        said = holder.get("aggregationTemporality", 0)
        temporality = _TEMPORALITY.get(said, said if said in (DELTA, CUMULATIVE) else 0)
        rising = kind == "sum" and holder.get("isMonotonic") is True
        family.type = {"sum": "counter" if rising else "gauge", "exponentialHistogram": "histogram"}.get(kind, kind)
        family.help, family.unit = str(facts.get("description") or "")[:400], str(facts.get("unit") or "")[:40]
        if temporality == DELTA:
            self.deltas.add(name)
        metric = _Metric(family, resource, kind, temporality, rising, spot)
        for point in _objects(holder.get("dataPoints")):
            self._point(metric, point)

    def _point(self, metric: _Metric, point: dict[str, Any]) -> None:
        start, moment = _ns(point.get("startTimeUnixNano")), _ns(point.get("timeUnixNano"))
        if _number(point.get("flags")) == _NO_VALUE:
            return
        metric.family.samples += 1
        self.result.records += 1
        for when in filter(None, (start if metric.temporality == DELTA else 0, moment)):
            at = datetime.fromtimestamp(when / 1e9, UTC)
            self.result.first, self.result.last = min(self.result.first or at, at), max(self.result.last or at, at)
        found = self._series(metric, attributes(point.get("attributes")))
        if found is None:
            return
        series, values = found
        if metric.kind == "summary":
            _summary(series, point)
        elif isinstance(values, Distribution):
            counts = _counts(metric.kind, point)
            if counts:
                values.add(counts, start, moment)
                self.scales |= {counts.scale} if counts.scale is not None else set()
        elif (value := _value(point)) is not None:
            values.add(value, start, moment)

    def _series(self, metric: _Metric, labels: Labels) -> tuple[Series, Numbers | Distribution] | None:
        """The series of a point, None beyond the bound. Two instances that look alike are told apart by a number."""
        key = (metric.family.name, metric.resource[0], labels)
        if key not in self.series:
            if len(self.series) >= _MAX_SERIES:
                metric.family.folded += 1
                return None
            shown = tuple(sorted((*metric.resource[1], *labels)))
            self._names[(metric.family.name, shown)] += 1
            if (twins := self._names[(metric.family.name, shown)]) > 1:
                shown = (*shown, ("instance", str(twins)))
            series = metric.family.at(shown, metric.spot)
            if series is None:
                return None
            made = Distribution(metric.temporality) if "istogram" in metric.kind else None
            self.series[key] = series, made or Numbers(metric.rising, metric.temporality)
        return self.series[key]

    def close(self) -> None:
        """Put what every series came to into its family."""
        for series, values in self.series.values():
            if isinstance(values, Numbers) and values.points:
                series.summary = values.metrics()
                series.values[""] = series.summary.get("value", series.summary.get("increase", 0.0))
            elif isinstance(values, Distribution) and (whole := values.whole()):
                window = (values.until - values.since) / 1e9
                series.summary = {"points": float(values.points)} | ({"window_s": window} if window > 0 else {})
                series.values["_count"] = whole.count
                series.values |= {"_sum": whole.total} if whole.total is not None else {}
                series.buckets = whole.bounds()


def read_otlp(source: Source, result: ParseResult) -> None:
    """Read every export request; ParseError when none holds a point."""
    result.carrier = "otlp-json"
    metrics = _Metrics(result)
    for request, text in _requests(source, result):
        for resource in _objects(request.get("resourceMetrics")):
            holder = resource.get("resource")
            labels = attributes(holder.get("attributes") if isinstance(holder, dict) else None)
            shown = tuple(pair for pair in labels if pair[0] in _SHOWN)
            for name in _SCOPES:
                for scope in _objects(resource.get(name)):
                    for facts in _objects(scope.get("metrics")):
                        metrics.metric(facts, (labels, shown), text)
        source.records = result.records
    if not result.records:
        raise ParseError(f"These metrics hold no point. {HOW}", 1)
    metrics.close()
    result.evidence = evidence_of(metrics.families, result)
    result.totals = {"families": len(metrics.families), "samples": result.records}
    result.enables = ["Values of the application's own metrics over time", "Latency where it is kept as a histogram"]
    _note(metrics, result)


def _note(metrics: _Metrics, result: ParseResult) -> None:
    if metrics.deltas:
        result.notes.append(f"{len(metrics.deltas):,} metrics send only what is new since the point before: added up.")
    if any(family.type == "histogram" for family in metrics.families.values()):
        result.notes.append("Percentiles of histograms are as coarse as their buckets.")
    if metrics.scales and math.isfinite(off := width_of(min(metrics.scales))):
        result.notes.append(f"Exponential buckets: a percentile is at most {off:.0%} off.")


def _requests(source: Source, result: ParseResult) -> Iterator[tuple[dict[str, Any], _Text]]:
    first = source.head().text.lstrip("\ufeff \t\r\n").partition("\n")[0]
    if _request(first.encode()) is None:
        document = JsonText(source.read())
        result.lines = document.lines
        result.blank = sum(not line.strip() for line in document.text.split("\n")[: result.lines])
        result.records_lines = result.lines - result.blank
        yield (document.value if isinstance(document.value, dict) else {}), _Text(document.text, 1)
        return
    for result.lines, raw in source.lines():
        if not raw.strip():
            result.blank += 1
        elif is_overlong(raw) or (request := _request(raw)) is None:
            readers.reject_line(result.lines, raw[:600].decode("utf-8", "replace"), result)
        else:
            result.records_lines += 1
            yield request, _Text(raw.decode("utf-8", "replace"), result.lines)


def _request(line: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) and isinstance(value.get("resourceMetrics"), list) else None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def attributes(value: Any) -> Labels:
    """Names and values of OTLP attributes, sorted; lists and maps are left out."""
    found: dict[str, str] = {}
    for entry in _objects(value)[:100]:
        holder = entry.get("value")
        told = next(iter(holder.values()), None) if isinstance(holder, dict) else None
        if isinstance(told, str | int | float) and isinstance(entry.get("key"), str):
            found[entry["key"][:100]] = str(told)[:400]
    return tuple(sorted(found.items()))


def _number(value: Any) -> float | None:
    """A finite number, also as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) < 1e300 else None


def _ns(value: Any) -> int:
    """Nanoseconds since 1970, 0 when not told or beyond the year 2100."""
    text = str(value)
    stamp = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return stamp if 0 < stamp < 4_102_444_800 * 10**9 else 0


def _value(point: dict[str, Any]) -> float | None:
    return _number(point["asInt"] if "asInt" in point else point.get("asDouble"))


def _counts(kind: str, point: dict[str, Any]) -> Counts | None:
    """A histogram's point; None when its counts are not told."""
    count, total = _number(point.get("count", 0)), _number(point.get("sum"))
    if count is None or count < 0:
        return None
    if kind == "exponentialHistogram":
        return _exponential(point, Counts(count, total))
    bounds = [_number(bound) for bound in _list(point.get("explicitBounds"))]
    bins = [_number(entry) for entry in _list(point.get("bucketCounts"))]
    fits = len(bins) == len(bounds) + 1 and None not in bounds and None not in bins
    pairs = zip([*bounds, math.inf], bins, strict=True) if fits else ()
    return Counts(count, total, {float(bound or 0): float(entry or 0) for bound, entry in pairs})


def _exponential(point: dict[str, Any], counts: Counts) -> Counts:
    """Buckets of positive values; with negative ones the percentiles are left out."""
    scale, zero = _number(point.get("scale", 0)), _number(point.get("zeroCount", 0))
    positive, negative = point.get("positive"), point.get("negative")
    below = [_number(entry) for entry in _list(negative.get("bucketCounts"))] if isinstance(negative, dict) else []
    if scale is None or zero is None or not -10 <= scale <= 20 or any(below):
        return counts
    counts.scale, counts.zero = int(scale), zero
    holder = positive if isinstance(positive, dict) else {}
    offset = _number(holder.get("offset", 0))
    bins = [_number(entry) for entry in _list(holder.get("bucketCounts"))]
    if offset is not None and abs(offset) < 2**31 and None not in bins:
        counts.bins = {float(int(offset) + at): float(entry or 0) for at, entry in enumerate(bins)}
    return counts


def _list(value: Any) -> list[Any]:
    return value[:_MAX_BUCKETS] if isinstance(value, list) else []


def _summary(series: Series, point: dict[str, Any]) -> None:
    """The last point counts: quantiles cannot be added up."""
    count, total = _number(point.get("count", 0)), _number(point.get("sum"))
    series.values |= {"_count": count} if count is not None else {}
    series.values |= {"_sum": total} if total is not None else {}
    for entry in _objects(point.get("quantileValues"))[:100]:
        share, value = _number(entry.get("quantile", 0)), _number(entry.get("value", 0))
        if share is not None and value is not None:
            series.quantiles[share] = value
