"""Every kind of evidence and the unit of each of its metrics.

A parser emits only what stands here and a rule may only need what stands here; the conformance tests hold both to it.
Units: "1" is a count, "share" lies in 0..1, times are ms, s or us as named, sizes are bytes or 8 kB blocks.
"""

Units = dict[str, str]

_STATEMENT_LOG: Units = {
    "count": "1",
    "total_ms": "ms",
    "mean_ms": "ms",
    "p95_ms": "ms",
    "max_ms": "ms",
    "share": "share",  # of all logged query time in this file
    "per_min_peak": "1/min",
    "window_s": "s",
}

_STATEMENT_STAT: Units = {
    "calls": "1",
    "total_ms": "ms",
    "mean_ms": "ms",
    "max_ms": "ms",
    "stddev_ms": "ms",
    "rows": "1",
    "rows_per_call": "1",
    "shared_hit": "blocks",
    "shared_read": "blocks",
    "blocks_per_call": "blocks",
    "blocks_per_row": "blocks",  # shared blocks touched per returned row, at least one row assumed per call
    "temp_written": "blocks",
    "share": "share",  # of all execution time in this file
    "hit_share": "share",  # shared_hit / (shared_hit + shared_read)
}

KINDS: dict[str, Units] = {
    # PostgreSQL server log. subject: fingerprint of the statement. attrs: see telemetry.sql.shape_attrs, plus
    # applications [text], users [text]
    "pg.log.statement": _STATEMENT_LOG,
    # subject "server": one row a file. A metric is present only if the log would have shown it (see parser).
    "pg.log.server": {
        "window_s": "s",
        "queries": "1",
        "query_ms": "ms",
        "queries_per_s_peak": "1/s",
        "errors": "1",
        "fatals": "1",
        "panics": "1",
        "deadlocks": "1",
        "lock_waits": "1",
        "lock_wait_max_ms": "ms",
        "temp_files": "1",
        "temp_bytes": "bytes",
        "checkpoints": "1",
        "checkpoints_forced": "1",  # triggered by WAL volume
        "checkpoint_warnings": "1",  # "checkpoints are occurring too frequently"
        "connections_received": "1",
        "connections_authorized": "1",
        "connections_per_min": "1/min",
        "session_median_s": "s",
        "too_many_connections": "1",
        "timeouts": "1",  # statements canceled by a timeout
        "idle_in_transaction_timeouts": "1",
        "crashes": "1",  # server process terminated by a signal
        "out_of_memory": "1",
        "disk_full": "1",
        "wraparound_warnings": "1",
        "auth_failures": "1",
    },
    # Lock waits by waiting statement. subject: fingerprint. attrs: shape_attrs, object ("transaction", "relation ...")
    "pg.log.lock": {"waits": "1", "wait_total_ms": "ms", "wait_max_ms": "ms"},
    # subject: the tables in the deadlock, sorted, joined by ", " . attrs: tables [text], queries [text]
    "pg.log.deadlock": {"count": "1"},
    # Temporary files by statement. subject: fingerprint. attrs: shape_attrs
    "pg.log.temp": {"files": "1", "bytes": "bytes", "bytes_max": "bytes"},
    # subject: SQLSTATE if known, else the message with literals stripped. attrs: message, severity, tables [text]
    "pg.log.error": {"count": "1"},
    # subject: table
    "pg.log.autovacuum": {"runs": "1", "elapsed_max_s": "s", "dead_left": "1", "index_scans_max": "1"},
    # subject: application name, or user when the application is empty
    "pg.log.application": {
        "connections": "1",
        "connections_per_min": "1/min",
        "session_median_s": "s",
        "refused": "1",
    },
    # auto_explain plans by statement. subject: fingerprint. attrs: shape_attrs, seq_scans [table], sort_spill (bool)
    "pg.log.plan": {"plans": "1", "max_ms": "ms", "rows_removed": "1", "rows_estimated_off": "1"},
    # pg_stat_statements. subject: fingerprint. attrs: shape_attrs
    "pg.stat.statement": _STATEMENT_STAT,
    # pg_stat_user_tables. subject: table (schema-qualified unless public). attrs: last_autovacuum, last_analyze (text)
    "pg.table": {
        "seq_scan": "1",
        "seq_tup_read": "1",
        "rows_per_seq_scan": "1",
        "idx_scan": "1",
        "idx_tup_fetch": "1",
        "inserts": "1",
        "updates": "1",
        "deletes": "1",
        "hot_updates": "1",
        "live": "1",
        "dead": "1",
        "mod_since_analyze": "1",
        "autovacuum_count": "1",
        "vacuum_count": "1",
        "autoanalyze_count": "1",
        "analyze_count": "1",
    },
    # Redis or Valkey INFO. subject "server": one row a file.
    # attrs: policy, version, server ("redis" | "valkey" | ...), role, persistence (bool or absent)
    "redis.server": {
        "uptime_s": "s",
        "window_s": "s",  # = uptime: counters run since start
        "used_memory": "bytes",
        "maxmemory": "bytes",
        "memory_share": "share",  # used / maxmemory, absent when maxmemory is 0
        "peak_memory": "bytes",
        "fragmentation_ratio": "1",
        "evicted_keys": "1",
        "evicted_per_min": "1/min",
        "expired_keys": "1",
        "keyspace_hits": "1",
        "keyspace_misses": "1",
        "lookups": "1",  # hits + misses, less calls of scanning commands
        "hit_share": "share",  # corrected for scanning commands; absent when the correction is not possible
        "keys": "1",
        "keys_with_expiry": "1",
        "no_expiry_share": "share",
        "connected_clients": "1",
        "maxclients": "1",
        "blocked_clients": "1",
        "rejected_connections": "1",
        "connections_per_min": "1/min",
        "output_buffer_disconnections": "1",
        "ops_per_s": "1/s",
        "oom_errors": "1",  # writes rejected at the memory limit (errorstat_OOM)
        "aof_enabled": "1",
        "save_failures": "1",  # 1 when the last background save or append-only write failed
        "changes_since_save": "1",
        "last_save_age_s": "s",
        "fork_ms": "ms",
        "connected_replicas": "1",
    },
    # subject: command, lower case ("keys", "memory|usage"). attrs: policy
    "redis.command": {
        "calls": "1",
        "time_us": "us",
        "us_per_call": "us",
        "share": "share",
        "rejected": "1",
        "failed": "1",
    },
    # subject: "db0" ...
    "redis.database": {"keys": "1", "keys_with_expiry": "1", "avg_ttl_ms": "ms"},
    # Queue counts. subject: queue. attrs: system ("bullmq"), paused (bool)
    "queue.counts": {
        "waiting": "1",  # waiting + prioritized
        "active": "1",
        "delayed": "1",
        "completed": "1",
        "failed": "1",
        "failed_share": "share",  # failed / (failed + completed), over what the queue still keeps
        "workers": "1",
        "oldest_age_s": "s",
        "processed": "1",  # lifetime, from metrics
        "lifetime_failed": "1",
    },
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
    # subject "server": one row a file. p95 only where the log holds a request time.
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
        "timed_requests": "1",
        "p95_ms": "ms",
    },
    # Failed sign-ins. subject: route. attrs: client (masked)
    "http.auth": {"failures": "1", "failures_per_min_max": "1/min", "clients": "1"},
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
    },
    # subject: deployment id
    "function.deployment": {"requests": "1", "status_5xx": "1", "error_share": "share"},
    # Route inventory. subject: route. attrs: type ("api" | "page"), webhook (bool), auth (bool)
    "route": {"listed": "1"},
}


def unit_of(kind: str, metric: str) -> str:
    """Unit of a metric; KeyError when the vocabulary does not hold it."""
    return KINDS[kind][metric]
