"""An index that no query has used for a month."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import DAY_S, counted_days
from telemetry.rules.numbers import Told, worst_each
from telemetry.rules.schema import is_known_small, sql_name
from telemetry.rules.statements import table_rows

DAYS = 35  # a month end lies inside, and a report of every month with it
LARGE_BYTES = 10 * 1024**2
ENOUGH_WRITES = 1_000
# Names that PostgreSQL and the usual tools give to the indexes of keys and unique constraints.
_UNIQUE = re.compile(r"(?:_pkey|_key|_excl|_uniq|_unique|_uk|_uidx)\d*$|^(?:uq|uix|uk|unique)_|_uniq_|^pk_", re.I)
# REINDEX CONCURRENTLY names them so while it works, and leaves them behind when it fails.
LEFT_OVER = re.compile(r"_cc(?:new|old)\d*$")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per index without a scan, not unique, large or unknown, on a table that is written to."""
    unused = list(_candidates(evidence, threshold.value))
    if not unused:
        return
    days = counted_days(evidence)
    spans = {row.subject: row.metrics.get("window_s", 0.0) / DAY_S for row in evidence.of("pg.index.change")}
    if evidence.of("pg.replica"):
        yield CannotTell("pg_stat_user_indexes of every replica: reads there are not counted on the primary")
        return
    old = [row for row in unused if max(days or 0.0, spans.get(row.subject, 0.0)) >= DAYS]
    if not old:
        yield CannotTell(f"statistics that have run for {DAYS} days: pg_stat_database with stats_reset, or a snapshot")
    for row in old:
        yield _hit(row, evidence, threshold.value)


def _candidates(evidence: EvidenceSet, limit: float) -> Iterator[Evidence]:
    kept = _kept(evidence)
    sizes = {
        row.subject: max(row.metrics.get("bytes", 0.0), row.metrics.get("index_bytes", 0.0)) for row in _sizes(evidence)
    }
    tables = table_rows(evidence)
    for row in worst_each(evidence.of("pg.index"), "scans"):
        table = str(row.attrs.get("table"))
        if row.metrics["scans"] > limit or row.subject in kept or _UNIQUE.search(row.subject):
            continue
        if LEFT_OVER.search(row.subject) or sizes.get(row.subject, LARGE_BYTES) < LARGE_BYTES:
            continue
        statistics = tables.get(table)
        if statistics is not None and _writes(statistics) >= ENOUGH_WRITES and not is_known_small(evidence, table):
            yield row


def _sizes(evidence: EvidenceSet) -> Iterator[Evidence]:
    return (row for row in evidence.of("pg.size") if "bytes" in row.metrics or "index_bytes" in row.metrics)


def _kept(evidence: EvidenceSet) -> set[str]:
    """Indexes that do more than find rows: unique ones, and those that a foreign key needs when rows are deleted."""
    keys = {
        (str(row.attrs.get("table")), str((row.attrs.get("columns") or [""])[0]))
        for row in evidence.of("schema.foreign_key")
    }
    return {
        row.subject
        for row in evidence.of("schema.index")
        if row.attrs.get("unique") or (str(row.attrs.get("table")), str((row.attrs.get("columns") or [""])[0])) in keys
    }


def _writes(row: Evidence) -> float:
    return sum(row.metrics.get(name, 0.0) for name in ("inserts", "updates", "deletes"))


def _hit(row: Evidence, evidence: EvidenceSet, limit: float) -> Hit:
    told, table = Told(), str(row.attrs.get("table"))
    said = f"{row.subject} on {table} was scanned {told(row, 'scans')} times in over a month of statistics"
    statistics = table_rows(evidence)[table]
    said += f", while {table} took {told(statistics, 'inserts')} inserts" if "inserts" in statistics.metrics else ""
    told.also(statistics, "updates", "deletes")
    return Hit(
        subject=Subject("index", row.subject),
        title=f"{row.subject} is never used",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        tables=(table,),
        snippet=f"DROP INDEX CONCURRENTLY IF EXISTS {sql_name(row.subject)};",
    )


RULE = Rule(
    id="PG034",
    slug="unused-index",
    area="postgres",
    mechanism="redundant-index",
    title="Indexes are written but never used",
    needs=(("pg.index", "scans"),),
    threshold=Threshold(
        0,
        "1",
        "No scan in 35 days, which hold a month end; not unique, not for a foreign key, 10 MB or more where the size "
        "is known.",
        "pganalyze, unused indexes (35 days); PgHero, unused indexes (10 MB)",
    ),
    degradation=0.1,
    why="Every write keeps this index up to date and nobody reads it. It costs write time, memory, disk and vacuum, "
    "and keeps updates from being cheap.",
    fix=(
        "Check the same view on every replica, and that no yearly report needs it.",
        "Drop it concurrently in a quiet hour, one index at a time.",
        "Keep its definition in the ticket for a month.",
    ),
    first_slice=FirstSlice("Drop the largest unused index, concurrently", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.95,
    verify="Mean time of inserts falls or stays, and no statement got slower within a month.",
    rollback="CREATE INDEX CONCURRENTLY with the kept definition.",
    references=("PostgreSQL, pg_stat_all_indexes https://www.postgresql.org/docs/current/monitoring-stats.html",),
    check=check,
)
