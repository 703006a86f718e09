"""Blocks read and found in memory, by table and by index: pg_statio_user_tables and pg_statio_user_indexes.

A block that is read may still come from the operating system's cache: a low share is no proof of slow disks.
"""

from telemetry.parsers.pg_views import Fields, Metrics, View, qualified, view_parser

HOW = "psql -c \"\\copy (select now() as captured_at, * from pg_statio_user_tables) to 'table-io.csv' csv header\""
_NOTE = (
    "Counters run since the last reset: the file holds no rate and no times of day. A block that is read may come "
    "from the operating system's cache."
)


def _derive(fields: Fields, metrics: Metrics) -> None:
    """The index of a TOAST table counts with it; the share is over all blocks of the row."""
    for metric, column in (("toast_read", "tidx_blks_read"), ("toast_hit", "tidx_blks_hit")):
        if metric in metrics and fields.get(column, "").isdigit():
            metrics[metric] += float(fields[column])
    hit = sum(value for name, value in metrics.items() if name.endswith("_hit"))
    read = sum(value for name, value in metrics.items() if name.endswith("_read"))
    if hit + read:
        metrics["hit_share"] = hit / (hit + read)


TABLES = View(
    kind="pg.table.io",
    needed=("relname", "heap_blks_read", "heap_blks_hit"),
    foreign=("indexrelname", "seq_scan"),
    subject=lambda fields: qualified(fields.get("schemaname", ""), fields["relname"]),
    metrics={
        "heap_read": ("heap_blks_read",),
        "heap_hit": ("heap_blks_hit",),
        "index_read": ("idx_blks_read",),
        "index_hit": ("idx_blks_hit",),
        "toast_read": ("toast_blks_read",),
        "toast_hit": ("toast_blks_hit",),
    },
    attrs={},
    counted="tables",
    enables=("Tables that do not fit into memory",),
    how=f"Export with: {HOW}",
    derive=_derive,
    note=_NOTE,
    texts=("relname",),
)

INDEXES = View(
    kind="pg.index.io",
    needed=("indexrelname", "relname", "idx_blks_read", "idx_blks_hit"),
    foreign=("idx_scan",),
    subject=lambda fields: qualified(fields.get("schemaname", ""), fields["indexrelname"]),
    metrics={"index_read": ("idx_blks_read",), "index_hit": ("idx_blks_hit",)},
    attrs={"table": "relname", "schema": "schemaname"},
    counted="indexes",
    enables=("Indexes that do not fit into memory",),
    how=f"Export with: {HOW.replace('tables', 'indexes').replace('table-io', 'index-io')}",
    derive=_derive,
    note=_NOTE,
    texts=("indexrelname",),
)

PARSER = view_parser(
    TABLES,
    "pg-statio",
    "PostgreSQL blocks by table and index (pg_statio)",
    f"{HOW}\n{HOW.replace('tables', 'indexes').replace('table-io', 'index-io')}",
    INDEXES,
)
