"""Kinds of evidence about the hosting platform."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # Function log (hosting platform) by route. subject: route. attrs: regions [text]
    "function.route": {
        "requests": "1",
        "share": "share",
        "status_4xx": "1",
        "status_5xx": "1",
        "status_429": "1",
        "error_share": "share",
        "timeouts": "1",  # FUNCTION_INVOCATION_TIMEOUT or the runtime's "timed out after"
        "timeout_share": "share",
        "throttled": "1",
        "payload_too_large": "1",
        "crashes": "1",  # no response: the function ended before answering
        "cold_starts": "1",
        "cache_hit": "1",
        "cache_miss": "1",
        "cache_hit_share": "share",
        "get_requests": "1",
        "bytes_max": "bytes",
        "window_s": "s",
    },
    # subject "server": one row a file
    "function.server": {
        "requests": "1",
        "window_s": "s",
        "status_5xx": "1",
        "error_share": "share",
        "timeouts": "1",
        "throttled": "1",
        "payload_too_large": "1",
        "crashes": "1",
        "paused": "1",  # DEPLOYMENT_PAUSED / DEPLOYMENT_DISABLED
        "loops": "1",  # INFINITE_LOOP_DETECTED
        "cold_starts": "1",
        "deployments": "1",
        "bot_requests": "1",
        "bot_share": "share",  # of the requests whose agent is written
    },
    # subject: deployment id
    "function.deployment": {"requests": "1", "status_5xx": "1", "error_share": "share"},
    # Invocations at Cloudflare or Netlify. subject: script or function. attrs: platform. errors leave out who hung up
    "function.script": {
        "requests": "1",
        "errors": "1",
        "error_share": "share",
        "exceptions": "1",
        "cpu_exceeded": "1",
        "memory_exceeded": "1",
        "timeouts": "1",
        "cancelled": "1",  # by the client
        "not_found": "1",
        "shed": "1",  # not run, as the platform had no room
        "other_errors": "1",
        "wall_p50_ms": "ms",
        "wall_p95_ms": "ms",
        "wall_p99_ms": "ms",
        "wall_max_ms": "ms",
        "cpu_p50_ms": "ms",
        "cpu_p95_ms": "ms",
        "cpu_p99_ms": "ms",
        "cpu_max_ms": "ms",
        "memory_max": "bytes",
        "per_min_peak": "1/min",
        "window_s": "s",
    },
    # Settings of functions. subject: route or glob of files. attrs: runtime
    "function.config": {"listed": "1", "max_duration_s": "s", "memory_bytes": "bytes"},
    # A scheduled call. subject: path. attrs: schedule (five fields, UTC)
    "platform.cron": {"listed": "1", "runs_per_hour": "1"},  # runs_per_hour: in the hours it runs at all
    # A metric as the platform summed it up. subject: route and what else it was grouped by, or "all". attrs: metric,
    # aggregation, by [text]
    "platform.metric": {"value": "1", "value_ms": "ms", "value_bytes": "bytes"},
}
