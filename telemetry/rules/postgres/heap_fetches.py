"""Index-only scans have to look into the table all the same: vacuum does not keep up with its map."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.plans import scans
from telemetry.rules.schema import sql_name

ENOUGH = 10_000


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table."""
    worst: dict[str, Evidence] = {}
    for row in scans(evidence, "Index Only Scan"):
        fetches = row.metrics.get("heap_fetches", 0.0)
        kept, is_many = worst.get(row.subject), fetches >= ENOUGH and fetches > threshold.value * row.metrics["rows"]
        if is_many and (kept is None or fetches > kept.metrics["heap_fetches"]):
            worst[row.subject] = row
    for table, row in worst.items():
        yield _hit(table, row, threshold.value * row.metrics["rows"])


def _hit(table: str, row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"A scan of {table} by index alone looked into the table {told(row, 'heap_fetches')} times (limit "
        f"{shown(limit, '1')}) for {told(row, 'rows')} rows, because vacuum has not marked their blocks."
    )
    told.also(row, "total_ms", "shared_read")
    return Hit(
        subject=Subject("table", table),
        title=f"Vacuum of {table} lags behind reads",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=(table,),
        snippet=f"ALTER TABLE {sql_name(table)} SET (autovacuum_vacuum_insert_scale_factor = 0.02,\n"
        "    autovacuum_vacuum_scale_factor = 0.02);",
    )


RULE = Rule(
    id="PG062",
    slug="heap-fetches",
    area="postgres",
    mechanism="table-bloat",
    title="Index-only scans still read the table",
    needs=(("pg.plan.node", "heap_fetches"),),
    threshold=Threshold(
        0.5,
        "share",
        "The blocks written last are never marked; more than every second row of ten thousand means that vacuum seldom "
        "comes.",
        "PostgreSQL documentation, index-only scans; pgMustard, heap fetches",
    ),
    degradation=0.1,
    why="An index was made so that a query need not touch the table. It touches it anyway, row by row, and is as slow "
    "as without.",
    fix=(
        "Vacuum the table once.",
        "Lower autovacuum_vacuum_insert_scale_factor and autovacuum_vacuum_scale_factor of the table to 0.02.",
        "Look for old transactions or slots that hold vacuum back.",
    ),
    first_slice=FirstSlice("Vacuum the table and set its thresholds", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.8,
    verify="EXPLAIN (ANALYZE) shows heap fetches near zero.",
    rollback="ALTER TABLE ... RESET of both.",
    references=("PostgreSQL, Index-Only Scans https://www.postgresql.org/docs/current/indexes-index-only-scans.html",),
    check=check,
)
