"""PgBouncer's console: SHOW POOLS, SHOW STATS and SHOW CONFIG.

Columns: https://www.pgbouncer.org/usage.html#show-commands (SHOW POOLS has ten in old versions, ending in maxwait).
"""

import re

from telemetry.captured import STAMP
from telemetry.parsers.pg_views import Fields, Metrics, View, view_parser


def _show(what: str) -> str:
    """The command of one table. The console has no now(): the time is written in front of the table."""
    file = f"{what.lower()}.csv"
    return f"{{ {STAMP}; psql -h HOST -p 6432 -U pgbouncer pgbouncer --csv -c 'SHOW {what}'; }} > {file}"


HOW = _show("POOLS")
COMMANDS = "\n".join(map(_show, ("POOLS", "STATS", "CONFIG")))


def _derive(fields: Fields, metrics: Metrics) -> None:
    """The longest wait in seconds: whole seconds and, from 1.8 on, microseconds beside them."""
    if "maxwait_s" in metrics and (fraction := fields.get("maxwait_us", "")).isdigit():
        metrics["maxwait_s"] += int(fraction) / 1_000_000


POOLS = View(
    kind="pool.show",
    needed=("database", "cl_active", "cl_waiting", "sv_active", "maxwait"),
    subject=lambda fields: "" if fields["database"] == "pgbouncer" else _pool(fields),
    metrics={
        "clients_active": ("cl_active",),
        "clients_waiting": ("cl_waiting",),
        "servers_active": ("sv_active",),
        "servers_idle": ("sv_idle",),
        "servers_used": ("sv_used",),
        "servers_login": ("sv_login",),
        "maxwait_s": ("maxwait",),
    },
    attrs={"database": "database", "user": "user", "pool_mode": "pool_mode"},
    counted="pools",
    enables=("Whether clients wait for a connection of the pool",),
    how=f"Export with: {HOW}",
    derive=_derive,
    note="One moment: clients that waited before or after are not seen.",
    texts=("database",),
)


STATS = View(
    kind="pool.stats",
    needed=("database", "total_query_count|total_requests", "total_query_time"),
    subject=lambda fields: "" if fields["database"] == "pgbouncer" else fields["database"],
    metrics={
        "transactions": ("total_xact_count",),
        "queries": ("total_query_count", "total_requests"),  # up to 1.7
        "bytes_received": ("total_received",),
        "bytes_sent": ("total_sent",),
        "transaction_us": ("total_xact_time",),
        "query_us": ("total_query_time",),
        "wait_us": ("total_wait_time",),
    },
    attrs={},
    counted="databases",
    enables=("How long clients waited for a connection since the pooler started",),
    how=f"Export with: {_show('STATS')}",
    note="Counters run since the pooler started: the file holds no rate and no times of day.",
    texts=("database",),
)


def _number(fields: Fields, metrics: Metrics) -> None:
    if re.fullmatch(r"\d{1,15}(?:\.\d+)?", fields["value"]):
        metrics["value"] = float(fields["value"])


CONFIG = View(
    kind="pool.setting",
    needed=("key", "value", "changeable"),
    subject=lambda fields: fields["key"],
    metrics={},
    attrs={"setting": "value", "boot_val": "default"},
    counted="settings",
    enables=("Pool sizes, pool mode and timeouts as they are set",),
    how=f"Export with: {_show('CONFIG')}",
    derive=_number,
    note="Settings of the whole pooler; databases and users may have their own.",
    texts=("key",),
)


def _pool(fields: Fields) -> str:
    return f"{fields['database']}/{fields['user']}" if fields.get("user") else fields["database"]


PARSER = view_parser(POOLS, "pgbouncer-show", "PgBouncer SHOW POOLS, STATS, CONFIG", COMMANDS, STATS, CONFIG)
