"""Kinds of evidence about PostgreSQL."""

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
    "rows_skipped": "1",  # the OFFSET that the slowest run names, where it does
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
    # applications [text], users [text]. Subject "other": count, total_ms and share of all families without a row of
    # their own; attrs: families, how many they are
    "pg.log.statement": _STATEMENT_LOG,
    # subject "server": one row a file. A metric is present only if the log would have shown it (see parser).
    # attrs: host (text, where the carrier names one; logs of different hosts are not joined)
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
        "session_max_s": "s",
        "too_many_connections": "1",
        "timeouts": "1",  # statements canceled by a timeout
        "idle_in_transaction_timeouts": "1",
        "crashes": "1",  # server process terminated by a signal
        "out_of_memory": "1",
        "disk_full": "1",
        "wraparound_warnings": "1",
        "auth_failures": "1",
        "archive_failures": "1",  # of archive_command
        "replication_failures": "1",  # a standby or slot lost its connection, or the WAL it needs
        "recovery_conflicts": "1",  # on a standby
        "corruptions": "1",  # pages that cannot be read
        "lost_clients": "1",  # connections that ended without saying so
        "autovacuum_cancels": "1",
        "user_cancels": "1",
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
        "session_max_s": "s",
        "refused": "1",
    },
    # auto_explain plans by statement. subject: fingerprint. attrs: shape_attrs, seq_scans [table], sort_spill (bool)
    "pg.log.plan": {"plans": "1", "max_ms": "ms", "rows_removed": "1", "rows_estimated_off": "1"},
    # EXPLAIN. subject: fingerprint where the file gives the statement, else the first table of the plan.
    # attrs: shape_attrs or tables [text], analyzed (bool), seq_scans [table], spills [node], query_id (text or absent)
    "pg.plan": {
        "nodes": "1",
        "execution_ms": "ms",
        "planning_ms": "ms",
        "jit_ms": "ms",
        "cost": "1",
        "plan_rows": "1",
        "rows": "1",
        "rows_removed": "1",  # by all filters, over all loops
        "estimate_factor": "1",  # worst node: planned to actual rows or the reverse, 1 or more
        "disk_bytes": "bytes",  # sorts and hashes on disk
        "batches": "1",
        "shared_hit": "blocks",
        "shared_read": "blocks",
        "temp_written": "blocks",
        "workers_planned": "1",
        "workers_launched": "1",
    },
    # A scan of a table in a plan; all figures over all loops. subject: table.
    # attrs: node ("Seq Scan" ...), index, filter, condition (without literals), query (fingerprint or "")
    "pg.plan.node": {
        "loops": "1",
        "plan_rows": "1",  # of one loop
        "cost": "1",
        "rows": "1",
        "rows_removed": "1",
        "rows_read": "1",  # rows + rows_removed
        "removed_share": "share",
        "total_ms": "ms",
        "estimate_factor": "1",
        "shared_hit": "blocks",
        "shared_read": "blocks",
        "heap_fetches": "1",
        "lossy_blocks": "blocks",
    },
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
        "bytes": "bytes",  # with its indexes
        "index_bytes": "bytes",
        "mod_since_analyze": "1",
        "autovacuum_count": "1",
        "vacuum_count": "1",
        "autoanalyze_count": "1",
        "analyze_count": "1",
    },
    # PgBouncer's log. subject "pgbouncer": one row a file. A metric is present only if the log would have shown it.
    "pool.log": {
        "window_s": "s",
        "logins": "1",
        "logins_per_min": "1/min",
        "closings": "1",  # of clients and servers
        "server_connections": "1",
        "server_login_failures": "1",
        "query_wait_timeouts": "1",
        "max_client_conn_hits": "1",  # clients refused because max_client_conn was reached
        "stats_lines": "1",
        "stats_lines_waiting": "1",  # statistics lines with clients that waited for a server
        "xacts_per_s_max": "1/s",
        "queries_per_s_max": "1/s",
        "query_us_max": "us",  # largest average of a statistics line, as wait_us_max
        "wait_us_max": "us",
    },
    # The same by database. subject: database as clients name it
    "pool.log.database": {
        "logins": "1",
        "logins_per_min": "1/min",
        "closings": "1",
        "server_connections": "1",
        "query_wait_timeouts": "1",
        "max_client_conn_hits": "1",
    },
}
