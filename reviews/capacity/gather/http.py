"""Traffic: requests a second, the peak factor, requests in flight, and what load tests carried."""

import math
from collections.abc import Iterator

from reviews.capacity.curves import FAILED_AT_MOST, failed_share
from reviews.capacity.gather.base import computed, derived, longest, measured, most, total
from reviews.capacity.gather.functions import in_flight
from reviews.capacity.inputs import Input
from reviews.report.figures import percent
from telemetry.evidence import Evidence, EvidenceSet


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """Of several servers' logs the requests add up; the peak factor is that of the longest log."""
    servers = evidence.of("http.server")
    yield from total("http.rps_mean", servers, "rps_mean", "sum over the servers' logs")
    watched = longest(servers, "peak_factor")
    if watched is not None:
        words = "measured: busiest minute ÷ mean minute"
        yield from measured("http.peak_factor", watched, "peak_factor", words=words)
        yield from measured("http.window_s", watched, "window_s")
    yield from total("http.rps_second", servers, "rps_peak", "sum over the servers' busiest seconds")
    if not servers:
        yield from _of_functions(evidence)
    worst = most(servers, "p95_ms")
    if worst is not None:
        yield from measured("http.p95_ms", worst, "p95_ms")
    yield from _errors(servers)
    yield from _in_flight(evidence)
    yield from _carried(evidence)


def _of_functions(evidence: EvidenceSet) -> Iterator[Input]:
    row = longest(evidence.having("function.server", "requests", "window_s"), "requests")
    if row is not None and row.metrics["window_s"] > 0:
        rate = row.metrics["requests"] / row.metrics["window_s"]
        yield from derived("http.rps_mean", rate, "requests ÷ seconds of the log", row, "requests")


def _errors(servers: list[Evidence]) -> Iterator[Input]:
    rows = [row for row in servers if "requests" in row.metrics and "status_5xx" in row.metrics]
    requests = math.fsum(row.metrics["requests"] for row in rows)
    worst = most(rows, "status_5xx")
    if worst is not None and requests > 0:
        failed = math.fsum(row.metrics["status_5xx"] for row in rows)
        yield from derived("http.error_share", failed / requests, "status 5xx ÷ requests", worst, "status_5xx")


def _in_flight(evidence: EvidenceSet) -> Iterator[Input]:
    """Little's law by its own sum: all seconds of all requests, over the seconds watched."""
    rows = [row for row in evidence.having("http.route", "total_ms", "window_s") if row.metrics["window_s"] > 0]
    largest = most(rows, "total_ms")
    if largest is not None:
        words = "time of all requests ÷ time watched (Little's law)"
        yield from computed("http.in_flight", lambda: in_flight(rows), words, largest, "total_ms")


def _carried(evidence: EvidenceSet) -> Iterator[Input]:
    """The fastest run of a load test that hardly failed: at least so much is carried."""
    runs = [row for row in evidence.having("load.run", "rps") if failed_share(row) <= FAILED_AT_MOST]
    best = most(runs, "rps")
    if best is not None:
        words = f"measured: the fastest load test in which at most {percent(FAILED_AT_MOST)} failed"
        yield from measured("http.rps_carried", best, "rps", words=words)
