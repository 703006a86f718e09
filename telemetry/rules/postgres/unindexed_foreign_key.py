"""A foreign key whose column no index starts with: the other table pays at every delete."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.index_need import needs_of
from telemetry.rules.numbers import Told, worst_each
from telemetry.rules.postgres import missing_index
from telemetry.rules.schema import indexes_of, is_known_small, known_rows, starts_with
from telemetry.rules.statements import table_rows
from telemetry.sql.index import Index


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per key; not where any file adds the index, the table is small, or a statement proves the same need."""
    proven = {
        (need.table, column)
        for need in needs_of(evidence, missing_index.RULE.threshold.value)
        for column in need.columns
    }
    for row in worst_each(evidence.of("schema.foreign_key"), "without_index"):
        table, columns = str(row.attrs.get("table")), [str(name) for name in row.attrs.get("columns") or ()]
        if row.metrics["without_index"] <= threshold.value or not columns or is_known_small(evidence, table):
            continue
        if any(starts_with(index, columns) for index in indexes_of(evidence, table)):
            continue
        if not any((table, column) in proven for column in columns):
            yield _hit(row, table, columns, evidence, threshold.value)


def _hit(row: Evidence, table: str, columns: list[str], evidence: EvidenceSet, limit: float) -> Hit:
    told, parent = Told(), str(row.attrs.get("references"))
    told.also(row, "without_index")
    said = f"{row.subject} references {parent} and no index starts with it"
    child = known_rows(evidence, table)
    if child is not None:
        said += f"; {table} has {told(child, 'live')} rows, all read for each row deleted from {parent}"
    statistics = table_rows(evidence).get(parent)
    deleted = statistics.metrics.get("deletes", 0.0) if statistics is not None else 0.0
    if statistics is not None and deleted:
        said += f", which saw {told(statistics, 'deletes')} deletes"
    return Hit(
        subject=Subject("table", row.subject),
        title=f"{row.subject} is a key without index" if len(row.subject) <= 60 else f"A key of {table} has no index",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        tables=(table, parent),
        degradation=0.3 if deleted else None,
        snippet=Index(table, tuple(columns)).create_statement(),
    )


RULE = Rule(
    id="PG030",
    slug="unindexed-foreign-key",
    area="postgres",
    mechanism="missing-index",
    title="Foreign keys have no index",
    needs=(("schema.foreign_key", "without_index"),),
    threshold=Threshold(
        0,
        "1",
        "PostgreSQL indexes the key that is referenced, never the column that refers to it; tables under 10,000 rows "
        "are left alone.",
        "Supabase Splinter, lint 0001 unindexed foreign keys; pgsql-dba i3",
    ),
    degradation=0.1,
    why="Deleting one customer reads every order to see whether it belongs to them, and holds locks meanwhile. The "
    "larger the table, the longer everyone else waits.",
    fix=(
        "Create the index concurrently, so that writes go on meanwhile.",
        "Start with tables whose parent rows are deleted, and with columns that lists are joined by.",
        "Leave out keys of small tables, and of parents whose rows are never deleted or joined.",
    ),
    first_slice=FirstSlice("Create the index on the largest table, concurrently", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.9,
    verify="EXPLAIN of a select by this column shows an index scan.",
    rollback="DROP INDEX CONCURRENTLY removes the index again.",
    references=("PostgreSQL, Foreign Keys https://www.postgresql.org/docs/current/ddl-constraints.html",),
    check=check,
)
