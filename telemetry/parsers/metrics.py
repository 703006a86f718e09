"""Metrics: what a /metrics address serves, what a query of Prometheus answers, what OpenTelemetry exports,
and CSV of Grafana and Datadog."""

import re

from telemetry.captured import STAMP
from telemetry.evidence import ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.metrics_csv import csv_carrier, read_table
from telemetry.parsers.metrics_evidence import KINDS
from telemetry.parsers.metrics_exposition import COMMENT, SAMPLE, read_exposition
from telemetry.parsers.metrics_otlp import START, read_otlp
from telemetry.parsers.metrics_query import read_query
from telemetry.parsers.psql_expanded import is_expanded
from telemetry.parsers.queue_names import is_queue_exposition
from telemetry.source import Head, Source

_ANSWER = re.compile(r'\{\s*"status"\s*:\s*"(?:success|error)"\s*,')
_RESULT = re.compile(r'"resultType"\s*:\s*"(?:vector|matrix|scalar|string)"|"errorType"\s*:')


def sniff(head: Head) -> bool:
    """Whether this is JSON of Prometheus or OpenTelemetry, a panel's CSV, or mostly lines of metrics."""
    text = head.text.lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return bool(START.match(text) or (_ANSWER.match(text) and _RESULT.search(text)))
    return _is_exposition(head) or csv_carrier(head) is not None


def _is_exposition(head: Head) -> bool:
    """A bare "name 1" may be anything: without TYPE or HELP, half the samples must have labels or a metric's name."""
    lines = [line for line in head.whole_lines[:200] if line.strip()]
    start = lines[: 1 + len(lines) // 5]  # among so many at least one is a sample or a comment, if enough are
    if not any(line.startswith("#") or SAMPLE.match(line) for line in start):
        return False
    samples = [found for line in lines if (found := SAMPLE.match(line))]
    comments = sum(1 for line in lines if COMMENT.match(line) or line.startswith("# EOF"))
    if lines and is_expanded(lines[0]):  # a view of PostgreSQL as psql prints it: "* Record 1", then "name value"
        return False
    if not samples or len(samples) + sum(line.startswith("#") for line in lines) < 0.8 * len(lines):
        return False
    named = sum(1 for found in samples if found[2] or "_" in found[1])
    return (comments > 0 or named >= 0.5 * len(samples)) and not is_queue_exposition(head.text)


def parse(source: Source) -> ParseResult:
    """Families and their largest series."""
    result = ParseResult()
    head = source.head()
    text = head.text.lstrip("\ufeff \t\r\n")
    if START.match(text):
        read_otlp(source, result)
    elif text.startswith("{"):
        read_query(source.read(), result)
    elif carrier := csv_carrier(head):
        read_table(source, carrier, result)
    else:
        read_exposition(source, result)
    return result


PARSER = Parser(
    id="metrics",
    title="Metrics (Prometheus, OpenTelemetry, Grafana, Datadog)",
    how_to_export=f"{{ {STAMP}; curl -s http://localhost:3000/metrics; }} > metrics.txt   "
    "# or a day from Prometheus: curl -s -G "
    "http://localhost:9090/api/v1/query_range --data-urlencode 'query=rate(http_requests_total[5m])' "
    "-d start=$(date -d yesterday +%s) -d end=$(date +%s) -d step=60 > requests.json   "
    "# or the JSON lines that the file exporter of the OpenTelemetry collector writes, or Grafana: "
    "panel menu > Inspect > Data > Download CSV",
    looks_for='lines such as http_requests_total{code="200"} 1027, or JSON with "resultType": "matrix" '
    'or "resourceMetrics", or CSV that begins with Time, or with timestamp and ends with value',
    kinds=KINDS,
    sniff=sniff,
    parse=parse,
)
