"""Kinds of evidence about what happened between two snapshots of one server, made by `telemetry.snapshots`.

A change has the name of its view's kind with ".change", its subject, `window_s` where both files tell their time, the
growth of each counter under the counter's own name, and its growth per second as `<counter>_per_s`. A level is told as
`<level>_change`, below 0 when it shrank, a mean is that of what was counted between the two. attrs: since (the earlier
file).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from telemetry.kinds.load import KINDS as LOAD
from telemetry.kinds.postgres import KINDS as POSTGRES
from telemetry.kinds.postgres_views import KINDS as POSTGRES_VIEWS
from telemetry.kinds.queues import KINDS as QUEUES

Units = dict[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """What is compared of one kind.

    `counters` only grow until they are reset, `levels` go up and down. `run` names attrs that are the same as long as
    nothing was reset or started anew; where a file has them they decide whether two snapshots belong together.
    `means` are quotients of two counters by name. `carrier` names the one form of a file that is a snapshot, if others
    hold the same kind too.
    """

    kind: str
    counters: tuple[str, ...]
    levels: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    means: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    carrier: str = ""

    @property
    def change(self) -> str:
        """The kind of what happened between two."""
        return f"{self.kind}.change"


SCRAPE = "prometheus-text"
_BLOCKS = ("shared_hit", "shared_read", "temp_written")
VIEWS: tuple[View, ...] = (
    View("pg.stat.statement", ("calls", "total_ms", "rows", *_BLOCKS), means={"mean_ms": ("total_ms", "calls")}),
    View(
        "pg.table",
        (
            *("seq_scan", "seq_tup_read", "idx_scan", "idx_tup_fetch", "inserts", "updates", "deletes", "hot_updates"),
            *("autovacuum_count", "vacuum_count", "autoanalyze_count", "analyze_count"),
        ),
        ("live", "dead"),
    ),
    View("pg.index", ("scans", "rows_read", "rows_fetched")),
    View(
        "pg.database",
        (
            *(
                "commits",
                "rollbacks",
                "blocks_read",
                "blocks_hit",
                "conflicts",
                "temp_files",
                "temp_bytes",
                "deadlocks",
            ),
            *("sessions", "sessions_abandoned", "sessions_fatal", "sessions_killed"),
            *("session_ms", "active_ms", "idle_in_transaction_ms"),
        ),
        ("backends",),
        ("stats_reset",),
    ),
    View(
        "pg.checkpoints",
        (
            *("timed", "requested", "write_ms", "sync_ms", "buffers_checkpoint", "buffers_clean", "buffers_backend"),
            *("buffers_backend_fsync", "maxwritten_clean"),
        ),
        (),
        ("stats_reset",),
    ),
    View("pg.sequence", ("last_value",)),
    View("pg.table.io", ("heap_read", "heap_hit", "index_read", "index_hit", "toast_read", "toast_hit")),
    View("pg.index.io", ("index_read", "index_hit")),
    View(
        "pg.wal",
        ("records", "full_pages", "bytes", "buffers_full", "writes", "syncs", "write_ms", "sync_ms"),
        (),
        ("stats_reset",),
    ),
    View(
        "pg.io",
        (
            *("reads", "read_bytes", "read_ms", "writes", "write_bytes", "write_ms", "extends", "extend_bytes"),
            *("hits", "evictions", "reuses", "fsyncs", "fsync_ms"),
        ),
        (),
        ("stats_reset",),
    ),
    View(
        "pool.stats",
        ("transactions", "queries", "bytes_received", "bytes_sent", "transaction_us", "query_us", "wait_us"),
    ),
    View(
        "queue.counts",
        ("processed", "lifetime_failed", "attempts", "failed_attempts"),
        ("waiting", "active", "delayed", "retrying", "completed", "failed"),
    ),
    View("queue.task", ("received", "succeeded", "failed", "retried", "runtime_s", "runs"), ("active", "waiting")),
    # Only families that count up: `telemetry.snapshots` leaves gauges out.
    View("metric.family", ("sum", "count", "total"), means={"mean": ("total", "count")}, carrier=SCRAPE),
    View("metric.series", ("value", "count", "total"), means={"mean": ("total", "count")}, carrier=SCRAPE),
)


def _units(view: View, units: Mapping[str, str]) -> Units:
    found = {"window_s": "s"} | {name: units[name] for name in view.counters}
    found |= {f"{name}_per_s": f"{units[name]}/s" for name in view.counters}
    found |= {name: units[name] for name in view.means}
    return found | {f"{name}_change": units[name] for name in view.levels}


_KNOWN = POSTGRES | POSTGRES_VIEWS | QUEUES | LOAD
KINDS: dict[str, Units] = {view.change: _units(view, _KNOWN[view.kind]) for view in VIEWS}
