"""Log of AWS Lambda functions: text with REPORT lines, platform.report events, what filter-log-events answers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from telemetry.evidence import OTHER, Evidence, ParseError, ParseResult
from telemetry.histogram import Histogram, bucket_of
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.http_counts import Peak
from telemetry.parsers.lambda_calls import (
    Call,
    event_of,
    failed_id,
    function_in,
    moment_of,
    report_of,
    timed_out_id,
)
from telemetry.parsers.readers import JsonText
from telemetry.source import Head, Source, is_overlong

_FUNCTIONS = 300
_REMEMBERED = 100_000
_UNNAMED = "function"
Spot = tuple[int, str]  # line and its text
_SUMS = ("total_ms", "billed_ms", "cold_starts", "timeouts", "errors", "out_of_memory")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the log: where it stands, its text, its event when it is JSON, its function and time."""

    spot: Spot
    text: str
    record: Any
    function: str
    stamp: Any


@dataclass(slots=True)
class _Function:
    """Invocations of one function."""

    first: Spot
    calls: int = 0
    times: Histogram = field(default_factory=Histogram)
    inits: Histogram = field(default_factory=Histogram)
    minutes: Peak = field(default_factory=lambda: Peak(64))
    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_SUMS, 0.0))
    most: dict[str, tuple[float, Spot]] = field(default_factory=dict)
    spots: dict[str, Spot] = field(default_factory=dict)
    size: int = 0

    def largest(self, metric: str, value: float, spot: Spot) -> None:
        """Keep the largest value with its line."""
        if metric not in self.most or value > self.most[metric][0]:
            self.most[metric] = value, spot

    def mark(self, metric: str, spot: Spot) -> None:
        """Count an event and keep where the first stands."""
        self.sums[metric] += 1
        self.spots.setdefault(metric, spot)


def sniff(head: Head) -> bool:
    """Whether REPORT lines or platform events stand here, and no other platform's record around them."""
    text = head.text.lstrip("\ufeff \t\r\n")
    if '"deploymentId"' in text[:4000] or not ("REPORT RequestId: " in text or '"platform.' in text):
        return False
    if text.startswith(("{", "[")):
        return '"platform.report"' in text or ('"events"' in text[:200] and "REPORT RequestId: " in text)
    return any(report_of(line) for line in head.lines)


def parse(source: Source) -> ParseResult:
    """Invocations by function: time, memory, cold starts, timeouts."""
    result = ParseResult(carrier="lambda-report")
    log = _Log(result)
    text = source.head().text.lstrip("\ufeff \t\r\n")
    document = text.startswith("{") and '"events"' in text[:200]
    for line in _events(source, result) if document else _lines(source, result):
        log.add(line)
        source.records = result.records
    if not result.records:
        raise ParseError("No REPORT of an invocation stands in this file; export the function's own log group.")
    result.evidence = log.evidence()
    result.totals = {"requests": result.records, **{name: int(log.total(name)) for name in ("cold_starts", "timeouts")}}
    result.enables = ["Time, memory and cold starts of functions"]
    result.notes.append("Invocations only: no status of HTTP and no route stands in these reports.")
    if result.first is None:
        result.notes.append("The lines carry no time with a zone, so there is no span and no rate.")
    return result


def _lines(source: Source, result: ParseResult) -> Iterator[_Line]:
    for result.lines, raw in source.lines():
        text = raw.decode("utf-8", "replace")
        if not text.strip():
            result.blank += 1
            continue
        record = _json(raw) if raw[:1] == b"{" else None
        broken = "REPORT RequestId: " in text and report_of(text) is None
        if is_overlong(raw) or broken or ('"platform.report"' in text and event_of(record) is None):
            readers.reject_line(result.lines, text[:600], result)
            continue
        result.records_lines += 1
        stamp = record.get("time") if isinstance(record, dict) else text
        yield _Line((result.lines, text[:600]), text[:4000], record, function_in(text[:300]), stamp)


def _json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def _events(source: Source, result: ParseResult) -> Iterator[_Line]:
    """The messages of filter-log-events; each stands where its message is written."""
    document = JsonText(source.read())
    result.lines = document.lines
    result.blank = sum(not line.strip() for line in document.text.split("\n")[: result.lines])
    result.records_lines = result.lines - result.blank
    events = document.member(document.start, "events") if isinstance(document.value, dict) else None
    for event in document.members(events.value_at) if events else []:
        message = document.member(event.value_at, "message") if isinstance(event.value, dict) else None
        if message and isinstance(message.value, str):
            record = _json(message.value.encode()) if message.value.startswith("{") else None
            name = function_in(str(event.value.get("logGroupName") or event.value.get("logGroup") or ""))
            stamp = event.value.get("timestamp")
            yield _Line(document.spot(message.at), message.value[:4000], record, name, stamp)


