"""The server's own row of evidence: a metric is there only if this log would have shown it."""

from telemetry.evidence import Evidence, Place
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.quotes import Quoter
from telemetry.parsers.postgres.sessions import median_s, per_minute

# Written at every log level in use; zero is a true zero as soon as the log holds more than durations.
_ALWAYS = (
    "errors",
    "fatals",
    "panics",
    "deadlocks",
    "too_many_connections",
    "timeouts",
    "idle_in_transaction_timeouts",
    "crashes",
    "out_of_memory",
    "disk_full",
    "wraparound_warnings",
    "auth_failures",
    "archive_failures",
    "replication_failures",
    "recovery_conflicts",
    "corruptions",
    "lost_clients",
    "autovacuum_cancels",
    "user_cancels",
)
# Switched on by a setting each: (what shows that it is on, the metrics it then answers for).
_SWITCHED: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("lock_waits", "locks_acquired"), ("lock_waits",)),
    (("temp_files",), ("temp_files", "temp_bytes")),
    (("checkpoints", "checkpoint_starts"), ("checkpoints", "checkpoint_warnings")),
    (("checkpoint_starts",), ("checkpoints_forced",)),
    (("checkpoint_warnings",), ("checkpoint_warnings",)),
    (("connections_received",), ("connections_received",)),
    (("connections_authorized",), ("connections_authorized",)),
)


def server_metrics(reader: Events) -> dict[str, float]:
    """Metrics of kind pg.log.server."""
    counts, families = reader.tally.counts, reader.families
    metrics: dict[str, float] = {}
    if (window := reader.clock.window_s) is not None:
        metrics["window_s"] = window
    if families.count:
        metrics |= {"queries": families.count, "query_ms": families.total_us / 1000}
        if reader.clock.peak:
            metrics["queries_per_s_peak"] = reader.clock.peak
    if reader.others:
        metrics |= {name: counts[name] for name in _ALWAYS}
    for signs, names in _SWITCHED:
        if any(counts[sign] for sign in signs):
            metrics |= {name: counts[name] for name in names}
    if "lock_wait_max_ms" in reader.tally.peaks:
        metrics["lock_wait_max_ms"] = reader.tally.peaks["lock_wait_max_ms"]
    connections = counts["connections_authorized"] or counts["connections_received"]
    if connections and window:
        metrics["connections_per_min"] = per_minute(connections, window)
    if reader.sessions.stays:
        metrics["session_median_s"] = median_s(reader.sessions.stays, reader.sessions.longest)
        metrics["session_max_s"] = reader.sessions.longest / 1e6
    return metrics


def server_evidence(reader: Events, quoter: Quoter) -> Evidence:
    """One row; each metric stands at the first line that counts for it, a zero at the first line of the log."""
    metrics = server_metrics(reader)
    marks = dict(reader.tally.marks)
    for metric, sources in _PLACED.items():
        if metric in metrics and (mark := next((marks[name] for name in sources if name in marks), None)):
            marks[metric] = mark
    if reader.families.count:
        slowest = max(reader.families.all(), key=lambda family: family.max_us)
        marks["query_ms"] = marks["queries"] = (slowest.line, slowest.quote)
    places: dict[str, Place] = {
        metric: quoter.place(*marks[metric]) for metric in metrics if metric in marks and metrics[metric]
    }
    sketches = {"us": dict(reader.sessions.stays), "second": reader.clock.edges()}
    kept = {name: counts for name, counts in sketches.items() if counts}
    attrs = {"host": next(iter(reader.hosts))} if len(reader.hosts) == 1 else {}
    return Evidence("pg.log.server", "server", metrics, quoter.place(*reader.first), places, attrs, sketches=kept)


_PLACED = {
    "connections_per_min": ("connections_authorized", "connections_received"),
    "session_median_s": ("disconnections",),
}
