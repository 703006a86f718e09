"""Whether statement statistics lost statements: pg_stat_statements_info, PostgreSQL 14 on.

`dealloc` counts how often the least used statements were thrown out because pg_stat_statements.max was reached
(https://www.postgresql.org/docs/current/pgstatstatements.html#PGSTATSTATEMENTS-PG-STAT-STATEMENTS-INFO).
"""

from telemetry.parsers.pg_views import View, view_parser

HOW = "psql -c \"\\copy (select now() as captured_at, * from pg_stat_statements_info) to 'info.csv' csv header\""

VIEW = View(
    kind="pg.stat.info",
    needed=("dealloc", "stats_reset"),
    foreign=("query", "queryid"),
    subject=lambda fields: "server",
    metrics={"evictions": ("dealloc",)},
    attrs={"stats_reset": "stats_reset"},
    counted="servers",
    enables=("Whether the totals of pg_stat_statements are lower bounds, and since when they run",),
    how=f"Export with: {HOW}",
    note="Above 0 evictions the totals of pg_stat_statements are lower bounds: raise pg_stat_statements.max.",
    texts=("dealloc",),
)

PARSER = view_parser(
    VIEW, "pg-stat-statements-info", "PostgreSQL statement statistics, losses (pg_stat_statements_info)", HOW
)
