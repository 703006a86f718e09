"""A plan reads a table and throws nearly all of it away."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.index_need import needs_of
from telemetry.rules.numbers import Told, shown
from telemetry.rules.plans import filter_columns, scans, took_long
from telemetry.rules.postgres import missing_index
from telemetry.rules.statements import SMALL_TABLE_ROWS
from telemetry.sql.index import Index

THROWN_AWAY = 0.9


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table and filter columns; what statements prove already is left to them."""
    proven = {need.table for need in needs_of(evidence, missing_index.RULE.threshold.value)}
    worst: dict[str, Evidence] = {}
    for row in scans(evidence, "Seq Scan", "Index Scan", "Bitmap Heap Scan"):
        removed = row.metrics.get("rows_removed", 0.0)
        if removed <= threshold.value * row.metrics["loops"] or row.metrics.get("removed_share", 0.0) <= THROWN_AWAY:
            continue
        columns = filter_columns(row)
        name = f"{row.subject}({', '.join(columns)})" if columns else row.subject
        if row.subject not in proven and took_long(row) and removed > _removed(worst.get(name)):
            worst[name] = row
    for name, row in worst.items():
        yield _hit(name, row, filter_columns(row), threshold.value)


def _removed(row: Evidence | None) -> float:
    return row.metrics.get("rows_removed", 0.0) if row is not None else 0.0


def _hit(name: str, row: Evidence, columns: tuple[str, ...], limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.attrs.get('node')} on {row.subject} read and threw away {told(row, 'rows_removed')} rows (limit "
        f"{shown(limit * row.metrics['loops'], '1')}) to keep {told(row, 'rows')}"
    )
    said += f" in {told(row, 'total_ms')}" if "total_ms" in row.metrics else ""
    told.also(row, "rows_read", "removed_share", "shared_read", "loops")
    return Hit(
        subject=Subject("table", name),
        title=f"A plan of {row.subject} throws rows away",
        said=said + ".",
        cites=told.cites,
        limit=limit * row.metrics["loops"],
        breach=True,
        tables=(row.subject,),
        snippet=Index(row.subject, columns).create_statement() if columns else "",
    )


RULE = Rule(
    id="PG058",
    slug="plan-filter",
    area="postgres",
    mechanism="missing-index",
    title="Plans throw away what they read",
    needs=(("pg.plan.node", "rows_removed"),),
    threshold=Threshold(
        SMALL_TABLE_ROWS,
        "1",
        "Over nine tenths of what a scan reads, and more than 10,000 rows each time: on fewer rows reading all is as "
        "good as an index.",
        "PEV2, rows removed by filter (90 %); pganalyze EXPLAIN insights, slow scan and inefficient index",
    ),
    degradation=0.3,
    why="To find a handful of rows the database looks at all of them. It gets slower with every new order, for this "
    "query and for those beside it.",
    fix=(
        "Create an index on the columns of the filter, concurrently: equality first, then range.",
        "Where an index is used already, add the filtered columns to it.",
        "Where the condition is always the same, make it a partial index.",
    ),
    first_slice=FirstSlice("Create the index concurrently and compare the plan", 2),
    effort=Effort(0.1, 0.5, 1),
    removes=0.9,
    verify="EXPLAIN (ANALYZE) of the statement no longer shows rows removed by a filter.",
    rollback="DROP INDEX CONCURRENTLY.",
    references=("PostgreSQL, Using EXPLAIN https://www.postgresql.org/docs/current/using-explain.html",),
    check=check,
)
