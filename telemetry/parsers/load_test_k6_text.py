"""Load tests of k6 as it prints them at the end of a run, before 1.0 and since, with or without its progress before.

The form is in https://grafana.com/docs/k6/latest/results-output/end-of-test/. Times are Go's ("1m2.5s", "703.94µs"),
sizes decimal. Of `http_req_failed` the first count is the requests that failed, also where a tick stands before it.
"""

import re

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.load_test_run import Measured, finish, threshold
from telemetry.source import Source, is_overlong

STARTS = re.compile(
    r"^[ \t]*(?:[✓✗] )?(?:http_reqs|http_req_duration|iterations|iteration_duration)\.{2,}: +(?:avg=|\d)"
    r"|^running \([\dhm.]+s\), \d+/\d+ VUs, \d+ complete and \d+ interrupted iterations",
    re.M,
)
_METRIC = re.compile(r"\s*(?:([✓✗]) )?([A-Za-z_]\w*)\.{2,}: +(.*)")
_BLOCK = re.compile(r"    ([a-z_]\w*(?:\{[^}]*\})?)\Z")
_CONDITION = re.compile(r"\s*([✓✗]) '([^']+)' ")
_RUNNING = re.compile(r"running \(([\dhm.]+s)\), \d+/(\d+) VUs")
_TREND = {"avg": "mean_ms", "med": "p50_ms", "p(50)": "p50_ms", "p(75)": "p75_ms", "p(90)": "p90_ms"}
_TREND |= {"p(95)": "p95_ms", "p(99)": "p99_ms", "max": "max_ms"}
_PAIR = re.compile(r"([\w().]+)=(\S+)")
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|µs|μs|us|ns)")
_MS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, "µs": 0.001, "μs": 0.001, "us": 0.001, "ns": 1e-6}
_SIZE = re.compile(r"([\d.]+) ([kMGT]?)B\b")
_FACTOR = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_MOST_LINES = 1_000_000


def read_k6_text(source: Source, result: ParseResult) -> None:
    """The run and its thresholds; ParseError when the run ended before its summary, or two stand in the file."""
    result.carrier = "k6-text"
    summary: dict[str, tuple[str, Place]] = {}
    rows: list[Measured] = []
    block = ""
    for number, raw in source.lines():
        line = raw.decode("utf-8", "replace")
        result.lines, result.blank = number, result.blank + (not line.strip())
        if is_overlong(raw) or number > _MOST_LINES:
            result.reject(number, line)
            continue
        if titled := _BLOCK.match(line):
            block = titled[1]
        if (condition := _CONDITION.match(line)) and block:
            rows.append(threshold(block, condition[2], condition[1] == "✗", readers.place(number, line, result)))
        elif metric := _METRIC.match(line):
            mark, name, text = metric.groups()
            if name in summary:
                raise ParseError("Two runs stand in this file; send one run per file.", number)
            summary[name] = text, readers.place(number, line, result)
            if mark:  # before 1.0 a threshold is told at its metric, without its condition
                rows.append(threshold(name, "as the script sets", mark == "✗", summary[name][1]))
        elif running := _RUNNING.match(line):
            summary["running"] = running[1], readers.place(number, line, result)
    if "http_reqs" not in summary:
        raise ParseError("k6 ended before its summary, or sent no HTTP requests; run it again to its end.")
    result.records_lines = result.lines - result.blank - result.rejected
    finish(result, _run(summary), rows)


def _run(summary: dict[str, tuple[str, Place]]) -> Measured:
    run = Measured("load.run", "run", summary["http_reqs"][1], attrs={"tool": "k6"})
    requests, rate = _numbers(summary["http_reqs"][0])[:2]
    run.put("requests", requests)
    run.put("rps", rate)
    _put_window(run, summary)
    if "http_req_duration" in summary:
        text, place = summary["http_req_duration"]
        for key, value in _PAIR.findall(text):
            if key in _TREND:
                run.put(_TREND[key], _ms(value), place)
    if "http_req_failed" in summary:
        text, place = summary["http_req_failed"]
        share, count = _numbers(text)[:2]
        run.put("failed_share", count / requests if requests else share / 100, place)
        run.put("failed", count, place)
    for metric, name, at in (("checks_failed", "checks", 2), ("checks_failed", "checks_failed", 1)):
        if name in summary and len(values := _numbers(summary[name][0])) > at:
            run.put(metric, values[at], summary[name][1])
    if "dropped_iterations" in summary:
        run.put("dropped_iterations", _numbers(summary["dropped_iterations"][0])[0], summary["dropped_iterations"][1])
    if "vus_max" in summary:
        text, place = summary["vus_max"]
        run.put("users", float(dict(_PAIR.findall(text)).get("max", _numbers(text)[0])), place)
    if size := _SIZE.match(summary.get("data_received", ("", run.place))[0]):
        run.put("bytes", float(size[1]) * _FACTOR[size[2]], summary["data_received"][1])
    return run


def _put_window(run: Measured, summary: dict[str, tuple[str, Place]]) -> None:
    if run.values["rps"]:
        run.put("window_s", run.values["requests"] / run.values["rps"])
    elif "running" in summary:
        run.put("window_s", (_ms(summary["running"][0]) or 0.0) / 1000, summary["running"][1])


def _numbers(text: str) -> list[float]:
    """The bare numbers of a line's text, at least two."""
    found = [float(value) for value in re.findall(r"(?<![\w.=])\d{1,15}(?:\.\d{1,15})?(?=[\s%/]|\Z)", text)]
    return [*found, 0.0, 0.0][: max(len(found), 2)]


def _ms(text: str) -> float | None:
    """A duration of Go in ms, None when it is none."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _MS[unit] for number, unit in parts)
