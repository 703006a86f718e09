"""Reads and writes by kind of process: pg_stat_io, PostgreSQL 16 on.

16 and 17 count operations of `op_bytes` each; 18 gives bytes, and the write-ahead log as an object of its own
(https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-IO-VIEW).
"""

from telemetry.parsers.pg_views import Fields, Metrics, View, view_parser

HOW = "psql -c \"\\copy (select now() as captured_at, * from pg_stat_io) to 'io.csv' csv header\""
_COUNTERS = ("reads", "writes", "extends", "hits", "evictions", "reuses", "fsyncs")


def _subject(fields: Fields) -> str:
    """Empty for a row that never did anything: most combinations of a process, an object and a use."""
    if all(fields.get(name, "") in ("", "0") for name in _COUNTERS):
        return ""
    return f"{fields['backend_type']} / {fields['object']} / {fields['context']}"


def _derive(fields: Fields, metrics: Metrics) -> None:
    if (size := fields.get("op_bytes", "")).isdigit():
        for bytes_of, count in (("read_bytes", "reads"), ("write_bytes", "writes"), ("extend_bytes", "extends")):
            if count in metrics:
                metrics[bytes_of] = metrics[count] * float(size)
    if metrics.get("hits", 0.0) + metrics.get("reads", 0.0) and "hits" in metrics and "reads" in metrics:
        metrics["hit_share"] = metrics["hits"] / (metrics["hits"] + metrics["reads"])


VIEW = View(
    kind="pg.io",
    needed=("backend_type", "object", "context", "reads"),
    subject=_subject,
    metrics={
        "reads": ("reads",),
        "read_bytes": ("read_bytes",),
        "read_ms": ("read_time",),
        "writes": ("writes",),
        "write_bytes": ("write_bytes",),
        "write_ms": ("write_time",),
        "extends": ("extends",),
        "extend_bytes": ("extend_bytes",),
        "hits": ("hits",),
        "evictions": ("evictions",),
        "reuses": ("reuses",),
        "fsyncs": ("fsyncs",),
        "fsync_ms": ("fsync_time",),
    },
    attrs={"backend": "backend_type", "object": "object", "context": "context", "stats_reset": "stats_reset"},
    counted="uses",
    enables=("Which processes read and write, and whether sessions write what the background should",),
    how=f"Export with: {HOW}",
    derive=_derive,
    note="Counters run since the last reset; times are 0 unless track_io_timing is on.",
    texts=("backend_type",),
    left="rows of uses that never happened are left out.",
)

PARSER = view_parser(VIEW, "pg-stat-io", "PostgreSQL reads and writes (pg_stat_io)", HOW)
