"""A table whose rows have no identity."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.schema import indexes_of, known_rows, schema_tables

FEW_ROWS = 1_000
# Tools that keep book of migrations have a table of one column, or of one row.
_BOOKKEEPING = re.compile(r"(?:^|[._])(?:schema_migrations|migrations?|schema_version|alembic_version)$", re.I)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table; a unique index over columns that are never null is a key by another name."""
    for table, row in schema_tables(evidence).items():
        if row.metrics.get("without_primary_key", 0.0) <= threshold.value or not row.metrics.get("columns"):
            continue
        rows = known_rows(evidence, table)
        is_small = rows is not None and rows.metrics["live"] < FEW_ROWS
        if is_small or _BOOKKEEPING.search(table) or _has_key(row, indexes_of(evidence, table)):
            continue
        yield _hit(row, rows, threshold.value)


def _has_key(row: Evidence, indexes: list[Evidence]) -> bool:
    fixed = {str(column["name"]) for column in row.attrs.get("columns") or () if not column.get("nullable")}
    return any(
        index.attrs.get("unique") and not index.attrs.get("predicate") and set(index.attrs["columns"]) <= fixed
        for index in indexes
    )


def _hit(row: Evidence, rows: Evidence | None, limit: float) -> Hit:
    told = Told()
    told.also(row, "without_primary_key", "indexes")
    said = f"{row.subject} has no primary key and no unique columns that are never null"
    if rows is not None:
        said += f"; nothing keeps its {told(rows, 'live')} rows apart"
    return Hit(
        subject=Subject("table", row.subject),
        title=f"{row.subject} has no primary key",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        tables=(row.subject,),
    )


RULE = Rule(
    id="PG031",
    slug="no-primary-key",
    area="postgres",
    mechanism="missing-constraint",
    title="Tables have no primary key",
    needs=(("schema.table", "without_primary_key"),),
    threshold=Threshold(
        0,
        "1",
        "Every table of a relational database has a key; tables known to hold under 1,000 rows and those of migration "
        "tools are left alone.",
        "Supabase Splinter, lint 0004 no primary key",
    ),
    degradation=0.1,
    why="Nothing stops the same row from being stored twice, and a wrong one cannot be corrected alone. Logical "
    "replication, and with it many upgrades without downtime, refuses such a table.",
    fix=(
        "Find the columns that identify a row, or add a bigint identity column.",
        "Remove duplicates first, in batches.",
        "Create a unique index concurrently, then ALTER TABLE ... ADD PRIMARY KEY USING INDEX.",
    ),
    first_slice=FirstSlice("Count duplicates and name the columns of the key", 3),
    effort=Effort(0.25, 0.5, 1.5),
    removes=0.9,
    verify="pg_dump --schema-only shows a primary key on the table.",
    rollback="ALTER TABLE ... DROP CONSTRAINT; the column can stay.",
    references=("PostgreSQL, Primary Keys https://www.postgresql.org/docs/current/ddl-constraints.html",),
    check=check,
)
