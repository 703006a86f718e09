"""Database statistics: pg_stat_database of PostgreSQL 9.2 to 18."""

from telemetry.parsers.pg_views import Fields, Metrics, View, share, view_parser

HOW = "psql -c \"\\copy (select now() as captured_at, * from pg_stat_database) to 'database.csv' csv header\""


def _derive(fields: Fields, metrics: Metrics) -> None:
    share(metrics, "rollback_share", "rollbacks", "commits")
    share(metrics, "hit_share", "blocks_hit", "blocks_read")


VIEW = View(
    kind="pg.database",
    needed=("datname", "xact_commit", "blks_hit"),
    subject=lambda fields: "" if fields["datname"].startswith("template") else fields["datname"],
    metrics={
        "backends": ("numbackends",),
        "commits": ("xact_commit",),
        "rollbacks": ("xact_rollback",),
        "blocks_read": ("blks_read",),
        "blocks_hit": ("blks_hit",),
        "conflicts": ("conflicts",),
        "temp_files": ("temp_files",),
        "temp_bytes": ("temp_bytes",),
        "deadlocks": ("deadlocks",),
        "sessions": ("sessions",),
        "sessions_abandoned": ("sessions_abandoned",),
        "sessions_fatal": ("sessions_fatal",),
        "sessions_killed": ("sessions_killed",),
        "session_ms": ("session_time",),
        "active_ms": ("active_time",),
        "idle_in_transaction_ms": ("idle_in_transaction_time",),
    },
    attrs={"stats_reset": "stats_reset"},
    counted="databases",
    enables=("Cache hits, rollbacks, deadlocks and temporary files since the last reset",),
    how=f"Export with: {HOW}",
    derive=_derive,
    texts=("datname",),
)

PARSER = view_parser(VIEW, "pg-stat-database", "PostgreSQL database statistics (pg_stat_database)", HOW)
