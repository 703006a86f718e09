"""An index that a failed rebuild left behind: written at every change, used by none."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, worst_each
from telemetry.rules.postgres.unused_index import LEFT_OVER
from telemetry.rules.schema import sql_name


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per index with the name that only REINDEX CONCURRENTLY gives, and no scan."""
    for row in worst_each(evidence.of("pg.index"), "scans"):
        if LEFT_OVER.search(row.subject) and row.metrics["scans"] <= threshold.value:
            yield _hit(row, threshold.value)


def _hit(row: Evidence, limit: float) -> Hit:
    told, table = Told(), str(row.attrs.get("table"))
    said = (
        f"{row.subject} on {table} has the name that a concurrent rebuild uses while it works, and "
        f"{told(row, 'scans')} scans: either one is running, or one failed and left it."
    )
    return Hit(
        subject=Subject("index", row.subject),
        title=f"{row.subject} was left by a rebuild",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=(table,),
        snippet=f"DROP INDEX CONCURRENTLY IF EXISTS {sql_name(row.subject)};",
    )


RULE = Rule(
    id="PG035",
    slug="invalid-index",
    area="postgres",
    mechanism="redundant-index",
    title="Failed rebuilds left indexes behind",
    needs=(("pg.index", "scans"),),
    threshold=Threshold(
        0,
        "1",
        "A rebuild in progress ends within hours and its index then has scans under the old name; this one has none.",
        "PostgreSQL documentation, REINDEX CONCURRENTLY (names ending in _ccnew and _ccold); PgHero, invalid indexes",
    ),
    degradation=0.1,
    why="A failed maintenance run left an index that answers no query and is still updated by every write. If the old "
    "one is broken as well, queries read the whole table.",
    fix=(
        "Look at pg_stat_progress_create_index: is a rebuild still running.",
        "If not, drop the left-over index concurrently.",
        "Run REINDEX INDEX CONCURRENTLY again on the original, with a lock_timeout.",
    ),
    first_slice=FirstSlice("Drop the left-over index and rebuild the original", 2),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.95,
    verify="SELECT count(*) FROM pg_index WHERE NOT indisvalid is 0.",
    rollback="None is needed: the dropped index served no query.",
    references=("PostgreSQL, REINDEX https://www.postgresql.org/docs/current/sql-reindex.html",),
    check=check,
)
