"""Metrics of CloudWatch: what get-metric-statistics (points in no order) and get-metric-data answer, and streams.

Shapes after https://docs.aws.amazon.com/cli/latest/reference/cloudwatch/get-metric-statistics.html and
https://docs.aws.amazon.com/cli/latest/reference/cloudwatch/get-metric-data.html. Those of SQS are read as queue counts.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.cloudwatch_stream import is_stream, read_stream
from telemetry.parsers.cloudwatch_views import KINDS, as_view, stream_views
from telemetry.parsers.queue_names import is_queue_cloudwatch
from telemetry.parsers.readers import JsonText, Member
from telemetry.redaction import redact
from telemetry.source import Head, Source

_STATISTICS = ("Average", "Sum", "Maximum", "Minimum", "SampleCount")
_SHAPE = re.compile(r'"Datapoints"\s*:\s*\[|"MetricDataResults"\s*:\s*\[')
_SUBJECTS = 1_000
# A mean of the points has a meaning for these only: maxima and percentiles have no mean.
_MEAN = ("Average", "Sum", "SampleCount")
_PERCENTILE = re.compile(r"p\d{1,2}(?:\.\d{1,3})?")

Point = tuple[datetime, float, int]  # moment, value, index in the document


def sniff(head: Head) -> bool:
    """Whether this is a metric stream, or an answer of CloudWatch that is not about queues."""
    if is_stream(head):
        return True
    text = head.text.lstrip("\ufeff \t\r\n")
    known = text.startswith("{") and "Label" in head.quoted and _SHAPE.search(text)
    return bool(known) and not is_queue_cloudwatch(head.text)


def parse(source: Source) -> ParseResult:
    """A row a metric and statistic."""
    if is_stream(source.head()):
        result = ParseResult()
        read_stream(source, result)
        result.evidence += list(stream_views(result.evidence))
        return result
    document = JsonText(source.read())
    result = ParseResult(carrier="cloudwatch", lines=document.lines)
    result.blank = sum(not line.strip() for line in document.text.split("\n")[: result.lines])
    result.records_lines = result.lines - result.blank
    found = 0
    for subject, entry, points, attrs in _series(document, result):
        found += 1
        result.records += len(points)
        if points and found <= _SUBJECTS:
            row = _row(subject, sorted(points), entry, attrs, document, result)
            result.evidence += [row, *as_view(row, [value for _, value, _ in points])]
    if not result.evidence:
        raise ParseError("This answer of CloudWatch holds no point; check metric, dimensions, region and period.", 1)
    if found > _SUBJECTS:
        result.notes.append(f"{found - _SUBJECTS:,} more metrics are counted only.")
    result.totals = {"series": found, "points": result.records}
    result.enables = ["Load of managed services over time"]
    result.notes.append(
        "Names and dimensions are those of the query: the label alone may not tell which resource it is."
    )
    return result


def _series(document: JsonText, result: ParseResult) -> Iterator[tuple[str, Member, list[Point], dict[str, Any]]]:
    """(subject, entry, points, attrs) of every metric and statistic."""
    top = {entry.key: entry for entry in document.members(document.start)} if document.value else {}
    label = str(top["Label"].value) if "Label" in top else ""
    if "Datapoints" in top and isinstance(top["Datapoints"].value, list):
        yield from _statistics(label, top["Datapoints"])
    for entry in document.members(top["MetricDataResults"].value_at) if "MetricDataResults" in top else []:
        facts = entry.value if isinstance(entry.value, dict) else {}
        stamps, values = facts.get("Timestamps"), facts.get("Values")
        if not isinstance(stamps, list) or not isinstance(values, list):
            continue
        if facts.get("StatusCode") == "PartialData":
            result.notes.append(f"{str(facts.get('Label'))[:80]} is cut (PartialData): ask for the next token, too.")
        pairs = zip(stamps, values, strict=False)
        points = [point for at, (stamp, value) in enumerate(pairs) if (point := _point(stamp, value, at))]
        yield (
            str(facts.get("Label") or facts.get("Id") or "metric"),
            entry,
            points,
            {"id": str(facts.get("Id", ""))[:80]},
        )


def _statistics(label: str, entry: Member) -> Iterator[tuple[str, Member, list[Point], dict[str, Any]]]:
    rows = [_object(row) for row in entry.value]
    extended = {name for row in rows for name in _object(row.get("ExtendedStatistics"))}
    for name in (*_STATISTICS, *sorted(filter(_PERCENTILE.fullmatch, extended))):
        pairs = [(row, row.get(name, _object(row.get("ExtendedStatistics")).get(name))) for row in rows]
        points = [point for at, (row, value) in enumerate(pairs) if (point := _point(row.get("Timestamp"), value, at))]
        if points:
            unit = next((str(row["Unit"]) for row in rows if "Unit" in row), "")
            yield f"{label} {name}".strip(), entry, points, {"statistic": name, "unit": unit[:40], "label": label[:200]}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _point(stamp: Any, value: Any, at: int) -> Point | None:
    """A moment with its value; a time without a zone cannot be placed and is left out."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    try:
        if isinstance(stamp, str) and known:
            moment = datetime.fromisoformat(stamp)
            return (moment.astimezone(UTC), float(value), at) if moment.tzinfo else None
        if isinstance(stamp, int | float) and known and 946_684_800 <= stamp < 4_102_444_800:
            return datetime.fromtimestamp(stamp, UTC), float(value), at
    except ValueError:
        return None
    return None


