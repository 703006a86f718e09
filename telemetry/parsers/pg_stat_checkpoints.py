"""Checkpoint statistics: pg_stat_bgwriter up to PostgreSQL 16, pg_stat_checkpointer from 17 on."""

from telemetry.parsers.pg_views import Fields, Metrics, View, share, view_parser

HOW = "psql -c \"\\copy (select now() as captured_at, * from pg_stat_checkpointer) to 'checkpoints.csv' csv header\""


def _derive(fields: Fields, metrics: Metrics) -> None:
    share(metrics, "requested_share", "requested", "timed")


VIEW = View(
    kind="pg.checkpoints",
    needed=("checkpoints_timed|num_timed", "checkpoints_req|num_requested"),
    subject=lambda fields: "server",
    metrics={
        "timed": ("checkpoints_timed", "num_timed"),
        "requested": ("checkpoints_req", "num_requested"),
        "write_ms": ("checkpoint_write_time", "write_time"),
        "sync_ms": ("checkpoint_sync_time", "sync_time"),
        "buffers_checkpoint": ("buffers_checkpoint", "buffers_written"),
        "buffers_clean": ("buffers_clean",),
        "buffers_backend": ("buffers_backend",),
        "buffers_backend_fsync": ("buffers_backend_fsync",),
        "maxwritten_clean": ("maxwritten_clean",),
    },
    attrs={"stats_reset": "stats_reset"},
    counted="servers",
    enables=("Whether checkpoints are forced by the volume of writes",),
    how=f"Export with: {HOW} (up to PostgreSQL 16: pg_stat_bgwriter)",
    derive=_derive,
    texts=("checkpoints_timed", "num_timed"),
)

# What is left of pg_stat_bgwriter from PostgreSQL 17 on.
CLEANING = View(
    kind="pg.checkpoints",
    needed=("buffers_clean", "maxwritten_clean", "buffers_alloc"),
    foreign=("checkpoints_timed", "num_timed"),
    subject=lambda fields: "server",
    metrics={"buffers_clean": ("buffers_clean",), "maxwritten_clean": ("maxwritten_clean",)},
    attrs={"stats_reset": "stats_reset"},
    counted="servers",
    enables=("Whether the background writer stops early",),
    how=VIEW.how,
    note="Checkpoints are not in this view from PostgreSQL 17 on: send pg_stat_checkpointer too.",
    texts=("buffers_clean",),
)

PARSER = view_parser(VIEW, "pg-stat-checkpoints", "PostgreSQL checkpoint statistics", HOW, CLEANING)
