"""Metrics of the usual exporters, told again as what they were read from: views of PostgreSQL, INFO of Redis, df.

An exporter (postgres_exporter, redis_exporter, node_exporter, cAdvisor, HikariCP by Micrometer, pgbouncer_exporter)
shows a server's own counters under its own names. Told again in the vocabulary's words they answer the same questions
as the export itself, at the line where the sample stands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from telemetry.evidence import Evidence, ParseResult
from telemetry.parsers.metrics_families import Family, Labels, Series, place_of

SUBJECTS = 300
FROM = "metrics"  # attrs["from"] of what an exporter shows: less than the view itself


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of an exporter, its labels and the series it stands in."""

    value: float
    labels: Mapping[str, str]
    series: Series


@dataclass(frozen=True, slots=True)
class Known:
    """What an exporter shows of one kind.

    `fields` are families by metric, with a factor where units differ ("name*1000"). `subject` is a label, or a constant
    after "=". Rows with a label of `without` are left out. Series of one subject (`db="db0"`, `db="db1"`) are added up.
    """

    kind: str
    subject: str
    fields: Mapping[str, str]
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)


_SYSTEM_DATABASES = {"datname": frozenset({"", "postgres", "template0", "template1"})}
_NO_DISKS = frozenset({"tmpfs", "overlay", "squashfs", "ramfs", "devtmpfs", "iso9660", "autofs", "nsfs", "fuse.lxcfs"})
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
            "commits": "pg_stat_database_xact_commit",
            "rollbacks": "pg_stat_database_xact_rollback",
            "blocks_read": "pg_stat_database_blks_read",
            "blocks_hit": "pg_stat_database_blks_hit",
            "conflicts": "pg_stat_database_conflicts",
            "temp_files": "pg_stat_database_temp_files",
            "temp_bytes": "pg_stat_database_temp_bytes",
            "deadlocks": "pg_stat_database_deadlocks",
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
    Known("pg.setting", "=max_connections", {"value": "pg_settings_max_connections"}),
    Known("pg.replica", "=replica", {"replay_lag_s": "pg_replication_lag_seconds"}),
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
        without={"name": frozenset({""})},
    ),
)
KINDS = (*dict.fromkeys(known.kind for known in KNOWN), "pg.activity")
# (share, part, whole), of the same row
_SHARES = {
    "redis.server": (
        ("memory_share", "used_memory", "maxmemory"),
        ("hit_share", "keyspace_hits", "lookups"),
    ),
    "pg.database": (("hit_share", "blocks_hit", "blocks"),),
    "pg.table": (("rows_per_seq_scan", "seq_tup_read", "seq_scan"),),
    "host.memory": (("available_share_min", "available_bytes_min", "total_bytes"),),
    "container.usage": (("memory_share_max", "memory_bytes_max", "memory_limit_bytes"),),
    "redis.command": (("us_per_call", "time_us", "calls"),),
}
_SUMS = {
    "pg.database": ("blocks", ("blocks_hit", "blocks_read")),
}


def known_rows(families: Mapping[str, Family], result: ParseResult) -> list[Evidence]:
    """The rows that the families of known exporters tell; none where one file speaks of several servers."""
    rows = [row for known in KNOWN for row in _rows(known, families, result)]
    return [*rows, *_activity(families, result)]


def samples_of(families: Mapping[str, Family], name: str) -> Iterator[Sample]:
    """The last value of each series of a family, by either of the names that a counter may have."""
    family = families.get(name) or families.get(name.removesuffix("_total"))
    for labels, series in family.series.items() if family else ():
        value = last_value(series)
        if value is not None:
            yield Sample(value, dict(labels), series)


def last_value(series: Series) -> float | None:
    """A counter's or a gauge's value, of a range the last one; None for a histogram."""
    for part in ("", "_total"):
        if part in series.values:
            return series.values[part]
    return series.points[-1][1] if series.points else None


def one_server(labels: Iterator[Labels] | list[Labels]) -> bool:
    """Whether all series come from one address."""
    named = {dict(pairs).get("instance") or dict(pairs).get("addr") for pairs in labels}
    return len(named) <= 1


