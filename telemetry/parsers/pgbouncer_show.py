"""PgBouncer's console: SHOW POOLS, one row for each pool at one moment.

Columns: https://www.pgbouncer.org/usage.html#show-pools (ten of them in old versions, ending in maxwait).
"""

from telemetry.parsers.pg_views import Fields, Metrics, View, view_parser

HOW = "psql -h HOST -p 6432 -U pgbouncer pgbouncer --csv -c 'SHOW POOLS' > pools.csv"


def _derive(fields: Fields, metrics: Metrics) -> None:
    """The longest wait in seconds: whole seconds and, from 1.8 on, microseconds beside them."""
    if "maxwait_s" in metrics and (fraction := fields.get("maxwait_us", "")).isdigit():
        metrics["maxwait_s"] += int(fraction) / 1_000_000


VIEW = View(
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


def _pool(fields: Fields) -> str:
    return f"{fields['database']}/{fields['user']}" if fields.get("user") else fields["database"]


PARSER = view_parser(VIEW, "pgbouncer-pools", "PgBouncer pools (SHOW POOLS)", HOW)
