"""Traces: OpenTelemetry spans in OTLP JSON, by route, by query and by called host."""

import re
from datetime import UTC, datetime
from typing import Any

from telemetry import sql
from telemetry.evidence import OTHER, Evidence, ParseResult, Place
from telemetry.parsers.base import Parser
from telemetry.parsers.traces_counts import Group, Traces, is_sql, together
from telemetry.parsers.traces_spans import Span, id_quote, no_spans, spans_of
from telemetry.source import Head, Source

_START = re.compile(r'\{\s*"resourceSpans"\s*:\s*\[')
_SHOWN = 300


def sniff(head: Head) -> bool:
    """Whether the first object is an export request of traces."""
    return bool(_START.match(head.text.lstrip("\ufeff \t\r\n")))


def parse(source: Source) -> ParseResult:
    """Requests by route, time in the database by query, calls to others by host."""
    result, traces = ParseResult(carrier="otlp-json"), Traces()
    mark = id_quote(source.head().text.encode())
    for span in spans_of(source, result):
        traces.add(span)
        source.records = traces.spans
    if traces.first is None:
        raise no_spans()
    traces.finish()
    rows = _Rows(traces, mark, result)
    result.records = traces.spans
    result.first = datetime.fromtimestamp(traces.start / 1e9, UTC)
    result.last = datetime.fromtimestamp(traces.end / 1e9, UTC)
    result.evidence = [rows.whole(traces.first)]
    for role, build in (("server", rows.route), ("db", rows.query), ("external", rows.external)):
        ranked = sorted(traces.groups[role].items(), key=lambda pair: (-pair[1].total_ms, pair[0]))
        result.evidence += [build(*pair) for pair in ranked[:_SHOWN]]
        if len(ranked) > _SHOWN:
            result.evidence.append(build(OTHER, together([group for _, group in ranked[_SHOWN:]])))
            result.notes.append(f"{len(ranked) - _SHOWN:,} names with less time ({role} spans) are one row, “{OTHER}”.")
    result.totals = {"spans": traces.spans}
    result.enables = ["Latency by route and what it waits for", "Queries in loops", "Calls to other services"]
    _note(traces, result)
    return result


def _note(traces: Traces, result: ParseResult) -> None:
    result.notes.append("Traces are usually sampled: shares and times hold, counts are no traffic; ask for the rate.")
    if traces.orphans:
        result.notes.append(f"{traces.orphans:,} spans have a parent that is not in the file: traces are cut.")
    if traces.unlinked:
        result.notes.append(f"{traces.unlinked:,} spans beyond the first 500,000 are counted without their trace.")
    if not traces.groups["db"]:
        result.notes.append("No database spans: time in the database is not measured; instrument the client.")


class _Rows:
    """From groups to evidence."""

    def __init__(self, traces: Traces, mark: str, result: ParseResult) -> None:
        self._traces, self._mark, self._result = traces, mark, result
        self._window_s = (traces.end - traces.start) / 1e9

    def _place(self, span: Span) -> Place:
        """Only the id is quoted: a span's attributes may hold anything."""
        return Place(span.line, f"{self._mark}{span.id}")

    def whole(self, first: Span) -> Evidence:
        """The file."""
        traces = self._traces
        metrics: dict[str, float] = {"spans": traces.spans, "traces": len(traces.traces), "orphans": traces.orphans}
        metrics["requests"] = sum(group.calls for group in traces.groups["server"].values())
        metrics |= {"window_s": self._window_s} if self._window_s else {}
        return Evidence("trace.server", "server", metrics, self._place(first))

    def _basic(self, group: Group) -> dict[str, float]:
        metrics: dict[str, float] = {"calls": group.calls, "errors": group.errors}
        metrics["error_share"] = group.errors / group.calls
        if group.timed:
            metrics |= {f"p{share}_ms": min(group.times.quantile(share / 100), group.max_ms) for share in (50, 95, 99)}
            metrics |= {"max_ms": group.max_ms, "total_ms": group.total_ms, "mean_ms": group.total_ms / group.timed}
        if self._window_s:
            metrics["window_s"] = self._window_s
        return metrics

    def _row(self, kind: str, subject: str, group: Group, metrics: dict[str, float], attrs: dict[str, Any]) -> Evidence:
        places: dict[str, Place] = {}
        if group.slowest:
            places |= dict.fromkeys(("p95_ms", "p99_ms", "max_ms"), self._place(group.slowest))
        if group.failed:
            places |= dict.fromkeys(("errors", "error_share", "status_5xx"), self._place(group.failed))
        if group.loop:
            places |= dict.fromkeys(("repeats_max", "looped_parents"), self._place(group.loop))
        shown = {name: place for name, place in places.items() if name in metrics}
        sketches = {"ms": dict(group.times.counts)} if group.timed else {}
        return Evidence(kind, subject, metrics, self._place(group.first), shown, attrs, sketches=sketches)

    def route(self, route: str, group: Group) -> Evidence:
        """A route, and what its requests wait for."""
        metrics = self._basic(group)
        metrics["requests"] = metrics.pop("calls")
        if group.statuses:
            for hundred in (4, 5):
                found = [count for status, count in group.statuses.items() if status // 100 == hundred]
                metrics[f"status_{hundred}xx"] = sum(found)
        for role, name in (("db", "db"), ("external", "external")):
            if not self._traces.groups[role]:
                continue
            metrics[f"{name}_calls_per_request"] = group.inner_calls[role] / group.calls
            metrics[f"{name}_ms"] = group.inner_ms[role]
            if group.total_ms:
                metrics[f"{name}_share"] = min(1.0, group.inner_ms[role] / group.total_ms)
        return self._row("trace.route", route, group, metrics, {})

    def query(self, name: str, group: Group) -> Evidence:
        """A query by its family."""
        metrics = self._basic(group)
        in_db = sum(other.total_ms for other in self._traces.groups["db"].values())
        if in_db and group.timed:
            metrics["share"] = group.total_ms / in_db
        metrics |= {"repeats_max": max(group.repeats, 1), "looped_parents": group.looped}
        attrs: dict[str, Any] = {"system": group.first.system} if group.first.system else {}
        if is_sql(group.first) and name != OTHER:
            attrs |= sql.shape_attrs(group.first.name)
        attrs["routes"] = [route for route, _ in group.routes.most_common(5)]
        return self._row("trace.query", name, group, metrics, attrs)

    def external(self, host: str, group: Group) -> Evidence:
        """A host that is called."""
        routes = [route for route, _ in group.routes.most_common(5)]
        return self._row("trace.external", host, group, self._basic(group), {"routes": routes})


PARSER = Parser(
    id="traces",
    title="OpenTelemetry traces",
    how_to_export="Add to the OpenTelemetry Collector: exporters: {file: {path: traces.json}}, and to the pipeline of "
    "traces: exporters: [otlp, file]; let it run for an hour of usual traffic, then: gzip traces.json",
    looks_for='JSON, one or one a line, that begins with {"resourceSpans": [',
    kinds=("trace.server", "trace.route", "trace.query", "trace.external"),
    sniff=sniff,
    parse=parse,
)
