"""Which families of known exporters say what, in the vocabulary's words.

postgres_exporter, CloudNativePG, redis_exporter, node_exporter, cAdvisor and kube-state-metrics, HikariCP by
Micrometer, pgbouncer_exporter, RabbitMQ's plugin (https://www.rabbitmq.com/docs/prometheus) and rabbitmq_exporter,
celery-exporter (https://github.com/danihodovic/celery-exporter), BullMQ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Known:
    """What an exporter shows of one kind.

    `fields` are families by metric: "name", or "name|other" where versions name it differently (the first that is
    there counts), with "{label=value}" for some of its series, ":_sum" for a part of a histogram, and "*1000" where
    units differ. `subject` is a label, labels joined by "/" (those that a series lacks are left out), or a constant
    after "=". Rows with a label of `without` are left out. Series of one subject (`db="db0"`, `db="db1"`) are added up.
    `spread` says that subjects are told apart by their labels alone, whichever address shows them; of others a file
    must speak of one server; only machines are then told apart. With `largest` the series of a subject are runs of one
    thing, and the largest counts. `counted` are counters whose growth is told where a file shows it over time.
    """

    kind: str
    subject: str
    fields: Mapping[str, str]
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)
    attrs: Mapping[str, str] = field(default_factory=dict)
    spread: bool = False
    counted: bool = False
    largest: bool = False


_SYSTEM_DATABASES = {"datname": frozenset({"", "postgres", "template0", "template1"})}
_NO_DISKS = frozenset({"tmpfs", "overlay", "squashfs", "ramfs", "devtmpfs", "iso9660", "autofs", "nsfs", "fuse.lxcfs"})
_UNNAMED = frozenset({""})
# A label of Kubernetes: what has it is told by its pod.
_KUBERNETES = frozenset({"*"})
KNOWN: tuple[Known, ...] = (
    Known(
        "redis.server",
        "=server",
        {
            "uptime_s": "redis_uptime_in_seconds",
            "used_memory": "redis_memory_used_bytes",
            "maxmemory": "redis_memory_max_bytes",
            "peak_memory": "redis_memory_used_peak_bytes",
            "fragmentation_ratio": "redis_mem_fragmentation_ratio",
            "evicted_keys": "redis_evicted_keys_total",
            "expired_keys": "redis_expired_keys_total",
            "keyspace_hits": "redis_keyspace_hits_total",
            "keyspace_misses": "redis_keyspace_misses_total",
            "connected_clients": "redis_connected_clients",
            "maxclients": "redis_config_maxclients",
            "blocked_clients": "redis_blocked_clients",
            "rejected_connections": "redis_rejected_connections_total",
            "connected_replicas": "redis_connected_slaves",
            "aof_enabled": "redis_aof_enabled",
            "changes_since_save": "redis_rdb_changes_since_last_save",
            "keys": "redis_db_keys",
            "keys_with_expiry": "redis_db_keys_expiring",
        },
    ),
    Known(
        "redis.command",
        "cmd",
        {"calls": "redis_commands_total", "time_us": "redis_commands_duration_seconds_total*1000000"},
    ),
    Known(
        "pg.database",
        "datname",
        {
            "backends": "pg_stat_database_numbackends",
            "commits": "pg_stat_database_xact_commit|cnpg_pg_stat_database_xact_commit",
            "rollbacks": "pg_stat_database_xact_rollback|cnpg_pg_stat_database_xact_rollback",
            "blocks_read": "pg_stat_database_blks_read|cnpg_pg_stat_database_blks_read",
            "blocks_hit": "pg_stat_database_blks_hit|cnpg_pg_stat_database_blks_hit",
            "conflicts": "pg_stat_database_conflicts|cnpg_pg_stat_database_conflicts",
            "temp_files": "pg_stat_database_temp_files|cnpg_pg_stat_database_temp_files",
            "temp_bytes": "pg_stat_database_temp_bytes|cnpg_pg_stat_database_temp_bytes",
            "deadlocks": "pg_stat_database_deadlocks|cnpg_pg_stat_database_deadlocks",
        },
        without=_SYSTEM_DATABASES,
    ),
    Known(
        "pg.table",
        "relname",
        {
            "live": "pg_stat_user_tables_n_live_tup",
            "dead": "pg_stat_user_tables_n_dead_tup",
            "mod_since_analyze": "pg_stat_user_tables_n_mod_since_analyze",
            "seq_scan": "pg_stat_user_tables_seq_scan",
            "seq_tup_read": "pg_stat_user_tables_seq_tup_read",
            "idx_scan": "pg_stat_user_tables_idx_scan",
            "inserts": "pg_stat_user_tables_n_tup_ins",
            "updates": "pg_stat_user_tables_n_tup_upd",
            "deletes": "pg_stat_user_tables_n_tup_del",
            "hot_updates": "pg_stat_user_tables_n_tup_hot_upd",
            "autovacuum_count": "pg_stat_user_tables_autovacuum_count",
        },
    ),
    Known(
        "pg.checkpoints",
        "=server",
        {
            "timed": "pg_stat_bgwriter_checkpoints_timed_total",
            "requested": "pg_stat_bgwriter_checkpoints_req_total",
        },
    ),
    Known(
        "pg.setting",
        "=max_connections",
        {"value": "pg_settings_max_connections|cnpg_pg_settings_setting{name=max_connections}"},
    ),
    Known("pg.replica", "=replica", {"replay_lag_s": "pg_replication_lag_seconds|cnpg_pg_replication_lag"}),
    Known(
        "pool.show",
        "pool",
        {"clients_waiting": "hikaricp_connections_pending", "servers_active": "hikaricp_connections_active"},
    ),
    Known(
        "pool.show",
        "database",
        {
            "clients_active": "pgbouncer_pools_client_active_connections",
            "clients_waiting": "pgbouncer_pools_client_waiting_connections",
            "servers_active": "pgbouncer_pools_server_active_connections",
            "servers_idle": "pgbouncer_pools_server_idle_connections",
            "maxwait_s": "pgbouncer_pools_client_maxwait_seconds",
        },
        without={"database": frozenset({"pgbouncer"})},
    ),
    Known(
        "host.filesystem",
        "mountpoint",
        {"size_bytes": "node_filesystem_size_bytes", "available_bytes": "node_filesystem_avail_bytes"},
        without={"fstype": _NO_DISKS},
    ),
    Known(
        "host.memory",
        "=host",
        {"total_bytes": "node_memory_MemTotal_bytes", "available_bytes_min": "node_memory_MemAvailable_bytes"},
    ),
    Known(
        "container.usage",
        "name",
        {
            "memory_bytes_max": "container_memory_working_set_bytes",
            "memory_limit_bytes": "container_spec_memory_limit_bytes",
        },
        without={"name": _UNNAMED, "pod": _KUBERNETES},
        attrs={"type": "container"},
        largest=True,
    ),
    Known(
        "container.usage",
        "namespace/pod/container",
        {
            "memory_bytes_max": "container_memory_working_set_bytes",
            "memory_limit_bytes": "kube_pod_container_resource_limits{resource=memory}"
            "|container_spec_memory_limit_bytes",
            "throttled_periods": "container_cpu_cfs_throttled_periods_total",
            "periods": "container_cpu_cfs_periods_total",
            "out_of_memory": "container_oom_events_total",
        },
        without={"pod": _UNNAMED, "container": frozenset({"", "POD"})},
        attrs={"type": "pod"},
        spread=True,
        counted=True,
        largest=True,
    ),
    Known(
        "container.usage",
        "namespace/pod/container",
        {"restarts": "kube_pod_container_status_restarts_total"},
        without={"pod": _UNNAMED},
        attrs={"type": "pod"},
        spread=True,
        counted=True,
        largest=True,
    ),
    Known(
        "queue.counts",
        "vhost/queue",
        {
            "waiting": "rabbitmq_queue_messages_ready|rabbitmq_detailed_queue_messages_ready",
            "active": "rabbitmq_queue_messages_unacked|rabbitmq_detailed_queue_messages_unacked"
            "|rabbitmq_queue_messages_unacknowledged",
            "workers": "rabbitmq_queue_consumers|rabbitmq_detailed_queue_consumers",
        },
        without={"queue": _UNNAMED},
        attrs={"system": "rabbitmq"},
        spread=True,
    ),
    Known(
        "queue.counts",
        "queue_name",
        {"waiting": "celery_queue_length", "workers": "celery_active_worker_count|celery_active_consumer_count"},
        attrs={"system": "celery"},
    ),
    Known(
        "queue.counts",
        "queue",
        {
            "waiting": "bullmq_job_count{state=waiting}",
            "active": "bullmq_job_count{state=active}",
            "delayed": "bullmq_job_count{state=delayed}",
            "completed": "bullmq_job_count{state=completed}",
            "failed": "bullmq_job_count{state=failed}",
        },
        attrs={"system": "bullmq"},
        spread=True,
    ),
    Known(
        "queue.task",
        "name",
        {
            "received": "celery_task_received",
            "succeeded": "celery_task_succeeded",
            "failed": "celery_task_failed",
            "retried": "celery_task_retried",
            "runtime_s": "celery_task_runtime:_sum",
            "runs": "celery_task_runtime:_count",
        },
        counted=True,
    ),
    Known(
        "queue.broker",
        "=rabbitmq",
        {
            "memory_used": "rabbitmq_process_resident_memory_bytes|rabbitmq_node_mem_used",
            "memory_limit": "rabbitmq_resident_memory_limit_bytes|rabbitmq_node_mem_limit",
            "disk_free": "rabbitmq_disk_space_available_bytes|rabbitmq_node_disk_free",
            "disk_limit": "rabbitmq_disk_space_available_limit_bytes|rabbitmq_node_disk_free_limit",
            "files_used": "rabbitmq_process_open_fds",
            "files_limit": "rabbitmq_process_max_fds",
        },
        attrs={"system": "rabbitmq"},
    ),
)
