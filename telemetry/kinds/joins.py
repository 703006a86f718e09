"""How the metrics of logs join when one log came in several files: the vocabulary's other half, beside its units.

Every metric of a kind that a format of `SERIES` provides stands here (a test holds it to that). In a kind the first
metric is its weight: of two readings of the same time the one with more of it is the fuller one.
"""

from dataclasses import dataclass

from telemetry.kinds.joining import (
    Join,
    Mean,
    Most,
    MostShare,
    Peak,
    PeakFactor,
    Quantile,
    Rate,
    Ratio,
    ShareOf,
    Subjects,
    Total,
    Window,
    WorstWindow,
)

Joins = dict[str, Join]


@dataclass(frozen=True, slots=True)
class Series:
    """A format whose files may be parts of one log.

    `carriers` are those that can be joined (empty: all). With `by_carrier` each carrier is a source of its own;
    without, two carriers of the same time are the same events. Files more than `max_gap_s` apart are two logs.
    """

    carriers: tuple[str, ...] = ()
    by_carrier: bool = False
    max_gap_s: float | None = None


SERIES: dict[str, Series] = {
    "postgres-log": Series(),
    "pgbouncer-log": Series(),
    "access-log": Series(),
    "function-log": Series(),
    "lambda-log": Series(),
    "function-runs": Series(by_carrier=True),
    "vercel-speed-insights": Series(),
    "traces": Series(),
    "stripe-events": Series(),
    "llm-usage": Series(by_carrier=True),
    # Two runs of a load test are two measurements; only the parts of one run follow each other at once.
    "load-test": Series(carriers=("k6-ndjson", "k6-csv", "jmeter-csv"), max_gap_s=10.0),
}


def _totals(*metrics: str) -> Joins:
    return dict.fromkeys(metrics, Total())


def _most(*metrics: str) -> Joins:
    return dict.fromkeys(metrics, Most())


def _shares(over: str, *metrics: str) -> Joins:
    return dict.fromkeys(metrics, Mean((over,)))


def _quantiles(sketch: str, largest: str, *shares: int) -> Joins:
    return {f"p{share}_{sketch}": Quantile(share / 100, sketch, largest) for share in shares}


