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

_HAR: Units = {
    "requests": "1",
    "failed": "1",  # no answer came: blocked or aborted
    "status_4xx": "1",
    "status_429": "1",
    "status_5xx": "1",
    "p50_ms": "ms",
    "p95_ms": "ms",
    "max_ms": "ms",
    "total_ms": "ms",
    "wait_mean_ms": "ms",  # until the first byte
    "bytes": "bytes",
    "bytes_max": "bytes",
}
_HAR_HOST = ("requests", "failed", "p95_ms", "max_ms", "total_ms", "bytes")

_SPANS: Units = {
    "errors": "1",
    "error_share": "share",
    "p50_ms": "ms",
    "p95_ms": "ms",
    "p99_ms": "ms",
    "max_ms": "ms",
    "mean_ms": "ms",
    "total_ms": "ms",
    "window_s": "s",
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
    # Metrics of Prometheus by name. subject: family. attrs: type, unit (of the values), help, labels [text]
    "metric.family": {
        "samples": "1",
        "series": "1",
        "sum": "1",  # over all series, in the family's own unit, as all below
        "count": "1",  # observations of a histogram or summary
        "total": "1",  # their sum
        "mean": "1",
        "p50": "1",  # from buckets, straight between their bounds
        "p95": "1",
        "p99": "1",
    },
    # subject: name{label="value"}. attrs: family, labels {name: value}. Over time only from a range query.
    "metric.series": {
        "value": "1",  # the last one
        "count": "1",
        "total": "1",
        "mean": "1",
        "p50": "1",
        "p95": "1",
        "p99": "1",
        "points": "1",
        "first": "1",
        "min": "1",
        "max": "1",
        "increase": "1",  # of a counter, restarts bridged
        "per_s": "1/s",
        "window_s": "s",
    },
    # HAR: a visit recorded by a browser. subject: host that was visited
    "har.recording": {
        **_HAR,
        "hosts": "1",
        "third_party": "1",  # requests to other hosts
        "repeated": "1",  # GET of an address that was already fetched
        "window_s": "s",
    },
    # subject: route of the visited host. attrs: methods [text]
    "har.route": _HAR,
    # subject: host. attrs: third_party (bool)
    "har.host": {name: unit for name, unit in _HAR.items() if name in _HAR_HOST} | {"share": "share"},
    # Traces. subject "server": one row a file
    "trace.server": {"spans": "1", "traces": "1", "requests": "1", "orphans": "1", "window_s": "s"},
    # subject: route. Time in the database and at others: what runs side by side counts once.
    "trace.route": {
        "requests": "1",
        **_SPANS,
        "status_4xx": "1",
        "status_5xx": "1",
        "db_ms": "ms",
        "db_share": "share",
        "db_calls_per_request": "1",
        "external_ms": "ms",
        "external_share": "share",
        "external_calls_per_request": "1",
    },
    # subject: fingerprint of the statement, or system and command. attrs: shape_attrs, system, routes [text]
    "trace.query": {
        "calls": "1",
        **_SPANS,
        "share": "share",  # of all time in the database in this file
        "repeats_max": "1",  # most calls under one parent
        "looped_parents": "1",  # parents with ten calls and more
    },
    # subject: host. attrs: routes [text]
    "trace.external": {"calls": "1", **_SPANS},
    # Invocations of AWS Lambda. subject: function, "function" when the log does not name it
    "lambda.function": {
        "requests": "1",
        "mean_ms": "ms",
        "p50_ms": "ms",
        "p95_ms": "ms",
        "p99_ms": "ms",
        "max_ms": "ms",
        "total_ms": "ms",
        "billed_ms": "ms",
        "memory_size": "bytes",
        "memory_max": "bytes",
        "memory_share": "share",  # most used / size
        "cold_starts": "1",
        "cold_start_share": "share",
        "init_p95_ms": "ms",
        "init_max_ms": "ms",
        "timeouts": "1",
        "timeout_share": "share",
        "errors": "1",
        "out_of_memory": "1",
        "per_min_peak": "1/min",
        "window_s": "s",
    },
    # CloudWatch. subject: label and statistic. attrs: label, statistic, unit (of the values), id, peak_at
    "cloudwatch.metric": {
        "points": "1",
        "highest": "1",
        "lowest": "1",
        "first": "1",
        "last": "1",
        "mean": "1",  # of the points
        "sum": "1",
        "window_s": "s",
        "period_s": "s",
    },
    # The same about a managed service, in units. subject: resource, or what it is. attrs: from (the metric's name)
    "managed.service": {
        "hit_share": "share",  # of look-ups in a cache, in the middle of the window
        "memory_share": "share",  # of the memory that a cache may use, the last one
        "free_storage": "bytes",  # the last one
        "freeable_memory": "bytes",  # the lowest
        "clients": "1",  # connected to a cache, the highest
        "evicted_keys": "1",  # from a cache, in the window or since it started
        "points": "1",
        "window_s": "s",
    },
}
