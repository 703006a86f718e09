"""Nearly every update of a busy table writes all its indexes again."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.schema import sql_name
from telemetry.rules.statements import SMALL_TABLE_ROWS, table_rows

ENOUGH_UPDATES = 100_000


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table whose rows are updated more often than there are rows, and seldom in place."""
    for table, row in table_rows(evidence).items():
        updates, live = row.metrics.get("updates", 0.0), row.metrics.get("live", 0.0)
        is_busy = updates >= ENOUGH_UPDATES and live >= SMALL_TABLE_ROWS and updates >= live
        if is_busy and "hot_updates" in row.metrics and row.metrics["hot_updates"] < threshold.value * updates:
            yield _hit(table, row, threshold.value * updates)


def _hit(table: str, row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, 'hot_updates')} updates of {table} stayed within their block (limit at least {shown(limit, '1')}) "
        f"of {told(row, 'updates')}; each other one wrote every index of the table again."
    )
    told.also(row, "live", "dead")
    return Hit(
        subject=Subject("table", table),
        title=f"Updates of {table} write all indexes",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=(table,),
        snippet=f"ALTER TABLE {sql_name(table)} SET (fillfactor = 85);",
    )


RULE = Rule(
    id="PG051",
    slug="hot-updates",
    area="postgres",
    mechanism="table-bloat",
    title="Updates write every index again",
    needs=(("pg.table", "hot_updates"), ("pg.table", "updates")),
    threshold=Threshold(
        0.10,
        "share",
        "An update that changes no indexed column and finds room in its block touches no index; under a tenth of "
        "100,000 updates means that one of both never holds.",
        "rails-pg-extras and Rideshare, HOT updates below 10 %",
    ),
    degradation=0.1,
    why="A small change, such as a time of last use, costs as much as a new row in every index. Writes are slower and "
    "the table swells faster than it must.",
    fix=(
        "Look for an index on a column that every update changes (updated_at, status, counters) and whether it is "
        "used.",
        "Drop it, or move the column to a narrow table of its own.",
        "Set fillfactor to 85, so that updates find room in their block.",
    ),
    first_slice=FirstSlice("Set fillfactor and name the index on a changing column", 2),
    effort=Effort(0.25, 0.5, 1.5),
    removes=0.7,
    verify="Between two snapshots more than half of the updates are HOT.",
    rollback="ALTER TABLE ... RESET (fillfactor); the dropped index is created again concurrently.",
    references=("PostgreSQL, Heap-Only Tuples https://www.postgresql.org/docs/current/storage-hot.html",),
    check=check,
)
