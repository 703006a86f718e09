"""Load test: k6 (four summaries, or point by point), JMeter, Locust, autocannon, vegeta, oha, hey, wrk, ab."""

import re

import orjson

from telemetry.evidence import ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.load_test_json import read_document
from telemetry.parsers.load_test_k6_text import STARTS, read_k6_text
from telemetry.parsers.load_test_locust import columns_of, knows, read_csv
from telemetry.parsers.load_test_points import read_points
from telemetry.parsers.load_test_reports import REPORTS
from telemetry.parsers.load_test_rows import knows_rows, read_rows, row_columns
from telemetry.parsers.load_test_text import AB_START, HEY_START, WRK_START, read_text
from telemetry.source import Head, Source

_K6_METRIC = re.compile(
    r'"(?:http_reqs|http_req_duration|iterations|iteration_duration|vus_max|data_received)(?:\{[^"]*\})?"\s*:\s*\{'
)
_K6_LIST = re.compile(r'"k6Version"\s*:')
_CANNON = frozenset({"requests", "latency", "throughput", "non2xx", "connections"})


_HEADER_CHARS = 4_000  # ten times what any of the tools writes


def sniff(head: Head) -> bool:
    """Whether any carrier knows the first lines."""
    return carrier_of(head) is not None


def carrier_of(head: Head) -> str | None:
    """The reader: "document", "points", "csv", "rows", "text" or "k6-text"; None when it is no load test."""
    text = head.text.lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return _json_carrier(head, text)
    if any(WRK_START.match(line) or AB_START.match(line) for line in head.lines[:20]):
        return "text"
    if HEY_START.match(head.text.lstrip("\ufeff \t\r\n")):
        return "text"
    if "interrupted iterations" in text or ("http_req" in text and STARTS.search(text)):
        return "k6-text"
    first = text.partition("\n")[0][:_HEADER_CHARS]
    if knows_rows(row_columns(first)):
        return "rows"
    return "csv" if knows(columns_of(first)) else None


def _json_carrier(head: Head, text: str) -> str | None:
    first = text.partition("\n")[0]
    if '"metric"' in first and _is_point(first.encode()):
        return "points"
    if "metrics" in head.quoted and (_is_k6(text) or _K6_LIST.search(text)):
        return "document"
    return "document" if any(map(head.quoted.issuperset, (*REPORTS, _CANNON))) else None


def _is_k6(text: str) -> bool:
    """Two metrics that every test of k6 has, or one beside its tree of groups."""
    known = set(_K6_METRIC.findall(text))
    return len(known) >= 2 or (bool(known) and '"root_group"' in text)


def _is_point(line: bytes) -> bool:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(record, dict) and record.get("type") in ("Metric", "Point") and "metric" in record


def parse(source: Source) -> ParseResult:
    """The run, its endpoints and its thresholds."""
    result = ParseResult()
    carrier = carrier_of(source.head()) or "document"
    if carrier == "points":
        read_points(source, result)
    elif carrier == "csv":
        read_csv(source, result)
    elif carrier == "rows":
        read_rows(source, result)
    elif carrier == "k6-text":
        read_k6_text(source, result)
    elif carrier == "text":
        read_text(source, result)
    else:
        read_document(source.read(), result)
    return result


PARSER = Parser(
    id="load-test",
    title="Load test",
    how_to_export="k6 run --summary-export=summary.json script.js   # or what another tool wrote: locust --csv run, "
    "autocannon -j URL > run.json, wrk --latency URL > wrk.txt, ab -n 1000 -c 10 URL > ab.txt, "
    "jmeter -n -t plan.jmx -l results.csv, vegeta report -type=json > vegeta.json, oha --output-format json, hey URL",
    looks_for='JSON of k6 with "metrics" and "http_reqs", JSON of autocannon, vegeta or oha, CSV of Locust, '
    "JMeter, k6 or hey, what k6, wrk, ab, hey or autocannon printed",
    kinds=("load.run", "load.endpoint", "load.threshold"),
    sniff=sniff,
    parse=parse,
)
