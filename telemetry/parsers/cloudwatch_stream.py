"""Metric streams of CloudWatch: JSON lines, bare or inside the base64 records that Firehose delivers.

Each line holds what one metric came to in a minute: most, least, sum and count. The mean over the file is the sum over
the count, never a mean of means.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-formats-json.html
https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.json_records import JsonRecord, records_of
from telemetry.parsers.ops_values import is_amount
from telemetry.redaction import redact
from telemetry.source import Head, Source

_METRICS = 1_000
_LINE = re.compile(r'\{[^{}\n]{0,2000}"metric_stream_name"\s*:')
_ENVELOPE = re.compile(r'"records"\s*:\s*\[\s*\{[^{}]{0,300}"data"\s*:\s*"([A-Za-z0-9+/=]{8,})')
_GZIP = b"\x1f\x8b"
_NEEDED = ("max", "min", "sum", "count")
Spot = tuple[int, str]


@dataclass(slots=True)
class _Metric:
    """All points of one metric and its dimensions."""

    first: Spot
    namespace: str
    unit: str
    points: int = 0
    count: float = 0.0
    total: float = 0.0
    most: float = 0.0
    most_at: tuple[Spot, datetime] | None = None
    least: float = 0.0
    sums: list[float] = field(default_factory=list)  # highest, lowest, last sum of a point
    means: list[float] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None

    def add(self, value: dict[str, float], moment: datetime, spot: Spot) -> None:
        """Count one point."""
        if self.most_at is None or value["max"] > self.most:
            self.most, self.most_at = value["max"], (spot, moment)
        self.least = value["min"] if not self.points else min(self.least, value["min"])
        self.points += 1
        self.count += value["count"]
        self.total += value["sum"]
        _widen(self.sums, value["sum"])
        if value["count"] > 0:
            _widen(self.means, value["sum"] / value["count"])
        self.since, self.until = min(self.since or moment, moment), max(self.until or moment, moment)


def _widen(found: list[float], value: float) -> None:
    found[:] = [max([value, *found[:1]]), min([value, *found[1:2]]), value]


def is_stream(head: Head) -> bool:
    """Whether the first record is a metric's, or an envelope whose first record is."""
    text = head.text.lstrip("\ufeff \t\r\n")
    if not text.startswith(("{", "[")):
        return False
    if _LINE.match(text.lstrip("[ \r\n")):
        return True
    found = _ENVELOPE.search(text[:4_000])
    return found is not None and b"metric_stream_name" in _decoded(found[1][:400])


def _decoded(text: str) -> bytes:
    """Bytes of base64, of a cut one as far as it goes; empty when it is none."""
    try:
        return base64.b64decode(text[: len(text) // 4 * 4], validate=True)
    except (binascii.Error, ValueError):
        return b""


def read_stream(source: Source, result: ParseResult) -> None:
    """Three rows a metric: Average, Maximum, Sum; ParseError when no point can be read."""
    result.carrier = "metric-stream"
    metrics: dict[str, _Metric] = {}
    left_out = 0
    for record in records_of(source, result):
        points = 0
        for facts, spot in _points(record, result):
            points += 1
            left_out += not _add(facts, spot, metrics, result)
        if not points:
            record.reject(result)
    if not metrics:
        raise ParseError("No point of a metric stands in this stream; send the objects that Firehose wrote.", 1)
    for label, metric in metrics.items():
        result.evidence += _rows(label, metric, result)
    result.totals = {"series": len(metrics), "points": result.records}
    result.enables = ["Load of managed services over time"]
    if left_out:
        result.notes.append(f"{left_out:,} points belong to metrics beyond the first {_METRICS:,}; counted only.")
    if result.carrier == "firehose":
        result.notes.append("The records are base64: a line leads to the envelope, the number is inside it.")


def _points(record: JsonRecord, result: ParseResult) -> Iterator[tuple[dict[str, Any], Spot]]:
    """Metrics of a line, or of all records of an envelope; ParseError for an envelope of logs."""
    listed = record.content.get("records")
    if not isinstance(listed, list):
        if _is_point(record.content):
            yield record.content, (record.line, record.text[:300])
        return
    result.carrier = "firehose"
    for entry in listed:
        data = entry.get("data") if isinstance(entry, dict) else None
        raw = _decoded(data) if isinstance(data, str) else b""
        if raw.startswith(_GZIP):
            raise ParseError("These records hold a log (CloudWatch Logs), no metrics; send the log group's export.", 1)
        at = max(record.text.find(str(data)[:60]), 0)
        spot = (record.line + record.text.count("\n", 0, at), record.text[at : at + 80].partition('"')[0])
        for line in raw.split(b"\n"):
            try:
                facts = orjson.loads(line) if line.strip() else None
            except orjson.JSONDecodeError:
                continue
            if isinstance(facts, dict) and _is_point(facts):
                yield facts, spot


def _is_point(facts: dict[str, Any]) -> bool:
    value = facts.get("value")
    known = isinstance(value, dict) and all(is_amount(value.get(name)) for name in _NEEDED)
    stamp = facts.get("timestamp")
    timed = is_amount(stamp) and 946_684_800_000 <= float(str(stamp)) < 4_102_444_800_000
    return known and timed and isinstance(facts.get("metric_name"), str)


def _add(facts: dict[str, Any], spot: Spot, metrics: dict[str, _Metric], result: ParseResult) -> bool:
    """Count a point; False when its metric is beyond the bound."""
    result.records += 1
    moment = datetime.fromtimestamp(facts["timestamp"] / 1000, UTC)
    result.first, result.last = min(result.first or moment, moment), max(result.last or moment, moment)
    dimensions = facts.get("dimensions")
    pairs = sorted(dimensions.items()) if isinstance(dimensions, dict) else []
    namespace = str(facts.get("namespace") or "")[:80]
    label = " ".join([namespace, facts["metric_name"][:120], *(f"{name}={value}" for name, value in pairs)])[:200]
    if label not in metrics:
        if len(metrics) >= _METRICS:
            return False
        metrics[label] = _Metric(spot, namespace, str(facts.get("unit") or "")[:40])
    value = {name: float(facts["value"][name]) for name in _NEEDED}
    metrics[label].add(value, moment, spot)
    return True


def _rows(label: str, metric: _Metric, result: ParseResult) -> list[Evidence]:
    shown, place = redact(label.strip())[0], readers.place(*metric.first, result)
    spot, peak = metric.most_at or (metric.first, metric.since or datetime.now(UTC))
    found: dict[str, dict[str, float]] = {"Maximum": {"highest": metric.most}}
    found["Minimum"] = {"lowest": metric.least}
    found["Sum"] = dict(zip(("highest", "lowest", "last"), metric.sums, strict=True)) | {"sum": metric.total}
    if metric.count > 0:
        found["Average"] = dict(zip(("highest", "lowest", "last"), metric.means, strict=True))
        found["Average"]["mean"] = metric.total / metric.count
    rows: list[Evidence] = []
    for statistic, metrics in found.items():
        metrics["points"] = float(metric.points)
        if metric.since and metric.until and metric.until > metric.since:
            metrics["window_s"] = (metric.until - metric.since).total_seconds()
        attrs = {"label": shown, "statistic": statistic, "unit": metric.unit, "namespace": metric.namespace}
        places = {"highest": readers.place(*spot, result)} if statistic == "Maximum" else {}
        attrs |= {"peak_at": peak.isoformat()} if statistic == "Maximum" else {}
        kept = {name: text for name, text in attrs.items() if text}
        rows.append(Evidence("cloudwatch.metric", f"{shown} {statistic}", metrics, place, places, kept))
    return rows
