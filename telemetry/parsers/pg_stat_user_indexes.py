"""Index statistics: pg_stat_user_indexes. It knows neither sizes nor uniqueness; the schema does."""

from telemetry.parsers.pg_views import View, qualified, view_parser

HOW = "psql -c \"\\copy (select now() as captured_at, * from pg_stat_user_indexes) to 'indexes.csv' csv header\""

VIEW = View(
    kind="pg.index",
    needed=("indexrelname", "relname", "idx_scan"),
    foreign=("idx_blks_read",),
    subject=lambda fields: qualified(fields.get("schemaname", ""), fields["indexrelname"]),
    metrics={"scans": ("idx_scan",), "rows_read": ("idx_tup_read",), "rows_fetched": ("idx_tup_fetch",)},
    attrs={"table": "relname", "schema": "schemaname", "last_idx_scan": "last_idx_scan"},
    counted="indexes",
    enables=("Indexes that nobody reads",),
    how=f"Export with: {HOW}",
    note="Counters run since the last reset, on this server only: an index may serve a replica.",
    texts=("indexrelname",),
)

PARSER = view_parser(VIEW, "pg-stat-user-indexes", "PostgreSQL index statistics (pg_stat_user_indexes)", HOW)