def _row(
    subject: str, points: list[Point], entry: Member, attrs: dict[str, Any], document: JsonText, result: ParseResult
) -> Evidence:
    values = [value for _, value, _ in points]
    metrics: dict[str, float] = {"points": len(points), "highest": max(values), "lowest": min(values)}
    metrics |= {"first": values[0], "last": values[-1]}
    if attrs.get("statistic") in _MEAN:
        metrics["mean"] = sum(values) / len(values)
    first, last = points[0][0], points[-1][0]
    if attrs.get("statistic") in ("Sum", "SampleCount"):
        metrics["sum"] = sum(values)
    if last > first:
        metrics["window_s"] = (last - first).total_seconds()
        metrics["period_s"] = min((after[0] - before[0]).total_seconds() for before, after in pairwise(points))
    result.first, result.last = min(result.first or first, first), max(result.last or last, last)
    peak = max(points, key=lambda point: point[1])
    attrs["peak_at"] = peak[0].isoformat()
    shown = {name: value for name, value in attrs.items() if value}
    hidden = redact(subject)[0][:200]
    place = document.place(entry.at, result)
    places = {"highest": document.place(_at(document, entry, peak[2], str(attrs.get("statistic"))), result)}
    return Evidence("cloudwatch.metric", hidden, metrics, place, places, shown)


def _at(document: JsonText, entry: Member, index: int, statistic: str) -> int:
    """Where the number of a point stands."""
    values = entry if isinstance(entry.value, list) else document.member(entry.value_at, "Values") or entry
    point = document.members(values.value_at)[index]
    if not isinstance(point.value, dict):
        return point.at
    extended = document.member(point.value_at, "ExtendedStatistics")
    holders = [point.value_at] + ([extended.value_at] if extended else [])
    found = [member for at in holders if (member := document.member(at, statistic))]
    return found[0].at if found else point.at


PARSER = Parser(
    id="cloudwatch-metrics",
    title="CloudWatch metrics",
    how_to_export="aws cloudwatch get-metric-statistics --namespace AWS/RDS --metric-name DatabaseConnections "
    "--dimensions Name=DBInstanceIdentifier,Value=NAME --statistics Average Maximum --period 300 "
    "--start-time $(date -u -d '-1 day' +%FT%TZ) --end-time $(date -u +%FT%TZ) > connections.json   "
    "# or the objects that a metric stream in JSON wrote to S3",
    looks_for='JSON with "Label" and "Datapoints", or with "MetricDataResults", or JSON lines with '
    '"metric_stream_name", also in the base64 records of Firehose',
    kinds=("cloudwatch.metric", *KINDS),
    sniff=sniff,
    parse=parse,
)
