"""An index that does what another one does already."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, worst_each
from telemetry.rules.schema import is_known_small, sql_name


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per index that is not needed; the same columns weigh more than the first columns of a longer one."""
    seen: set[str] = set()
    for metric, other in (("duplicate", "duplicate_of"), ("redundant", "covered_by")):
        for row in worst_each(evidence.of("schema.index"), metric):
            table, name = str(row.attrs.get("table")), str(row.attrs.get(other) or "")
            if row.metrics[metric] <= threshold.value or not name or row.subject in seen:
                continue
            seen.add(row.subject)
            if not is_known_small(evidence, table):
                yield _hit(row, metric, table, name, threshold.value)


def _hit(row: Evidence, metric: str, table: str, other: str, limit: float) -> Hit:
    told = Told()
    told.also(row, metric)
    what = "has the same columns as" if metric == "duplicate" else "is the beginning of"
    is_dropped = not row.attrs.get("constraint")
    return Hit(
        subject=Subject("index", row.subject),
        title=f"{row.subject} repeats another index",
        said=f"{row.subject} on {table} {what} {other}, which serves every query it could; each write keeps both.",
        cites=told.cites,
        limit=limit,
        tables=(table,),
        snippet=f"DROP INDEX CONCURRENTLY IF EXISTS {sql_name(row.subject)};" if is_dropped else "",
    )


RULE = Rule(
    id="PG033",
    slug="duplicate-index",
    area="postgres",
    mechanism="redundant-index",
    title="Indexes repeat other indexes",
    needs=(("schema.index", "duplicate"),),
    threshold=Threshold(
        0,
        "1",
        "Of two indexes with the same columns, order, method and predicate one is enough; a B-tree also serves its "
        "first columns.",
        "Supabase Splinter, lint 0009 duplicate index; PgHero, duplicate indexes",
    ),
    degradation=0.1,
    why="Every new order is written into an index that no query needs. It costs write time, memory and disk, and gives "
    "nothing back.",
    fix=(
        "Compare both definitions: unique, predicate, operator class and collation must not differ.",
        "Drop the one that is not a constraint, concurrently, in a quiet hour.",
        "Remove it from the migrations or the ORM's schema too, so that it does not come back.",
    ),
    first_slice=FirstSlice("Drop one duplicate, concurrently", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.95,
    verify="The schema no longer lists it, and no query got slower in a day.",
    rollback="CREATE INDEX CONCURRENTLY with the old definition.",
    references=("PostgreSQL, Multicolumn Indexes https://www.postgresql.org/docs/current/indexes-multicolumn.html",),
    check=check,
)
