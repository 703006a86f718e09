"""Load tests that end in one JSON document: the three summaries of k6, autocannon, vegeta and oha.

The two summaries of k6 mean opposite things by `true`: `--summary-export` writes whether a threshold was broken,
`handleSummary` writes `ok` (k6's js/summary.go and https://grafana.com/docs/k6/latest/results-output/end-of-test/).
In both, `http_req_failed` is a rate whose "passes" are the requests that failed. The third, of
`--new-machine-readable-summary`, lists its metrics, calls those passes "matches", and holds no thresholds.
"""

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.load_test_reader import Reader, number
from telemetry.parsers.load_test_reports import REPORTS, read_report
from telemetry.parsers.load_test_run import Measured, endpoint, finish, threshold
from telemetry.parsers.readers import JsonText, Member

_TREND = {
    "avg": "mean_ms",
    "med": "p50_ms",
    "p(50)": "p50_ms",
    "p(75)": "p75_ms",
    "p(90)": "p90_ms",
    "p(95)": "p95_ms",
    "p(99)": "p99_ms",
    "max": "max_ms",
}
_CANNON = {"average": "mean_ms", "p50": "p50_ms", "p75": "p75_ms", "p90": "p90_ms", "p99": "p99_ms", "max": "max_ms"}
# Metric of the run, metric of k6, the value's names in the order of preference.
_K6_RUN = (
    ("requests", "http_reqs", ("count",)),
    ("rps", "http_reqs", ("rate",)),
    ("users", "vus_max", ("max", "value")),
    ("bytes", "data_received", ("count",)),
    ("dropped_iterations", "dropped_iterations", ("count",)),
    ("checks_failed", "checks", ("fails",)),
)
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})  # "GET /api/search" as a name
_CLOSED = "The tool sends the next request after the last answer: waiting is hidden, so latency is a lower bound."


def read_document(raw: bytes, result: ParseResult) -> None:
    """Read a summary of k6 or autocannon; ParseError when it is neither or holds no requests."""
    document = JsonText(raw)
    result.lines = document.lines
    result.blank = sum(not line.strip() for line in document.text.split("\n")[: result.lines])
    result.records_lines = result.lines - result.blank
    reader = Reader(document, result)
    top = reader.top() if isinstance(document.value, dict) else {}
    if isinstance(document.value, dict) and isinstance(document.value.get("metrics"), dict):
        _read_k6(reader, top)
    elif isinstance(document.value, dict) and isinstance(document.value.get("results"), dict):
        _read_k6_list(reader, top)
    elif {"requests", "latency"} <= set(top):
        _read_autocannon(reader, top)
    elif known := next((names for names in REPORTS if names <= set(top)), None):
        read_report(reader, top, known)
    else:
        raise ParseError("This JSON is no summary of k6 and no result of autocannon; send what --summary-export wrote.")


# -- k6 ---------------------------------------------------------------------------------------------------------------


def _read_k6_list(reader: Reader, top: dict[str, Member]) -> None:
    """The summary that lists its metrics by name; its length is in seconds, and failed checks stand beside them."""
    results = reader.members(top["results"])
    if "metrics" not in results:
        raise ParseError("This summary of k6 holds no metrics; send what --summary-export wrote.")
    listed = [one for one in reader.document.members(results["metrics"].value_at) if isinstance(one.value, dict)]
    metrics = {str(one.value.get("name")): one for one in listed}
    reader.result.carrier = "k6-machine-summary"
    run = Measured("load.run", "run", reader.place(top["results"]), attrs={"tool": "k6"})
    config = reader.members(top["config"]) if "config" in top else {}
    if duration := config.get("duration"):
        run.put("window_s", number(duration.value), reader.place(duration))
    checks = reader.members(results["checks"]) if "checks" in results else {}
    fails = (
        [reader.members(one).get("fails") for one in reader.document.members(checks["results"].value_at)]
        if ("results" in checks)
        else []
    )
    if told := [one for one in fails if one and number(one.value) is not None]:
        run.put("checks_failed", sum(number(one.value) or 0.0 for one in told), reader.place(told[0]))
    _read_k6_metrics(reader, top, metrics, run, modern=True)


def _read_k6(reader: Reader, top: dict[str, Member]) -> None:
    metrics = reader.members(top["metrics"])
    modern = any(isinstance(entry.value, dict) and "values" in entry.value for entry in metrics.values())
    reader.result.carrier = "k6-handle-summary" if modern else "k6-summary-export"
    run = Measured("load.run", "run", reader.place(top["metrics"]), attrs={"tool": "k6"})
    _read_k6_metrics(reader, top, metrics, run, modern)


def _read_k6_metrics(
    reader: Reader, top: dict[str, Member], metrics: dict[str, Member], run: Measured, modern: bool
) -> None:
    values = {name: _k6_values(reader, entry, modern) for name, entry in metrics.items()}
    for metric, name, keys in _K6_RUN:
        entry = next((values[name][key] for key in keys if name in values and key in values[name]), None)
        if entry:
            run.put(metric, number(entry.value), reader.place(entry))
    _put_trend(reader, run, values.get("http_req_duration", {}))
    _put_k6_failures(reader, run, values.get("http_req_failed", {}))
    _put_k6_duration(reader, run, top)
    rows = [row for entry in metrics.values() for row in _k6_thresholds(reader, entry, modern)]
    rows += _k6_endpoints(reader, metrics, values)
    if not run.values and not rows:
        raise ParseError("This summary of k6 holds no metric of HTTP requests and no threshold.")
    if "requests" not in run.values:
        reader.result.notes.append("The test sent no HTTP requests, or their metrics were left out of the summary.")
    finish(reader.result, run, rows)


