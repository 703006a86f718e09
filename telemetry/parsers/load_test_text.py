"""Load tests that print text: wrk, ab, hey and autocannon (which begins like wrk).

All ask again only after an answer, so their latency is a lower bound. ab counts an answer of another length as
failed, which every page with changing content is; those are left out of the failures
(https://httpd.apache.org/docs/2.4/programs/ab.html).
"""

import re
from collections.abc import Callable

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.load_test_run import Measured, endpoint, finish
from telemetry.source import Source, is_overlong

WRK_START = re.compile(r"Running .+ (?:test|warmup) @ (\S+)")
AB_START = re.compile(r"This is ApacheBench, Version ")
HEY_START = re.compile(r"Summary:(?:\n\s+Total:\s+[\d.]+ secs)?")
_STARTS = {WRK_START: "wrk", AB_START: "ab", HEY_START: "hey"}
_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "h": 3_600_000.0}
_SIZE = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}  # wrk writes binary units
_DECIMAL = {"": 1, "k": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}
_MAX_LINES = 100_000
_CLOSED = "The tool sends the next request after the last answer: waiting is hidden, so latency is a lower bound."

# (pattern, metrics of its groups); groups are a number, or a number with a unit of time or size.
_WRK: "Grammar" = (
    (re.compile(r"\s+\d+ threads? and (\d+) connections?"), ("users",)),
    (re.compile(r"\s+Latency\s+([\d.]+[a-z]+)\s+[\d.]+[a-z]+\s+([\d.]+[a-z]+)\s"), ("mean_ms", "max_ms")),
    (re.compile(r"\s+50(?:\.0+)?%\s+([\d.]+[a-z]+)"), ("p50_ms",)),
    (re.compile(r"\s+75(?:\.0+)?%\s+([\d.]+[a-z]+)"), ("p75_ms",)),
    (re.compile(r"\s+90(?:\.0+)?%\s+([\d.]+[a-z]+)"), ("p90_ms",)),
    (re.compile(r"\s+99(?:\.0+)?%\s+([\d.]+[a-z]+)"), ("p99_ms",)),
    (re.compile(r"\s+(\d+) requests in ([\d.]+[a-z]+), ([\d.]+[KMGT]?)B read"), ("requests", "window_s", "bytes")),
    (re.compile(r"\s+Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)"), ("sockets",) * 4),
    (re.compile(r"\s+Non-2xx or 3xx responses: (\d+)"), ("failed",)),
    (re.compile(r"Requests/sec:\s+([\d.]+)"), ("rps",)),
)
_AB: "Grammar" = (
    (re.compile(r"Concurrency Level:\s+(\d+)"), ("users",)),
    (re.compile(r"Time taken for tests:\s+([\d.]+) seconds"), ("window_s",)),
    (re.compile(r"Complete requests:\s+(\d+)"), ("requests",)),
    (re.compile(r"Failed requests:\s+(\d+)"), ("ab_failed",)),
    (re.compile(r"\s+\(Connect: (\d+), Receive: (\d+), Length: (\d+), Exceptions: (\d+)\)"), ("ab_reasons",) * 4),
    (re.compile(r"Non-2xx responses:\s+(\d+)"), ("non_2xx",)),
    (re.compile(r"Total transferred:\s+(\d+) bytes"), ("bytes",)),
    (re.compile(r"Requests per second:\s+([\d.]+)"), ("rps",)),
    (re.compile(r"Total:\s+\d+\s+(\d+)\s+[\d.]+\s+\d+\s+(\d+)"), ("mean_ms", "max_ms")),
    (re.compile(r"\s+50%\s+(\d+)$"), ("p50_ms",)),
    (re.compile(r"\s+75%\s+(\d+)$"), ("p75_ms",)),
    (re.compile(r"\s+90%\s+(\d+)$"), ("p90_ms",)),
    (re.compile(r"\s+95%\s+(\d+)$"), ("p95_ms",)),
    (re.compile(r"\s+99%\s+(\d+)$"), ("p99_ms",)),
)

