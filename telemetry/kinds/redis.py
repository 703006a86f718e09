"""Kinds of evidence about Redis and Valkey."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
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
    # Slow log. subject: command as in redis.command. attrs: patterns (up to five key patterns, the slowest first)
    "redis.slow": {"entries": "1", "max_us": "us", "total_us": "us"},
    # Keys. subject: key pattern ("session:*"), "other" for what is beyond the bound. attrs: types
    "redis.pattern": {
        "keys": "1",
        "no_expiry": "1",
        "bytes": "bytes",  # of memory, all keys
        "bytes_max": "bytes",  # the largest key; of a string in --bigkeys its length, which is nearly its memory
        "length_max": "1",  # elements; bytes of a string
    },
    # Keys by type, the whole keyspace. subject: "hash", "string" ...
    "redis.type": {"keys": "1", "length": "1", "bytes": "bytes"},
}
