"""Load tests of k6 point by point: the JSON lines of `k6 run --out json=...`.

Read as a stream: requests by method and name, and by status
(https://grafana.com/docs/k6/latest/results-output/real-time/json/).
"""

from datetime import UTC, datetime
from typing import Any

import orjson

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.load_test_counts import Requests, report
from telemetry.source import Source

# The head of every line that is counted; the others are skipped without being decoded.
_WANTED = (b'"http_reqs"', b'"http_req_duration"', b'"http_req_failed"', b'"vus"', b'"checks"', b'"dropped_iterations"')
_LONG = 20


def read_points(source: Source, result: ParseResult) -> None:
    """Read every line; ParseError when no point belongs to an HTTP request."""
    result.carrier = "k6-ndjson"
    points = Requests(result, "k6")
    for number, line in source.lines():
        result.lines = number
        if not line.strip():
            result.blank += 1
        elif not any(name in line for name in _WANTED) and line.startswith(b"{") and line.endswith(b"}"):
            result.records_lines += 1
            points.totals["skipped"] += 1
        elif _read_line(number, line, points):
            result.records_lines += 1
        else:
            readers.reject_line(number, line[:2_000].decode("utf-8", "replace"), result)
    result.records = result.records_lines
    if points.run is None or not points.run.requests:
        raise ParseError("These points of k6 hold no HTTP request; send the file of `k6 run --out json=points.json`.")
    report(points)


def _read_line(number: int, line: bytes, points: Requests) -> bool:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    content = record.get("data") if isinstance(record, dict) else None
    if not isinstance(content, dict):
        return False
    if record.get("type") == "Metric":
        _declare(record, content, points)
        return True
    metric, value = record.get("metric"), content.get("value")
    if record.get("type") != "Point" or isinstance(value, bool) or not isinstance(value, int | float):
        return False
    moment = _moment(content.get("time"))
    if moment is None:
        return False
    result = points.result
    result.first, result.last = min(result.first or moment, moment), max(result.last or moment, moment)
    tags = content.get("tags")
    if f'"{metric}"'.encode() in _WANTED:
        points.add(number, line, str(metric), float(value), tags if isinstance(tags, dict) else {})
    return True


def _declare(record: dict[str, Any], content: dict[str, Any], points: Requests) -> None:
    """Remember a metric's thresholds; k6 writes their verdict only into a summary."""
    found = content.get("thresholds")
    if isinstance(found, list) and found and len(points.thresholds) < 1_000:
        points.thresholds[str(content.get("name") or record.get("metric"))] = [str(entry) for entry in found[:_LONG]]


def _moment(text: Any) -> datetime | None:
    """A moment with its zone; nanoseconds are cut to what a clock here can hold."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
