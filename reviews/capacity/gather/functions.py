"""Functions: how many run at once, by Little's law over each function; how many fail and start cold."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from reviews.capacity.formulas.operational import busy
from reviews.capacity.formulas.serverless import concurrency
from reviews.capacity.gather.base import computed, derived, measured, most
from reviews.capacity.inputs import Input
from telemetry.evidence import Evidence, EvidenceSet


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """Concurrency from invocations and their mean time; where requests alone were logged, what was in flight."""
    rows = [row for row in evidence.having("lambda.function", "requests", "mean_ms", "window_s") if _watched(row)]
    yield from _concurrency(rows)
    server = most(evidence.of("function.server"), "requests")
    if server is not None:
        yield from measured("functions.error_share", server, "error_share")
        yield from _cold(server)
    if not rows and evidence.of("function.server"):
        yield from _in_flight(evidence)


def _watched(row: Evidence) -> bool:
    return row.metrics["window_s"] > 0


def _concurrency(rows: Sequence[Evidence]) -> Iterator[Input]:
    largest = most(rows, "total_ms") or most(rows, "requests")
    if largest is None:
        return

    def running(metric: str, seconds: Callable[[Evidence], float]) -> float:
        return math.fsum(concurrency(row.metrics[metric] / seconds(row), row.metrics["mean_ms"] / 1000) for row in rows)

    words = "invocations a second × mean time, over all functions (Little's law)"
    mean = partial(running, "requests", lambda row: row.metrics["window_s"])
    yield from computed("functions.concurrency_mean", mean, words, largest, "mean_ms")
    if all("per_min_peak" in row.metrics for row in rows):
        peak = partial(running, "per_min_peak", lambda row: 60.0)
        words = "invocations of each function's busiest minute × mean time"
        yield from computed("functions.concurrency_peak", peak, words, largest, "per_min_peak")


def _cold(server: Evidence) -> Iterator[Input]:
    if "cold_starts" in server.metrics and server.metrics["requests"] > 0:
        share = server.metrics["cold_starts"] / server.metrics["requests"]
        yield from derived("functions.cold_start_share", share, "cold starts ÷ requests", server, "cold_starts")


def _in_flight(evidence: EvidenceSet) -> Iterator[Input]:
    rows = [row for row in evidence.having("http.route", "total_ms", "window_s") if _watched(row)]
    largest = most(rows, "total_ms")
    if largest is not None:
        words = "time of all requests ÷ time watched (Little's law); one request for each instance"
        yield from computed("functions.concurrency_mean", lambda: in_flight(rows), words, largest, "total_ms")


def in_flight(rows: Sequence[Evidence]) -> float:
    """Requests at the same time, on average, over rows that hold the time of all theirs and how long was watched."""
    return math.fsum(busy(row.metrics["total_ms"] / 1000, row.metrics["window_s"]) for row in rows)