_HEY: "Grammar" = (
    (re.compile(r"\s+Total:\s+([\d.]+s)$"), ("window_s",)),
    (re.compile(r"\s+Slowest:\s+([\d.]+s)$"), ("max_ms",)),
    (re.compile(r"\s+Average:\s+([\d.]+s)$"), ("mean_ms",)),
    (re.compile(r"\s+Requests/sec:\s+([\d.]+)"), ("rps",)),
    (re.compile(r"\s+Total data:\s+(\d+) bytes"), ("bytes",)),
    (re.compile(r"\s+50%+ in ([\d.]+s)"), ("p50_ms",)),
    (re.compile(r"\s+75%+ in ([\d.]+s)"), ("p75_ms",)),
    (re.compile(r"\s+90%+ in ([\d.]+s)"), ("p90_ms",)),
    (re.compile(r"\s+95%+ in ([\d.]+s)"), ("p95_ms",)),
    (re.compile(r"\s+99%+ in ([\d.]+s)"), ("p99_ms",)),
    (re.compile(r"\s+\[(\d{3})\]\s+(\d+) responses"), ("codes", "answers")),
    (re.compile(r"\s+\[(\d+)\]\s+\D"), ("lost",)),
)
# Rows of autocannon's tables, whose bars are blanks here: three columns before 3.0, percentiles since.
_CELL = r"\s+([\d.]+ ?(?:ms|s))"
_CANNON: "Grammar" = (
    (re.compile(r"(\d+) connections?\b"), ("users",)),
    (
        re.compile(rf"\s+Latency\s+\S+ \S+{_CELL}\s+\S+ \S+{_CELL}{_CELL}\s+\S+ \S+{_CELL}"),
        ("p50_ms", "p99_ms", "mean_ms", "max_ms"),
    ),
    (re.compile(r"\s*Latency \(ms\)\s+([\d.]+)\s+[\d.]+\s+([\d.]+)\s*$"), ("mean_ms", "max_ms")),
    (re.compile(r"\s+Req/Sec(?:\s+[\d.,]+){4}\s+([\d.]+)\s+[\d.,]+\s+[\d.,]+"), ("rps",)),
    (re.compile(r"\s*Req/Sec\s+([\d.]+)\s+[\d.]+\s+[\d.]+\s*$"), ("rps",)),
    (re.compile(r"\s*([\d.]+k?M?) requests in ([\d.]+s), ([\d.]+ ?[kMGT]?)B read"), ("requests", "window_s", "bytes")),
    (re.compile(r"\s*[\d.]+k?M? 2xx responses, ([\d.]+k?M?) non 2xx responses"), ("failed",)),
    (re.compile(r"\s*([\d.]+k?M?) errors \(([\d.]+k?M?) timeouts\)"), ("errors", "timeouts")),
)
_CANNON_USERS = re.compile(r"\d+ connections?\b")
_BARS = str.maketrans({"\u2502": " ", "|": " "})
_GRAMMARS = {"wrk": _WRK, "ab": _AB, "hey": _HEY, "autocannon": _CANNON}

Grammar = tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]
Found = dict[str, tuple[list[float], Place]]  # metric -> the numbers of its line


def read_text(source: Source, result: ParseResult) -> None:
    """Read what one of them printed; ParseError when the run did not come to its figures."""
    found: Found = {}
    start: tuple[str, Place] | None = None
    for number, raw in source.lines():
        if number > _MAX_LINES:
            raise ParseError(
                "wrk, ab and hey print a page, not a hundred thousand lines; send one run per file.", number
            )
        line = raw.decode("utf-8", "replace")
        result.lines, result.blank = number, result.blank + (not line.strip())
        if is_overlong(raw):
            result.reject(number, line)
            continue
        if begins := next(filter(None, (mark.match(line) for mark in _STARTS)), None):
            if start:
                raise ParseError("Two runs stand in this file; send one run per file.", number)
            start = (begins[1] if begins.re is WRK_START else ""), readers.place(number, line, result)
            result.carrier = _STARTS[begins.re]
        elif start:
            if result.carrier == "wrk" and _CANNON_USERS.match(line):
                result.carrier = "autocannon"
            _take(line, number, _GRAMMARS[result.carrier], found, result)
    result.records_lines = result.lines - result.blank - result.rejected
    if "answers" in found:  # hey counts its answers by status only
        total = sum(found["answers"][0]) + sum(found.get("lost", ([], None))[0])
        found["requests"] = [total], found["answers"][1]
    if start is None or "requests" not in found:
        raise ParseError("The run ended before its figures (Complete requests, Requests/sec); run it again to its end.")
    _report(start[1], start[0], found, result)


def _take(
    line: str,
    number: int,
    grammar: Grammar,
    found: Found,
    result: ParseResult,
) -> None:
    for pattern, metrics in grammar:
        if match := pattern.match(line.replace(" secs", "s").translate(_BARS)):
            place = readers.place(number, line, result)
            for metric, text in zip(metrics, match.groups(), strict=True):
                found.setdefault(metric, ([], place))[0].append(_number(text, metric, grammar is _CANNON))
            return
    if match := re.match(r"Document Path:\s+(\S+)", line):
        found["path"] = ([], readers.place(number, line, result))


