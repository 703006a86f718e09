"""Kinds of evidence from load tests, metrics and traces."""

Units = dict[str, str]

_LOAD: Units = {
    "requests": "1",
    "failed": "1",  # as the tool counts them: error statuses and requests without an answer
    "failed_share": "share",
    "rate_limited": "1",  # 429, part of failed
    "error_share": "share",  # (failed - rate_limited) / requests, only where 429 are known apart
    "status_4xx": "1",
    "status_5xx": "1",
    "rps": "1/s",
    "mean_ms": "ms",
    "p50_ms": "ms",
    "p75_ms": "ms",
    "p90_ms": "ms",
    "p95_ms": "ms",
    "p99_ms": "ms",
    "max_ms": "ms",
    "bytes": "bytes",
    "bytes_mean": "bytes",
}

KINDS: dict[str, Units] = {
    # Load test. subject "run": one row a file. attrs: tool, closed_loop (bool: waiting hides what a queue would add)
    "load.run": {
        **_LOAD,
        "users": "1",  # most virtual users, connections or threads at once
        "window_s": "s",
        "timeouts": "1",
        "connection_errors": "1",
        "checks_failed": "1",
        "dropped_iterations": "1",
    },
    # subject: method and name. attrs: route, method
    "load.endpoint": _LOAD,
    # subject: metric and condition ("http_req_duration p(95)<500"). attrs: metric, condition
    "load.threshold": {"breached": "1"},
}