class _Log:
    """All functions of a file."""

    def __init__(self, result: ParseResult) -> None:
        self.result = result
        self.functions: dict[str, _Function] = {}
        self.folded = False  # functions beyond the bound share a row
        self._timed_out: set[str] = set()
        self._failed: set[str] = set()

    def add(self, line: _Line) -> None:
        """Count one line; those of the application itself are passed over."""
        call = event_of(line.record) or report_of(line.text)
        missed = None if call else timed_out_id(line.text)
        failed = None if call else failed_id(line.text)
        if call is None and missed is None and failed is None:
            return
        name = line.function or _UNNAMED
        if name not in self.functions and len(self.functions) >= _FUNCTIONS:
            name = OTHER
            self.folded = True
        function = self.functions.setdefault(name, _Function(line.spot))
        if call:
            self._count(function, call, line.spot, line.stamp)
        if missed is not None or (call and call.status == "timeout"):
            self._time_out(function, missed or (call.id if call else ""), line.spot)
        if failed is not None or (call and (call.status in ("error", "failure") or call.error)):
            self._fail(function, failed or (call.id if call else ""), line.spot)

    def _fail(self, function: _Function, request: str, spot: Spot) -> None:
        """The runtime's line and the report may both tell of it."""
        if request and request in self._failed:
            return
        if len(self._failed) < _REMEMBERED:
            self._failed.add(request)
        function.mark("errors", spot)

    def _time_out(self, function: _Function, request: str, spot: Spot) -> None:
        """A request may say it twice, in its own line and in its report."""
        if request and request in self._timed_out:
            return
        if len(self._timed_out) < _REMEMBERED:
            self._timed_out.add(request)
        function.mark("timeouts", spot)

    def _count(self, function: _Function, call: Call, spot: Spot, stamp: Any) -> None:
        result = self.result
        result.records += 1
        function.calls += 1
        function.times.add((bucket_of(call.ms),))
        function.sums["total_ms"] += call.ms
        function.sums["billed_ms"] += call.billed_ms
        function.size = max(function.size, call.size)
        function.largest("max_ms", call.ms, spot)
        function.largest("memory_max", call.used, spot)
        if call.size:
            function.largest("memory_share", call.used / call.size, spot)
        if call.init_ms is not None:
            function.mark("cold_starts", spot)
            function.inits.add((bucket_of(call.init_ms),))
            function.largest("init_max_ms", call.init_ms, spot)
        if "OutOfMemory" in call.error:
            function.mark("out_of_memory", spot)
        if moment := moment_of(stamp):
            result.first, result.last = min(result.first or moment, moment), max(result.last or moment, moment)
            function.minutes.add(int(moment.timestamp()) // 60, 1)

    def total(self, name: str) -> float:
        """Sum over all functions."""
        return sum(function.sums[name] for function in self.functions.values())

    def evidence(self) -> list[Evidence]:
        """A row a function, the most time first."""
        ranked = sorted(self.functions.items(), key=lambda pair: -pair[1].sums["total_ms"])
        return [self._row(name, function) for name, function in ranked if function.calls]

    def _row(self, name: str, function: _Function) -> Evidence:
        calls, sums = function.calls, function.sums
        metrics: dict[str, float] = {
            "requests": calls,
            "mean_ms": sums["total_ms"] / calls,
            "memory_size": function.size,
        }
        metrics |= sums
        longest = function.most["max_ms"][0]
        metrics |= {f"p{share}_ms": min(function.times.quantile(share / 100), longest) for share in (50, 95, 99)}
        metrics |= {metric: value for metric, (value, _) in function.most.items()}
        metrics |= {"cold_start_share": sums["cold_starts"] / calls, "timeout_share": sums["timeouts"] / calls}
        if sums["cold_starts"]:
            metrics["init_p95_ms"] = min(function.inits.quantile(0.95), metrics["init_max_ms"])
        first, last = self.result.first, self.result.last
        if first and last:
            metrics["per_min_peak"] = function.minutes.most
            metrics |= {"window_s": (last - first).total_seconds()} if last > first else {}
        spots = function.spots | {metric: spot for metric, (_, spot) in function.most.items()}
        places = {metric: readers.place(*spot, self.result) for metric, spot in spots.items()}
        places |= dict.fromkeys(("p95_ms", "p99_ms"), places["max_ms"])
        for share, count in (("timeout_share", "timeouts"), ("cold_start_share", "cold_starts")):
            places |= {share: places[count]} if count in places else {}
        sketches = {"ms": function.times.counts, "init_ms": function.inits.counts, "minute": function.minutes.edges()}
        kept = {sketch: dict(counts) for sketch, counts in sketches.items() if counts}
        place = readers.place(*function.first, self.result)
        attrs = {"folded": True} if name == OTHER and self.folded else {}
        return Evidence("lambda.function", name, metrics, place, places, attrs, sketches=kept)


PARSER = Parser(
    id="lambda-log",
    title="AWS Lambda log",
    how_to_export="aws logs filter-log-events --log-group-name /aws/lambda/NAME --filter-pattern REPORT "
    "--start-time $(date -d '-1 day' +%s000) > lambda.json   "
    "# or: aws logs tail /aws/lambda/NAME --since 1d > lambda.log",
    looks_for="lines such as REPORT RequestId: ... Duration: 12.3 ms Billed Duration: 13 ms, or platform.report events",
    kinds=("lambda.function",),
    sniff=sniff,
    parse=parse,
)