def _rows(known: Known, families: Mapping[str, Family], result: ParseResult) -> Iterator[Evidence]:
    names = {metric: name.partition("*") for metric, name in known.fields.items()}
    involved = [families[name] for name, _, _ in names.values() if name in families]
    if not one_server([labels for family in involved for labels in family.series]):
        return
    found: dict[str, dict[str, tuple[float, Series]]] = {}
    for metric, (name, _, factor) in names.items():
        for sample in samples_of(families, name):
            subject = _subject(known, sample)
            if not subject or any(sample.labels.get(label) in bad for label, bad in known.without.items()):
                continue
            row = found.setdefault(subject, {}) if len(found) < SUBJECTS else found.get(subject, {})
            before = row[metric][0] if metric in row else 0.0
            row[metric] = (before + sample.value * float(factor or 1), sample.series)
    policy = _policy(families) if known.kind == "redis.server" else ""
    for subject, row in found.items():
        yield _row(known.kind, subject, row, result, policy)


def _subject(known: Known, sample: Sample) -> str:
    if known.subject.startswith("="):
        return known.subject[1:]
    name, schema = sample.labels.get(known.subject, ""), sample.labels.get("schemaname", "public")
    return f"{schema}.{name}" if name and schema not in ("public", "") else name


def _policy(families: Mapping[str, Family]) -> str:
    """How Redis makes room, where the exporter says so."""
    family = families.get("redis_instance_info") or families.get("redis_instance")
    return next((dict(labels).get("maxmemory_policy", "") for labels in family.series), "") if family else ""


def _row(
    kind: str, subject: str, row: Mapping[str, tuple[float, Series]], result: ParseResult, policy: str = ""
) -> Evidence:
    metrics = {metric: value for metric, (value, _) in row.items()}
    places = {metric: place_of(series, result) for metric, (_, series) in row.items()}
    _derive(kind, metrics)
    place = next(iter(places.values()))
    attrs = {"from": FROM} | ({"policy": policy} if policy else {})
    return Evidence(kind, subject, metrics, place, {name: places[name] for name in places if name in metrics}, attrs)


def _derive(kind: str, metrics: dict[str, float]) -> None:
    """Shares and rates as the view's own parser works them out."""
    if kind == "redis.server":
        _derive_redis(metrics)
    elif kind == "host.filesystem" and metrics.get("size_bytes"):
        metrics["used_share"] = 1 - metrics.get("available_bytes", 0.0) / metrics["size_bytes"]
    elif kind == "host.memory":
        metrics["samples"] = 1.0
    name, parts = _SUMS.get(kind, ("", ()))
    sums = (
        {name: sum(metrics.get(part, 0.0) for part in parts)} if name and any(map(metrics.__contains__, parts)) else {}
    )
    known = metrics | sums
    for share, part, whole in _SHARES.get(kind, ()):
        if part in known and known.get(whole, 0.0) > 0:
            metrics[share] = known[part] / known[whole]


def _derive_redis(metrics: dict[str, float]) -> None:
    if "keyspace_hits" in metrics and "keyspace_misses" in metrics:
        metrics["lookups"] = metrics["keyspace_hits"] + metrics["keyspace_misses"]
    if metrics.get("keys") and "keys_with_expiry" in metrics:
        metrics["no_expiry_share"] = (metrics["keys"] - metrics["keys_with_expiry"]) / metrics["keys"]
    if metrics.get("uptime_s"):
        metrics["window_s"] = metrics["uptime_s"]
        if "evicted_keys" in metrics:
            metrics["evicted_per_min"] = metrics["evicted_keys"] / metrics["uptime_s"] * 60


_STATES = {"active": "active", "idle": "idle", "idle in transaction": "idle_in_transaction"}


def _activity(families: Mapping[str, Family], result: ParseResult) -> Iterator[Evidence]:
    """pg_stat_activity as the exporter counts it, by state; the longest transaction of each."""
    counted: dict[str, tuple[float, Series]] = {}
    for sample in samples_of(families, "pg_stat_activity_count"):
        for metric in ("sessions", _STATES.get(sample.labels.get("state", ""), "")):
            if metric:
                counted[metric] = (counted.get(metric, (0.0, sample.series))[0] + sample.value, sample.series)
    for sample in samples_of(families, "pg_stat_activity_max_tx_duration"):
        idle = sample.labels.get("state") == "idle in transaction"
        for metric in ("longest_transaction_s", "longest_idle_in_transaction_s" if idle else ""):
            if metric and sample.value > counted.get(metric, (0.0, sample.series))[0]:
                counted[metric] = (sample.value, sample.series)
    if "sessions" in counted:
        yield _row("pg.activity", "server", counted, result)