_PG_MINUTE = 60.0  # a log of less than a minute is not extrapolated to one
_SESSION: Joins = {"session_max_s": Most(), "session_median_s": Quantile(0.5, "us", "session_max_s", 1e-6)}
_LOAD: Joins = {
    **_totals("requests", "failed", "rate_limited", "status_4xx", "status_5xx", "bytes"),
    "failed_share": Ratio(("failed",), ("requests",)),
    "error_share": Ratio(("failed", "-rate_limited"), ("requests",)),
    "bytes_mean": Ratio(("bytes",), ("requests",)),
    "mean_ms": Mean(sketch="ms"),
    **_quantiles("ms", "max_ms", 50, 75, 90, 95, 99),
    **_most("max_ms"),
}
_SPANS: Joins = {
    **_totals("errors", "total_ms"),
    "mean_ms": Mean(sketch="ms"),
    **_quantiles("ms", "max_ms", 50, 95, 99),
    **_most("max_ms"),
    "window_s": Window(),
}
_POOL: Joins = {
    **dict.fromkeys(("logins", "closings", "server_connections"), Total("pool.log")),
    **_totals("query_wait_timeouts", "max_client_conn_hits"),
    "logins_per_min": Rate(("logins",), 60.0, _PG_MINUTE),
}
_POSTGRES: dict[str, Joins] = {
    "pg.log.statement": {
        **_totals("count", "total_ms"),
        "mean_ms": Ratio(("total_ms",), ("count",)),
        "p95_ms": Quantile(0.95, "us", "max_ms", 1e-3),
        **_most("max_ms", "rows_skipped"),
        "share": ShareOf("total_ms", "pg.log.server", "query_ms"),
        "per_min_peak": Peak("minute"),
        "window_s": Window(),
    },
    "pg.log.server": {
        "queries": Total(),
        "window_s": Window(),
        "query_ms": Total(),
        "queries_per_s_peak": Peak("second"),
        **_totals("errors", "fatals", "panics", "deadlocks", "lock_waits", "temp_files", "temp_bytes", "checkpoints"),
        **_totals("checkpoints_forced", "checkpoint_warnings", "connections_received", "connections_authorized"),
        **_totals("too_many_connections", "timeouts", "idle_in_transaction_timeouts", "crashes", "out_of_memory"),
        **_totals("disk_full", "wraparound_warnings", "auth_failures", "archive_failures", "replication_failures"),
        **_totals("recovery_conflicts", "corruptions", "lost_clients", "autovacuum_cancels", "user_cancels"),
        **_most("lock_wait_max_ms"),
        "connections_per_min": Rate(("connections_authorized", "connections_received"), 60.0, _PG_MINUTE),
        **_SESSION,
    },
    "pg.log.lock": _totals("waits", "wait_total_ms") | _most("wait_max_ms"),
    "pg.log.deadlock": _totals("count"),
    "pg.log.temp": _totals("files", "bytes") | _most("bytes_max"),
    "pg.log.error": _totals("count"),
    "pg.log.autovacuum": _totals("runs") | _most("elapsed_max_s", "dead_left", "index_scans_max"),
    "pg.log.application": {
        "connections": Total(),
        "connections_per_min": Rate(("connections",), 60.0, _PG_MINUTE),
        "refused": Total(),
        **_SESSION,
    },
    "pg.log.plan": _totals("plans") | _most("max_ms", "rows_removed", "rows_estimated_off"),
    "pool.log": {
        **_POOL,
        "window_s": Window(),
        **_totals("server_login_failures", "stats_lines", "stats_lines_waiting"),
        **_most("xacts_per_s_max", "queries_per_s_max", "query_us_max", "wait_us_max"),
    },
    "pool.log.database": _POOL,
}
_HTTP: dict[str, Joins] = {
    "http.route": {
        **_totals("requests", "status_4xx", "status_5xx", "status_429", "status_401", "status_413", "status_499"),
        **_totals("status_502", "status_503", "status_504", "total_ms", "bytes", "post_requests"),
        "share": ShareOf("requests", "http.server", "requests"),
        "error_share": Ratio(("status_5xx",), ("requests",)),
        "timeout_share": Ratio(("status_499", "status_502", "status_504"), ("requests",)),
        **_quantiles("ms", "max_ms", 50, 95, 99),
        **_most("max_ms", "bytes_max", "query_page_max"),
        "time_share": ShareOf("total_ms", "http.route", "total_ms"),
        "bytes_mean": Ratio(("bytes",), ("requests",)),
        "per_min_peak": Peak("minute"),
        "window_s": Window(),
    },
    "http.server": {
        **_totals("requests", "status_4xx", "status_5xx", "status_429", "bot_requests", "timed_requests"),
        "test_requests": Total(),
        "total_s": Total(),
        "in_flight": Rate(("total_s",)),
        "window_s": Window(),
        "rps_mean": Rate(("requests",)),
        "rps_peak": Peak("second"),
        "peak_factor": PeakFactor("minute"),
        "error_share": Ratio(("status_5xx",), ("requests",)),
        "error_share_worst_5min": WorstWindow("errors", "requests", 20),
        "bot_share": Ratio(("bot_requests",), ("requests",)),
        # Addresses are not kept, so those that both files saw are not known, here and in http.auth.
        "clients": Most(exact=False),
        "client_share_max": MostShare("requests"),
        **_quantiles("ms", "max_ms", 95),
        **_most("max_ms"),
    },
    "http.termination": {"requests": Total(), "share": ShareOf("requests", "http.server", "requests")},
    "http.auth": {"failures": Total(), "failures_per_min_max": Most(exact=False), "clients": Most(exact=False)},
}
_PLATFORM: dict[str, Joins] = {
    "function.route": {
        **_totals("requests", "status_4xx", "status_5xx", "status_429", "timeouts", "throttled", "payload_too_large"),
        **_totals("crashes", "cold_starts", "cache_hit", "cache_miss", "get_requests"),
        "share": ShareOf("requests", "function.server", "requests"),
        **_shares("requests", "error_share"),
        "timeout_share": Ratio(("timeouts",), ("requests",)),
        "cache_hit_share": Ratio(("cache_hit",), ("cache_hit", "cache_miss")),
        **_most("bytes_max"),
        "window_s": Window(),
    },
    "function.server": {
        **_totals("requests", "status_5xx", "timeouts", "throttled", "payload_too_large", "crashes", "paused", "loops"),
        **_totals("cold_starts", "bot_requests"),
        "window_s": Window(),
        **_shares("requests", "error_share", "bot_share"),
        "deployments": Subjects("function.deployment"),
    },
    "function.deployment": _totals("requests", "status_5xx") | _shares("requests", "error_share"),
    "error.cause": _totals("events") | _most("users") | {"window_s": Window()},
    "lambda.function": {
        **_totals("requests", "total_ms", "billed_ms", "cold_starts", "timeouts", "errors", "out_of_memory"),
        "mean_ms": Ratio(("total_ms",), ("requests",)),
        **_quantiles("ms", "max_ms", 50, 95, 99),
        **_most("max_ms", "memory_size", "memory_max", "memory_share", "init_max_ms"),
        "cold_start_share": Ratio(("cold_starts",), ("requests",)),
        "init_p95_ms": Quantile(0.95, "init_ms", "init_max_ms"),
        "timeout_share": Ratio(("timeouts",), ("requests",)),
        "per_min_peak": Peak("minute"),
        "window_s": Window(),
    },
}
_VISITORS: dict[str, Joins] = {
    "function.script": {
        **_totals("requests", "errors", "exceptions", "cpu_exceeded", "memory_exceeded", "timeouts", "cancelled"),
        **_totals("not_found", "shed", "other_errors"),
        "error_share": Ratio(("errors",), ("requests",)),
        **{f"wall_p{share}_ms": Quantile(share / 100, "wall_ms", "wall_max_ms") for share in (50, 95, 99)},
        **{f"cpu_p{share}_ms": Quantile(share / 100, "cpu_ms", "cpu_max_ms") for share in (50, 95, 99)},
        **_most("wall_max_ms", "cpu_max_ms", "memory_max"),
        "per_min_peak": Peak("minute"),
        "window_s": Window(),
    },
    "web.vitals": {
        **_totals("samples", "lcp_samples", "inp_samples", "ttfb_samples", "fcp_samples", "fid_samples", "cls_samples"),
        **{f"{vital}_p75_ms": Quantile(0.75, vital) for vital in ("lcp", "inp", "ttfb", "fcp", "fid")},
        "cls_p75": Quantile(0.75, "cls"),
        "window_s": Window(),
    },
}
_TRACES: dict[str, Joins] = {
    # A trace that is cut in two counts in both files.
    "trace.server": _totals("spans", "traces", "requests", "orphans") | {"window_s": Window()},
    "trace.route": {
        **_totals("requests", "status_4xx", "status_5xx", "db_ms", "external_ms"),
        **_SPANS,
        "error_share": Ratio(("errors",), ("requests",)),
        "db_share": Ratio(("db_ms",), ("total_ms",), 1.0),
        "external_share": Ratio(("external_ms",), ("total_ms",), 1.0),
        **_shares("requests", "db_calls_per_request", "external_calls_per_request"),
    },
    "trace.query": {
        "calls": Total(),
        **_SPANS,
        "error_share": Ratio(("errors",), ("calls",)),
        "share": ShareOf("total_ms", "trace.query", "total_ms"),
        "repeats_max": Most(exact=False),
        "looped_parents": Total(exact=False),
    },
    "trace.external": {"calls": Total(), **_SPANS, "error_share": Ratio(("errors",), ("calls",))},
}
_OTHERS: dict[str, Joins] = {
    "load.run": {
        **_LOAD,
        **_most("users"),
        **_totals("timeouts", "connection_errors", "checks_failed", "dropped_iterations"),
        "rps": Rate(("requests",)),
        "window_s": Window(),
    },
    "load.endpoint": {**_LOAD, "rps": Most()},  # points do not tell the rate of an endpoint
    "load.threshold": _most("breached"),  # nor thresholds
    "ops.llm": {
        **_totals("requests", "input_tokens", "output_tokens", "cached_tokens", "cost"),
        "cached_share": Ratio(("cached_tokens",), ("input_tokens",)),
        "cost_per_request": Ratio(("cost",), ("requests",)),
        "p50_s": Quantile(0.5, "s"),
        "p95_s": Quantile(0.95, "s"),
    },
    # What is old in the older part was not old yet when it ended; repeats on both sides of the cut are not seen.
    "ops.payment_event": {
        **_totals("events", "pending", "api_events", "without_key"),
        "pending_old": Total(exact=False),
        "repeated": Total(exact=False),
        "again": Total(exact=False),
        "window_s": Window(),
    },
}
JOINS: dict[str, Joins] = {**_POSTGRES, **_HTTP, **_PLATFORM, **_VISITORS, **_TRACES, **_OTHERS}