def _number(text: str, metric: str, decimal: bool = False) -> float:
    """A number; times become ms (or s for the length of the run), sizes bytes, of binary units unless `decimal`."""
    match = re.fullmatch(r"(\d{1,18}(?:\.\d{0,18})?) ?([a-zKMGT]*)", text)
    if not match:
        raise ParseError(f"{text[:40]} is not a number of wrk, ab or hey; send its output as it was printed.")
    value, unit = float(match[1]), match[2]
    if unit in _MS:
        return value * _MS[unit] / (1000 if metric == "window_s" else 1)
    return value * (_DECIMAL if decimal else _SIZE).get(unit, 1)


def _report(start: Place, address: str, found: Found, result: ParseResult) -> None:
    run = Measured("load.run", "run", start, attrs={"tool": result.carrier, "closed_loop": True})
    for metric, (values, place) in found.items():
        if metric not in (
            "sockets",
            "errors",
            "ab_failed",
            "ab_reasons",
            "non_2xx",
            "path",
            "codes",
            "answers",
            "lost",
        ):
            run.put(metric, values[0], place)
    _FAILURES[result.carrier](run, found, result)
    result.notes.append(_CLOSED)
    if result.carrier == "ab":
        address = found["path"][1].quote.partition(":")[2].strip() if "path" in found else ""
        result.notes.append("ab rounds latency to whole milliseconds.")
    rows = [endpoint("GET", address, found["path"][1] if "path" in found else start)] if address else []
    for row in rows:
        row.attrs.pop("method")  # neither tool prints it
        row.subject = row.attrs.get("route", row.subject)
        row.values = {name: run.values[name] for name in _SHARED if name in run.values}
        row.places = {name: run.places.get(name, run.place) for name in row.values}
    finish(result, run, rows)


_SHARED = ("requests", "failed", "failed_share", "rps", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms")


def _wrk_failures(run: Measured, found: Found, result: ParseResult) -> None:
    """No line about other statuses means that there were none. A socket error is no answered request."""
    said, place = found.get("sockets", ([0.0] * 4, run.place))
    sockets = said[:4]
    run.put("connection_errors", sum(sockets[:3]), place)
    run.put("timeouts", sockets[3], place)
    answered = run.values.get("failed", 0.0)
    run.put("failed", answered + sum(sockets), found["failed"][1] if "failed" in found else place)
    run.share_failures(sum(sockets))
    if answered:
        result.notes.append("wrk does not tell 429 from other refusals; failures may be rate limiting.")


def _ab_failures(run: Measured, found: Found, result: ParseResult) -> None:
    connect, receive, length, exceptions = found.get("ab_reasons", ([0.0] * 4, run.place))[0][:4]
    refused, place = found.get("non_2xx", ([0.0], found.get("ab_failed", ([], run.place))[1]))
    run.put("connection_errors", connect + receive + exceptions, found.get("ab_reasons", ([], run.place))[1])
    run.put("failed", refused[0] + connect + receive + exceptions, place)
    run.share_failures()
    if length:
        result.notes.append(
            f"ab counted {int(length):,} answers of another length as failed; pages may change, so they are left out."
        )


def _cannon_failures(run: Measured, found: Found, result: ParseResult) -> None:
    """An error is no answered request; no line about either means that there were none."""
    lost, place = found.get("errors", ([0.0], run.place))
    answered = run.values.get("failed", 0.0)
    run.put("connection_errors", lost[0] - run.values.get("timeouts", 0.0), place)
    run.put("failed", answered + lost[0], found["failed"][1] if "failed" in found else place)
    run.share_failures(lost[0])
    if run.values["requests"] >= 1000:
        result.notes.append("autocannon rounds its counts in print; autocannon -j tells them exactly.")


def _hey_failures(run: Measured, found: Found, result: ParseResult) -> None:
    """Statuses stand with their counts; what got no answer is listed by its error."""
    codes, place = found["codes"]
    counts = dict(zip(map(int, codes), found["answers"][0], strict=True))
    lost = sum(found.get("lost", ([], place))[0])
    for digit in (4, 5):
        run.put(f"status_{digit}xx", sum(n for code, n in counts.items() if code // 100 == digit), place)
    run.put("rate_limited", counts.get(429, 0.0), place)
    run.put("connection_errors", lost, found.get("lost", ([], place))[1])
    run.put("failed", run.values["status_4xx"] + run.values["status_5xx"] + lost, place)
    run.share_failures()


_FAILURES: dict[str, Callable[[Measured, Found, ParseResult], None]] = {
    "wrk": _wrk_failures,
    "ab": _ab_failures,
    "hey": _hey_failures,
    "autocannon": _cannon_failures,
}
