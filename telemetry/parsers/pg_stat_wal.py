"""Write-ahead log since the last reset: pg_stat_wal, PostgreSQL 14 on. From 18 on its writes stand in pg_stat_io."""

from telemetry.parsers.pg_views import View, view_parser

HOW = "psql -c \"\\copy (select now() as captured_at, * from pg_stat_wal) to 'wal.csv' csv header\""

VIEW = View(
    kind="pg.wal",
    needed=("wal_records", "wal_bytes", "wal_buffers_full"),
    foreign=("query", "queryid"),
    subject=lambda fields: "server",
    metrics={
        "records": ("wal_records",),
        "full_pages": ("wal_fpi",),
        "bytes": ("wal_bytes",),
        "buffers_full": ("wal_buffers_full",),
        "writes": ("wal_write",),
        "syncs": ("wal_sync",),
        "write_ms": ("wal_write_time",),
        "sync_ms": ("wal_sync_time",),
    },
    attrs={"stats_reset": "stats_reset"},
    counted="servers",
    enables=("How much is written to the write-ahead log",),
    how=f"Export with: {HOW}",
    note="Counters run since the last reset; times are 0 unless track_wal_io_timing is on.",
    texts=("wal_records",),
)

PARSER = view_parser(VIEW, "pg-stat-wal", "PostgreSQL write-ahead log (pg_stat_wal)", HOW)
