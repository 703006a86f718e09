"""What to watch in each system: PromQL of the usual exporters, and what to do when the threshold is passed.

The names of metrics are those of postgres_exporter, pgbouncer_exporter, redis_exporter and node_exporter as they are
published by default; what an application publishes itself is recorded once, in the group of signals.
"""

from dataclasses import dataclass

# A share of few requests says little: the relative standard error of a count n is 1 / sqrt(n) (Poisson), a third at 10.
LEAST_FAILURES = 10


@dataclass(frozen=True, slots=True)
class Watch:
    """`expr` times `scale` is in the unit of the measure, which names the threshold of the policy.

    `of_limit`: a share of something that runs out, so that the policy's word "near" is a threshold where the profile
    has none of its own. `any_at_all`: one is too many, whatever the profile. `beside`: a second condition.
    `mechanisms`: what findings about it carry.
    """

    name: str
    system: str
    title: str
    measure: str
    expr: str
    exporter: str
    action: str
    mechanisms: tuple[str, ...]
    scale: float = 1.0
    of_limit: bool = False
    any_at_all: bool = False
    beside: str = ""


POSTGRES, POOLER, REDIS, NODE = "postgres_exporter", "pgbouncer_exporter", "redis_exporter", "node_exporter"
APP = "your application's histogram"

# Made by the rules that come first (packs/signals.py)
ERRORS_5M, P95_5M = "loadline:http_errors:share5m", "loadline:http_p95:seconds5m"
_CONNECTIONS = "sum by (instance) (pg_stat_activity_count) / on (instance) pg_settings_max_connections"
_HITS = "sum by (instance) (rate(redis_keyspace_hits_total[15m]))"
_MISSES = "sum by (instance) (rate(redis_keyspace_misses_total[15m]))"
_DISK = 'node_filesystem_avail_bytes{fstype!~"tmpfs|overlay|squashfs"} / node_filesystem_size_bytes'

WATCHES: tuple[Watch, ...] = (
    Watch(
        "HighErrorShare", "http", "Share of requests that fail", "http.error_share", ERRORS_5M, APP,
        "Look at the newest deployment first and roll it back when it fits in time; then at errors by route.",
        ("error-burst", "function-timeout"), beside=f" and loadline:http_errors:count1h >= {LEAST_FAILURES}",
    ),
    Watch(
        "SlowRequests", "http", "95th percentile of the time to answer", "http.p95_ms", P95_5M, APP,
        "Find the route whose 95th percentile rose, then its slowest query or outside call.",
        ("slow-route", "slow-query", "slow-dependency", "missing-index", "n-plus-one"), scale=1000,
    ),
    Watch(
        "PostgresConnectionsNearLimit", "postgres", "Database connections in use", "postgres.connections_share",
        _CONNECTIONS, POSTGRES,
        "See who holds them (pg_stat_activity by application_name and state); end idle ones, then lower pools or put "
        "a pooler in front. Do not raise max_connections first.",
        ("connection-exhaustion", "pool-exhaustion", "connection-churn"), of_limit=True,
    ),
    Watch(
        "PostgresReplicaBehind", "replication", "Replica behind its primary", "postgres.replica_lag_s",
        "pg_replication_lag_seconds", POSTGRES,
        "Send reads that must be fresh to the primary; look for a long query on the replica or a burst of writes.",
        ("replication-lag",),
    ),
    Watch(
        "PoolClientsWaiting", "pgbouncer", "Clients that wait for a connection", "postgres.pool_waiting",
        "sum by (database) (pgbouncer_pools_client_waiting_connections)", POOLER,
        "Look for long transactions that hold server connections; raise default_pool_size only while the database's "
        "processors are idle.",
        ("pool-exhaustion", "long-transaction"),
    ),
    Watch(
        "RedisMemoryNearLimit", "redis", "Memory of Redis in use", "redis.memory_share",
        "redis_memory_used_bytes / (redis_memory_max_bytes > 0)", REDIS,
        "Find which key pattern grew (sample of keys with MEMORY USAGE), give it an expiry; raise maxmemory meanwhile.",
        ("memory-growth", "writes-rejected", "no-expiry", "unbounded-retention"), of_limit=True,
    ),
    Watch(
        "RedisEvicting", "redis", "Keys that Redis threw out in ten minutes", "redis.evicted",
        "sum by (instance) (increase(redis_evicted_keys_total[10m]))", REDIS,
        "If queues, sessions or locks live there, they may be gone: give them a Redis with noeviction of their own.",
        ("eviction-of-durable-keys", "mixed-namespaces"), any_at_all=True,
    ),
    Watch(
        "RedisLowHitShare", "redis", "Share of reads that the cache answers", "redis.hit_share",
        f"{_HITS} / ({_HITS} + {_MISSES})", REDIS,
        "Look for keys that expire too early or are never read twice; a cold cache after a restart ends by itself.",
        ("low-hit-rate",),
    ),
    Watch(
        "RedisClientsNearLimit", "redis", "Connections to Redis in use", "redis.clients_share",
        "redis_connected_clients / redis_config_maxclients", REDIS,
        "Find who opens them (CLIENT LIST by name); share one client in each process.",
        ("client-limit",), of_limit=True,
    ),
    Watch(
        "HostCpuBusy", "host", "Processors busy", "host.cpu_share",
        '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))', NODE,
        "See which process; if it is the database, which statement. The next larger machine is the quick way out.",
        ("cpu-saturation",), of_limit=True,
    ),
    Watch(
        "HostMemoryFull", "host", "Memory in use", "host.memory_share",
        "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", NODE,
        "See which process grew; restart it before the kernel chooses one, then look for the leak.",
        ("memory-saturation",), of_limit=True,
    ),
    Watch(
        "DiskFilling", "host", "Disk in use", "host.disk_used_share", f"1 - {_DISK}", NODE,
        "Enlarge the volume; then look at old logs, WAL kept by an unused replication slot, and the largest tables.",
        ("disk-saturation", "table-growth"), of_limit=True,
    ),
)  # fmt: skip
