"""Kinds of evidence about HTTP traffic."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # HTTP access log by route template. subject: route. attrs: methods [text], inventory (bool: matches a known route)
    "http.route": {
        "requests": "1",
        "share": "share",
        "status_4xx": "1",
        "status_5xx": "1",
        "status_429": "1",
        "status_401": "1",
        "status_413": "1",
        "status_499": "1",
        "status_502": "1",
        "status_503": "1",
        "status_504": "1",
        "error_share": "share",  # 5xx / requests
        "timeout_share": "share",  # (499 + 502 + 504) / requests
        "p50_ms": "ms",
        "p95_ms": "ms",
        "p99_ms": "ms",
        "max_ms": "ms",
        "total_ms": "ms",
        "time_share": "share",
        "bytes": "bytes",
        "bytes_mean": "bytes",
        "bytes_max": "bytes",
        "per_min_peak": "1/min",
        "post_requests": "1",
        "query_page_max": "1",  # largest value of page / offset / skip in a query string
        "window_s": "s",
    },
    # subject "server": one row a file. p95 only where the log holds a request time. attrs: client (masked),
    # host (the machine that wrote, where the carrier names one; logs of different hosts are not joined)
    "http.server": {
        "requests": "1",
        "window_s": "s",
        "rps_mean": "1/s",
        "rps_peak": "1/s",
        "peak_factor": "1",
        "status_4xx": "1",
        "status_5xx": "1",
        "status_429": "1",
        "error_share": "share",
        "error_share_worst_5min": "share",
        "bot_requests": "1",
        "bot_share": "share",
        "test_requests": "1",  # by tools for load tests, where there are any
        "clients": "1",  # different addresses: exact up to 131,072, an estimate (standard error 0.5 %) above
        "client_share_max": "share",  # of the requests, by the client with the most
        "timed_requests": "1",
        "total_s": "s",  # all request times together
        "in_flight": "1",  # total_s / window_s: how many requests were under way on average (Little's law)
        "p95_ms": "ms",
        "max_ms": "ms",
    },
    # Sessions that HAProxy did not end normally. subject: the first two letters of its termination state ("sH")
    "http.termination": {"requests": "1", "share": "share"},
    # Failed sign-ins. subject: route. attrs: client (masked),
    # host (the machine that wrote, where the carrier names one; logs of different hosts are not joined)
    "http.auth": {"failures": "1", "failures_per_min_max": "1/min", "clients": "1"},
}
