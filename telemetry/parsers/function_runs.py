"""Invocations of functions at Cloudflare (Workers trace events) and Netlify (function log drain).

Workers: https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/workers_trace_events/, and the same
in `wrangler tail --format json`. Netlify: https://docs.netlify.com/manage/monitoring/log-drains/. Addresses, headers
and what the code printed are not quoted.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.histogram import Histogram, bucket_of
from telemetry.parsers.base import Parser
from telemetry.parsers.http_counts import Peak
from telemetry.parsers.json_records import JsonRecord, first_records, records_of
from telemetry.parsers.ops_values import is_amount, read_time, widen
from telemetry.redaction import redact
from telemetry.source import Head, Source

HOW = "Send the Logpush job of Workers trace events, or Netlify's function log drain, as NDJSON."
WORKERS, NETLIFY = "workers", "netlify"
_SCRIPTS = 300
# Outcome of a Worker -> metric: https://developers.cloudflare.com/workers/observability/errors/
_OUTCOMES = {
    "exception": "exceptions",
    "exceededCpu": "cpu_exceeded",
    "exceededMemory": "memory_exceeded",
    "exceededWallTime": "timeouts",
    "canceled": "cancelled",
    "responseStreamDisconnected": "cancelled",
    "scriptNotFound": "not_found",
    "loadShed": "shed",
}
# Who hung up, or what was never there, is no failure of the code.
_NO_ERROR = ("cancelled", "not_found")
_TIMED_OUT = re.compile(r"[Tt]ask timed out after|TimeoutError")


@dataclass(frozen=True, slots=True)
class _Run:
    """One record: its function, whether it ends an invocation, and what it tells."""

    name: str
    ends: bool
    outcome: str  # metric, "" when nothing went wrong
    wall_ms: float | None
    cpu_ms: float | None
    memory: float | None
    spot: str  # the key to quote


@dataclass(slots=True)
class _Function:
    """Invocations of one function."""

    place: Place
    runs: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    times: dict[str, Histogram] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)
    minutes: Peak = field(default_factory=lambda: Peak(64))

    def largest(self, metric: str, value: float, quote: Callable[[], Place]) -> None:
        """Keep the largest value with its line, which is quoted only then."""
        if value > self.most.get(metric, -1.0):
            self.most[metric], self.places[metric] = value, quote()

    def row(self, name: str, carrier: str, window_s: float) -> Evidence:
        """The row of this function."""
        errors = float(sum(count for metric, count in self.outcomes.items() if metric not in _NO_ERROR))
        metrics: dict[str, float] = {"requests": float(self.runs), "errors": errors}
        metrics |= {metric: float(count) for metric, count in self.outcomes.items()} | self.most
        metrics |= {"error_share": errors / self.runs} if self.runs else {}
        for unit, times in self.times.items():
            longest = self.most[f"{unit}_max_ms"]
            shares = ((50, 0.5), (95, 0.95), (99, 0.99))
            metrics |= {f"{unit}_p{name}_ms": min(times.quantile(share), longest) for name, share in shares}
        metrics |= {"per_min_peak": float(self.minutes.most)} if self.minutes.most else {}
        metrics |= {"window_s": window_s} if window_s else {}
        sketches = {f"{unit}_ms": dict(times.counts) for unit, times in self.times.items()}
        sketches |= {"minute": self.minutes.edges()} if self.minutes.most else {}
        attrs = {"platform": carrier}
        return Evidence("function.script", name, metrics, self.place, self.places, attrs, sketches=sketches)


def sniff(head: Head) -> bool:
    """Claim records that mostly are a Worker's or a Netlify function's."""
    if head.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return False
    records = first_records(head)
    return bool(records) and sum(_carrier(record) is not None for record in records) >= 0.5 * len(records)


def _carrier(facts: dict[str, Any]) -> str | None:
    if {"Outcome", "ScriptName"} <= set(facts) or {"outcome", "scriptName", "eventTimestamp"} <= set(facts):
        return WORKERS
    return NETLIFY if "function_name" in facts and {"log_type", "level"} & set(facts) else None


def parse(source: Source) -> ParseResult:
    """A row a function; ParseError when no invocation stands in the file."""
    result, functions = ParseResult(), dict[str, _Function]()
    silent = 0
    for record in records_of(source, result):
        carrier = _carrier(record.content)
        if carrier is None:
            record.reject(result)
            continue
        result.carrier = carrier
        result.records += 1
        run = _worker(record.content) if carrier == WORKERS else _netlify(record.content)
        silent += not run.ends
        name = run.name if run.name in functions or len(functions) < _SCRIPTS else "other"
        if name not in functions:
            functions[name] = _Function(record.quote(run.spot, result))
        _count(functions[name], run, record, result)
    if not any(function.runs or function.outcomes for function in functions.values()):
        raise ParseError(f"No invocation of a function stands in this file. {HOW}", 1)
    _finish(functions, silent, result)
    return result


def _worker(facts: dict[str, Any]) -> _Run:
    outcome = str(facts.get("Outcome") or facts.get("outcome") or "")
    name = redact(str(facts.get("ScriptName") or facts.get("scriptName") or "worker"))[0][:120]
    metric = "" if outcome == "ok" else _OUTCOMES.get(outcome, "exceptions" if outcome == "unknown" else "other_errors")
    wall = facts.get("WallTimeMs", facts.get("wallTime"))
    cpu = facts.get("CPUTimeMs", facts.get("cpuTime"))
    key = "Outcome" if "Outcome" in facts else "outcome"
    return _Run(name, True, metric, _amount(wall), _amount(cpu), None, key)


def _netlify(facts: dict[str, Any]) -> _Run:
    """A record with a duration ends an invocation; the others are lines that the code printed."""
    name = redact(str(facts.get("function_name") or "function"))[0][:120]
    duration, memory = _amount(facts.get("duration")), _amount(facts.get("mem_usage"))
    level, message = str(facts.get("level") or "").lower(), str(facts.get("message") or "")
    outcome = ""
    if _TIMED_OUT.search(message):
        outcome = "timeouts"
    elif level in ("error", "fatal"):
        outcome = "exceptions"
    memory_bytes = memory * 1024**2 if memory is not None else None
    return _Run(name, duration is not None, outcome, duration, None, memory_bytes, "function_name")


def _amount(value: Any) -> float | None:
    return float(value) if is_amount(value) and value >= 0 else None


def _count(function: _Function, run: _Run, record: JsonRecord, result: ParseResult) -> None:
    moment = _moment(record.content)
    widen(result, moment)
    if run.outcome:
        function.outcomes[run.outcome] = function.outcomes.get(run.outcome, 0) + 1
        if run.outcome not in function.places:
            function.places[run.outcome] = record.quote(run.spot, result)
    if not run.ends:
        return
    function.runs += 1
    if moment:
        function.minutes.add(int(moment.timestamp()) // 60, 1)
    for unit, value in (("wall", run.wall_ms), ("cpu", run.cpu_ms)):
        if value is not None:
            function.times.setdefault(unit, Histogram()).add((bucket_of(value),))
            function.largest(f"{unit}_max_ms", value, lambda: record.quote(run.spot, result))
    if run.memory is not None:
        function.largest("memory_max", run.memory, lambda: record.quote("mem_usage", result))


def _moment(facts: dict[str, Any]) -> datetime | None:
    """When the record was written; None when that cannot be read, or has no zone."""
    stamp = next((facts[name] for name in ("EventTimestampMs", "eventTimestamp", "timestamp") if name in facts), None)
    try:
        moment = read_time(stamp)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def _finish(functions: dict[str, _Function], silent: int, result: ParseResult) -> None:
    window_s = (result.last - result.first).total_seconds() if result.first and result.last else 0.0
    ranked = sorted(functions.items(), key=lambda pair: -pair[1].runs)
    result.evidence = [
        function.row(name, result.carrier, window_s) for name, function in ranked if function.runs or function.outcomes
    ]
    for metric in ("requests", "errors"):
        result.totals[metric] = int(sum(row.metrics[metric] for row in result.evidence))
    result.totals["functions"] = len(result.evidence)
    result.enables = ["Time, failures and exceeded limits of functions"]
    if silent:
        result.notes.append(f"{silent:,} records are lines that a function printed, no invocations.")
    if result.carrier == WORKERS:
        result.notes.append("A Logpush job may sample and filter: ask for its sample_rate before scaling these counts.")


PARSER = Parser(
    id="function-runs",
    title="Function invocations (Cloudflare Workers, Netlify)",
    how_to_export="Cloudflare: Logpush job with the dataset workers_trace_events to your own storage, one hour of it; "
    "or npx wrangler tail NAME --format json > worker.json. Netlify: Logs > Log Drains > functions, NDJSON",
    looks_for="JSON lines with Outcome and ScriptName (Workers trace events, wrangler tail), or with function_name and "
    "log_type (Netlify)",
    kinds=("function.script",),
    sniff=sniff,
    parse=parse,
)