def _k6_values(reader: Reader, entry: Member, modern: bool) -> dict[str, Member]:
    members = reader.members(entry)
    return reader.members(members["values"]) if modern and "values" in members else members


def _put_trend(reader: Reader, row: Measured, values: dict[str, Member]) -> None:
    for key, metric in _TREND.items():
        if key in values and metric not in row.values:
            row.put(metric, number(values[key].value), reader.place(values[key]))


def _put_k6_failures(reader: Reader, run: Measured, values: dict[str, Member]) -> None:
    """The share is what k6 computed; the count is its "passes", or follows from share and requests."""
    share = values.get("rate") or values.get("value")
    passes = values.get("passes") or values.get("matches")
    if share is None or (rate := number(share.value)) is None:
        return
    run.put("failed_share", rate, reader.place(share))
    count = number(passes.value) if passes else None
    if passes and count is not None:
        run.put("failed", count, reader.place(passes))
    elif "requests" in run.values:
        run.put("failed", float(round(rate * run.values["requests"])), reader.place(share))


def _put_k6_duration(reader: Reader, run: Measured, top: dict[str, Member]) -> None:
    state = reader.members(top["state"]) if "state" in top else {}
    spent = state.get("testRunDurationMs")
    if spent and (ms := number(spent.value)) is not None:
        run.put("window_s", ms / 1000, reader.place(spent))
    elif run.values.get("rps") and "requests" in run.values:
        run.put("window_s", run.values["requests"] / run.values["rps"], run.places.get("rps"))
    elif run.values.get("window_s") and "requests" in run.values:
        run.put("rps", run.values["requests"] / run.values["window_s"], run.places.get("requests"))


def _k6_thresholds(reader: Reader, metric: Member, modern: bool) -> list[Measured]:
    holder = reader.members(metric).get("thresholds")
    rows: list[Measured] = []
    for entry in reader.document.members(holder.value_at) if holder else []:
        said = entry.value.get("ok") if modern and isinstance(entry.value, dict) else entry.value
        if isinstance(said, bool):
            rows.append(threshold(metric.key, entry.key, said is not modern, reader.place(entry)))
    return rows


def _k6_endpoints(reader: Reader, metrics: dict[str, Member], values: dict[str, dict[str, Member]]) -> list[Measured]:
    """Sub-metrics such as http_req_duration{name:checkout}: the only parts of a test that a summary tells apart."""
    rows: list[Measured] = []
    for name, entry in metrics.items():
        base, _, tags = name.partition("{")
        tag, _, value = tags.rstrip("}").partition(":")
        if base != "http_req_duration" or tag not in ("name", "url", "endpoint", "route"):
            continue
        label = value.strip('"')
        method = label.partition(" ")[0]
        row = endpoint(method if method in _METHODS else "", label, reader.place(entry))
        _put_trend(reader, row, values[name])
        rows.append(row)
    return rows


# -- autocannon -------------------------------------------------------------------------------------------------------


def _read_autocannon(reader: Reader, top: dict[str, Member]) -> None:
    """4xx and 5xx answers and requests without an answer failed; `non2xx` also counts redirects and is not used."""
    result = reader.result
    result.carrier = "autocannon"
    run = Measured("load.run", "run", reader.place(top["requests"]), attrs={"tool": "autocannon", "closed_loop": True})
    requests, latency = reader.members(top["requests"]), reader.members(top["latency"])
    own = {"users": "connections", "window_s": "duration", "timeouts": "timeouts", "connection_errors": "errors"}
    own |= {"status_4xx": "4xx", "status_5xx": "5xx"}
    picks = [(metric, top.get(name)) for metric, name in own.items()]
    picks += [("requests", requests.get("total")), ("rps", requests.get("average"))]
    picks += [(metric, latency.get(name)) for name, metric in _CANNON.items()]
    for metric, entry in picks:
        if entry:
            run.put(metric, number(entry.value), reader.place(entry))
    if "requests" not in run.values:
        raise ParseError("This result of autocannon holds no count of requests; run it again with -j.")
    _put_rate_limited(reader, run, top)
    answered = sum(run.values[name] for name in ("status_4xx", "status_5xx") if name in run.values)
    unanswered = run.values.get("connection_errors", 0.0)
    run.put("failed", answered + unanswered)
    run.share_failures(unanswered)
    result.notes.append(_CLOSED)
    finish(result, run, [])


def _put_rate_limited(reader: Reader, run: Measured, top: dict[str, Member]) -> None:
    """429 apart; a list of statuses without 429 says that there were none."""
    if "statusCodeStats" not in top:
        return
    limited = reader.members(top["statusCodeStats"]).get("429")
    count = reader.members(limited).get("count") if limited else None
    run.put("rate_limited", number(count.value) if count else 0.0, reader.place(count or top["statusCodeStats"]))
