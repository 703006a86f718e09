"""Kinds of evidence about Redis and Valkey."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # Redis or Valkey INFO. subject "server": one row a file.
    # attrs: policy, version, server ("redis" | "valkey" | ...), role, persistence (bool or absent), run_id (new at each
    # start), taken (ISO 8601, UTC)
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
        "commands": "1",
        "output_bytes": "bytes",  # sent to clients, replicas and subscribers among them
    },
    # Two INFO of the same run of a server, first to last (telemetry.snapshots). subject "server".
    # attrs: run_id, server, version, policy, since (the earlier file)
    "redis.change": {
        "window_s": "s",
        "evicted_keys": "1",
        "evicted_per_min": "1/min",
        "expired_keys": "1",
        "rejected_connections": "1",
        "connections_per_min": "1/min",
        "oom_errors": "1",
        "lookups": "1",
        "hit_share": "share",
        "used_memory_change": "bytes",  # below 0 when it shrank
        "keys_change": "1",
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
    # Slow log. subject: command as in redis.command. attrs: patterns (up to five key patterns, the slowest first)
    "redis.slow": {"entries": "1", "max_us": "us", "total_us": "us", "window_s": "s"},
    # Keys. subject: key pattern ("session:*"), "other" for what is beyond the bound. attrs: types
    "redis.pattern": {
        "keys": "1",
        "no_expiry": "1",
        "bytes": "bytes",  # of memory, all keys
        "bytes_max": "bytes",  # the largest key; of a string in --bigkeys its length, which is nearly its memory
        "length_max": "1",  # elements; bytes of a string
        "use_max": "1",  # the server's counter of use of the most used key, 0 to 255 by the logarithm (LFU)
    },
    # Keys by type, the whole keyspace. subject: "hash", "string" ...
    "redis.type": {"keys": "1", "length": "1", "bytes": "bytes"},
    # CONFIG GET. subject "server". attrs: policy, appendfsync, save (text); appendonly, protected_mode,
    # active_defragmentation, lazy_eviction, lazy_expiry, password, persistence (bool); absent where not in the file
    "redis.config": {
        "maxmemory": "bytes",  # 0: no limit
        "maxclients": "1",
        "timeout_s": "s",  # 0: idle clients stay
        "keepalive_s": "s",
        "slow_from_us": "us",  # below 0: no slow log
        "slow_entries": "1",
        "latency_from_ms": "ms",  # 0: not monitored
        "databases": "1",
        "io_threads": "1",
        "replication_backlog": "bytes",
    },
    # MEMORY STATS or DOCTOR. subject "server". attrs: issues (names, from the doctor)
    "redis.memory": {
        "peak_bytes": "bytes",
        "used_bytes": "bytes",
        "startup_bytes": "bytes",
        "dataset_bytes": "bytes",
        "dataset_share": "share",
        "overhead_bytes": "bytes",
        "clients_bytes": "bytes",
        "replicas_bytes": "bytes",
        "replication_backlog": "bytes",
        "aof_buffer_bytes": "bytes",
        "scripts_bytes": "bytes",
        "keys": "1",
        "bytes_per_key": "bytes",
        "fragmentation_ratio": "1",
        "fragmentation_bytes": "bytes",
        "issues": "1",
    },
    # CLIENT LIST. subject: client name as a pattern ("worker-*"), else its library, else "unnamed"
    "redis.clients": {
        "clients": "1",
        "blocked": "1",
        "subscribed": "1",
        "idle": "1",  # for five minutes or more
        "idle_max_s": "s",
        "output_bytes_max": "bytes",
        "memory_bytes": "bytes",
    },
    # LATENCY HISTOGRAM, since the server started. subject: command as in redis.command. Times are upper edges
    "redis.command.latency": {"calls": "1", "p50_us": "us", "p99_us": "us", "max_us": "us"},
    # LATENCY. subject: event ("fork"); "unnamed event" from HISTORY, which does not say of which
    "redis.latency": {"last_ms": "ms", "max_ms": "ms", "avg_ms": "ms", "spikes": "1"},
}
