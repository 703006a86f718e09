"""Kinds of evidence from PostgreSQL's statistics views and settings; counters run since the last reset."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # pg_stat_user_indexes. subject: index (schema-qualified unless public). attrs: table, schema, last_idx_scan
    "pg.index": {"scans": "1", "rows_read": "1", "rows_fetched": "1"},
    # pg_stat_database. subject: database. attrs: stats_reset (text or absent)
    "pg.database": {
        "backends": "1",
        "commits": "1",
        "rollbacks": "1",
        "rollback_share": "share",
        "blocks_read": "blocks",
        "blocks_hit": "blocks",
        "hit_share": "share",
        "conflicts": "1",
        "temp_files": "1",
        "temp_bytes": "bytes",
        "deadlocks": "1",
        "sessions": "1",
        "sessions_abandoned": "1",
        "sessions_fatal": "1",
        "sessions_killed": "1",
        "session_ms": "ms",
        "active_ms": "ms",
        "idle_in_transaction_ms": "ms",
    },
    # pg_stat_bgwriter, pg_stat_checkpointer. subject "server". attrs: stats_reset (text or absent)
    "pg.checkpoints": {
        "timed": "1",
        "requested": "1",
        "requested_share": "share",
        "write_ms": "ms",
        "sync_ms": "ms",
        "buffers_checkpoint": "blocks",
        "buffers_clean": "blocks",
        "buffers_backend": "blocks",
        "buffers_backend_fsync": "1",
        "maxwritten_clean": "1",
    },
    # pg_replication_slots. subject: slot. attrs: slot_type, database, wal_status, active_pid (text or absent)
    "pg.slot": {"active": "1", "safe_wal_bytes": "bytes"},  # active: 0 or 1
    # pg_stat_replication. subject: application name of the replica. attrs: state, sync_state
    "pg.replica": {"lag_bytes": "bytes", "write_lag_s": "s", "flush_lag_s": "s", "replay_lag_s": "s"},
    # pg_settings or SHOW ALL. subject: setting. attrs: setting, unit, source, boot_val, pending_restart (or absent)
    # One of them, by the setting's unit; on: 0 or 1, of a switch; none for other words
    "pg.setting": {"value": "1", "bytes": "bytes", "ms": "ms", "on": "1"},
    # pg_stat_activity, one moment. subject "server"
    "pg.activity": {
        "sessions": "1",
        "active": "1",
        "idle": "1",
        "idle_in_transaction": "1",
        "waiting_for_lock": "1",
        "longest_transaction_s": "s",
        "longest_query_s": "s",
        "longest_idle_in_transaction_s": "s",
    },
    # The same by application. subject: application name, or user when it is empty
    "pg.activity.application": {
        "sessions": "1",
        "active": "1",
        "idle": "1",
        "idle_in_transaction": "1",
        "waiting_for_lock": "1",
        "longest_transaction_s": "s",
    },
    # pg_statio_user_tables. subject: table (schema-qualified unless public)
    "pg.table.io": {
        "heap_read": "blocks",  # asked of the operating system; hit: found in shared buffers
        "heap_hit": "blocks",
        "index_read": "blocks",  # all indexes of the table together
        "index_hit": "blocks",
        "toast_read": "blocks",  # with the index of the TOAST table
        "toast_hit": "blocks",
        "hit_share": "share",  # of all these blocks
    },
    # pg_statio_user_indexes. subject: index (schema-qualified unless public). attrs: table, schema
    "pg.index.io": {"index_read": "blocks", "index_hit": "blocks", "hit_share": "share"},
    # pg_stat_wal. subject "server". attrs: stats_reset (text or absent)
    "pg.wal": {
        "records": "1",
        "full_pages": "1",
        "bytes": "bytes",
        "buffers_full": "1",  # writes forced because wal_buffers was full
        "writes": "1",
        "syncs": "1",
        "write_ms": "ms",
        "sync_ms": "ms",
    },
    # pg_stat_io, one row for each use that did something. subject: "backend type / object / context".
    # attrs: backend, object, context, stats_reset
    "pg.io": {
        "reads": "1",
        "read_bytes": "bytes",
        "read_ms": "ms",  # all times only with track_io_timing
        "writes": "1",
        "write_bytes": "bytes",
        "write_ms": "ms",
        "extends": "1",
        "extend_bytes": "bytes",
        "hits": "1",
        "evictions": "1",
        "reuses": "1",
        "fsyncs": "1",
        "fsync_ms": "ms",
        "hit_share": "share",  # hits / (hits + reads)
    },
    # pg_stat_statements_info. subject "server". attrs: stats_reset (text or absent)
    "pg.stat.info": {"evictions": "1"},  # statements thrown out since the reset: their calls are lost
    # Sizes on disk. subject: table or index (schema-qualified unless public). attrs: type (or absent)
    "pg.size": {
        "total_bytes": "bytes",  # with indexes and TOAST
        "table_bytes": "bytes",  # as the file measures it: psql's dt+ with TOAST, pg_relation_size without
        "index_bytes": "bytes",
        "toast_bytes": "bytes",
        "bytes": "bytes",  # a size that the file does not say more of
        "rows": "1",  # the planner's estimate
    },
    # pg_sequences. subject: sequence (schema-qualified unless public). attrs: data_type, table, column (or absent)
    "pg.sequence": {
        "last_value": "1",  # absent while it is unused, or hidden from the role
        "max_value": "1",  # the end it runs to; the lowest value when it counts down
        "used_share": "share",
    },
    # age(datfrozenxid), age(relfrozenxid). subject: database or table. attrs: database (or absent)
    "pg.age": {"xids": "1", "multixacts": "1"},
    # pg_locks, one moment. subject "server"
    "pg.locks": {
        "held": "1",
        "waiting": "1",  # locks that are waited for
        "processes_waiting": "1",
        "processes_blocking": "1",  # hold what others wait for, and do not wait themselves
        "wait_max_s": "s",
    },
    # The same by what is locked. subject: relation ("orders", "relation 16395" by its number), else the lock's type
    # ("transactionid" ...). attrs: modes_held, modes_waiting [text]
    "pg.locks.object": {"held": "1", "waiting": "1", "wait_max_s": "s"},
    # Who waits for whom, from a blocking query. subject: fingerprint of the waiting statement, "process" without one.
    # attrs: shape_attrs of it; blocking: the statement that holds, without literals, or absent
    "pg.blocking": {"blocked": "1", "blockers": "1", "wait_max_s": "s", "held_max_s": "s"},
    # PgBouncer's SHOW POOLS. subject: database/user. attrs: database, user, pool_mode (text or absent)
    "pool.show": {
        "clients_active": "1",
        "clients_waiting": "1",
        "servers_active": "1",
        "servers_idle": "1",
        "servers_used": "1",
        "servers_login": "1",
        "maxwait_s": "s",  # how long the first client in the queue has waited
    },
    # SHOW STATS, since the pooler started. subject: database
    "pool.stats": {
        "transactions": "1",
        "queries": "1",
        "bytes_received": "bytes",
        "bytes_sent": "bytes",
        "transaction_us": "us",
        "query_us": "us",
        "wait_us": "us",
    },
    # SHOW CONFIG. subject: setting. attrs: setting, boot_val (or absent)
    "pool.setting": {"value": "1"},
}
