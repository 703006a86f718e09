"""The database: connections it allows and sees, statements and the connections they keep at work, sizes, replicas."""

import math
from collections.abc import Iterator
from functools import partial

from reviews.capacity.formulas.operational import busy, service_time
from reviews.capacity.gather.base import DAY_S, by_subject, computed, derived, longest, measured, most, total
from reviews.capacity.inputs import Input
from telemetry.evidence import Evidence, EvidenceSet

RESERVED = ("superuser_reserved_connections", "reserved_connections")


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """Everything the database's own views and its log tell."""
    yield from _settings(evidence)
    yield from _connections(evidence)
    yield from _busy(evidence)
    yield from _statements(evidence)
    yield from _reads(evidence)
    yield from _replicas(evidence)
    yield from _sizes(evidence)


def setting(evidence: EvidenceSet, name: str, kind: str = "pg.setting") -> Evidence | None:
    """The row of a setting."""
    return most((row for row in evidence.of(kind) if row.subject == name), "value")


def _settings(evidence: EvidenceSet) -> Iterator[Input]:
    allowed = setting(evidence, "max_connections")
    if allowed is not None:
        yield from measured("postgres.max_connections", allowed, "value")
    kept = [row for name in RESERVED if (row := setting(evidence, name)) is not None]
    yield from total("postgres.reserved_connections", kept, "value", "reserved for superusers + reserved")


def _connections(evidence: EvidenceSet) -> Iterator[Input]:
    """Sessions at the moment of the snapshot: one that comes at any time sees the mean (PASTA)."""
    seen = most(evidence.of("pg.activity"), "sessions")
    if seen is not None:
        yield from measured("postgres.connections", seen, "sessions", words="measured: at one moment")
    else:
        rows = list(by_subject(evidence, "pg.database", "backends"))
        yield from total("postgres.connections", rows, "backends", "backends of all databases at one moment")


def _busy(evidence: EvidenceSet) -> Iterator[Input]:
    """Connections at work on average: seconds of work in a second. The log knows only what it was told to write."""
    active = list(by_subject(evidence, "pg.database.change", "active_ms_per_s"))
    if any(row.metrics["active_ms_per_s"] > 0 for row in active):
        yield from total("postgres.busy", active, "active_ms_per_s", "active time of all databases ÷ time", 1e-3)
        return
    if evidence.has("pg.stat.statement.change", "total_ms_per_s"):
        return  # follows from statements a second and their time
    log = longest(evidence.having("pg.log.server", "query_ms", "window_s"), "query_ms")
    if log is not None and log.metrics["window_s"] > 0:
        at_work = partial(busy, log.metrics["query_ms"] / 1000, log.metrics["window_s"])
        words = "time of all logged statements ÷ time of the log; at least, since short ones are not logged"
        yield from computed("postgres.busy", at_work, words, log, "query_ms")


def _statements(evidence: EvidenceSet) -> Iterator[Input]:
    """Rate and mean time between two exports; of a single export only the mean time."""
    changes = list(evidence.having("pg.stat.statement.change", "calls_per_s", "total_ms_per_s"))
    rate = math.fsum(row.metrics["calls_per_s"] for row in changes)
    largest = most(changes, "total_ms_per_s")
    if largest is not None and rate > 0:
        spent = math.fsum(row.metrics["total_ms_per_s"] for row in changes)
        words = "calls of all statements between the two exports ÷ time"
        yield from derived("postgres.queries_per_s", rate, words, largest, "calls_per_s")
        words = "time of all statements ÷ their calls, between the two exports"
        yield from computed("postgres.query_ms", lambda: service_time(spent, rate), words, largest, "total_ms_per_s")
        return
    rows = list(evidence.having("pg.stat.statement", "calls", "total_ms"))
    calls, largest = math.fsum(row.metrics["calls"] for row in rows), most(rows, "total_ms")
    if largest is not None and calls > 0:
        spent = math.fsum(row.metrics["total_ms"] for row in rows)
        words = "time of all statements ÷ their calls, since the reset"
        yield from computed("postgres.query_ms", lambda: service_time(spent, calls), words, largest, "total_ms")


def _reads(evidence: EvidenceSet) -> Iterator[Input]:
    rows = list(evidence.having("pg.stat.statement", "calls"))
    known = [row for row in rows if row.attrs.get("verb")]
    calls = math.fsum(row.metrics["calls"] for row in known)
    reads = [row for row in known if str(row.attrs["verb"]).lower() == "select"]
    largest = most(reads, "calls")
    if largest is not None and calls > 0:
        share = math.fsum(row.metrics["calls"] for row in reads) / calls
        yield from derived("postgres.read_share", share, "calls of SELECT ÷ calls of all", largest, "calls")
    hits = most(evidence.of("pg.database"), "blocks_hit")
    if hits is not None:
        yield from measured("postgres.hit_share", hits, "hit_share")


def _replicas(evidence: EvidenceSet) -> Iterator[Input]:
    replicas = evidence.of("pg.replica")
    behind = most(replicas, "replay_lag_s")
    if behind is not None:
        yield from measured("postgres.replica_lag_s", behind, "replay_lag_s")
    if replicas:
        listed = min(replicas, key=lambda row: (row.file, row.place.line, row.subject))
        names = {row.subject for row in replicas}
        yield from derived("postgres.replicas", float(len(names)), "replicas listed", listed, "replay_lag_s")


def _sizes(evidence: EvidenceSet) -> Iterator[Input]:
    rows = list(by_subject(evidence, "pg.table", "bytes")) or [
        row for row in by_subject(evidence, "pg.size", "total_bytes") if row.attrs.get("type", "table") == "table"
    ]
    metric = "bytes" if rows and rows[0].kind == "pg.table" else "total_bytes"
    yield from total("postgres.bytes", rows, metric, "all tables with their indexes")
    written = most(evidence.of("pg.wal.change"), "bytes_per_s")
    if written is not None:
        yield from measured("postgres.wal_bytes_per_day", written, "bytes_per_s", DAY_S)
