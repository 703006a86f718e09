"""Reads go to disk although they should be in memory."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.postgres import slow_query
from telemetry.rules.statements import STAT, Statement, statements

VOLUME_BLOCKS = 131_072  # 1 GB read: a ratio over less says nothing


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table, by the statement that reads most of it; scans, reports and deep pages have their own rules."""
    other = slow_query.explained(evidence)
    found: dict[str, Statement] = {}
    for statement in statements(evidence):
        share, read = statement.number(STAT, "hit_share"), statement.number(STAT, "shared_read") or 0.0
        if share is None or share >= threshold.value or read <= VOLUME_BLOCKS or statement.fingerprint in other:
            continue
        kept = found.get(statement.main_table)
        if kept is None or read > (kept.number(STAT, "shared_read") or 0.0):
            found[statement.main_table] = statement
    for table, statement in found.items():
        yield _hit(table, statement, threshold.value)
    if not found:
        yield from _by_index(evidence, threshold.value)


def _by_index(evidence: EvidenceSet, limit: float) -> Iterator[Hit]:
    """By the blocks of a table's indexes: a nightly dump reads the table whole and never its indexes."""
    for row in worst_each(evidence.of("pg.table.io"), "index_read"):
        read, hit = row.metrics["index_read"], row.metrics.get("index_hit", 0.0)
        if read > VOLUME_BLOCKS and hit < limit * (read + hit):
            yield _of_index(row, (1 - limit) * (read + hit))


def _of_index(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"Reads by index of {row.subject} found {told(row, 'index_read')} blocks outside the database's memory (limit "
        f"{shown(limit, 'blocks')}) and {told(row, 'index_hit')} inside."
    )
    told.also(row, "heap_read", "heap_hit")
    return Hit(
        subject=Subject("table", row.subject),
        title=f"{row.subject} does not fit in memory",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=(row.subject,),
    )


def _hit(table: str, statement: Statement, limit: float) -> Hit:
    told, row = Told(), statement.rows[STAT]
    said = (
        f"Only {told(row, 'hit_share')} of the blocks that {statement.verb} on {table or 'the database'} needs are in "
        f"memory (limit {shown(limit, 'share')}); {told(row, 'shared_read')} blocks came from outside it."
    )
    told.also(row, "calls", "mean_ms")
    return Hit(
        subject=Subject("table", table) if table else Subject("server", "postgres"),
        title=f"{table} does not fit in memory" if table else "Reads miss memory",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=statement.tables,
    )


RULE = Rule(
    id="PG015",
    slug="cache-misses",
    area="postgres",
    mechanism="cache-misses",
    title="Reads miss the database's memory",
    needs=(),
    needs_any=((STAT, "hit_share"), ("pg.table.io", "index_read")),
    threshold=Threshold(
        0.98,
        "share",
        "Transactional reads are answered from memory; below 98 %, over at least 1 GB read, the working set does not "
        "fit.",
        "awesome-prometheus-alerts, PostgresqlCacheHitRatio (0.98)",
    ),
    degradation=0.3,
    why="The rows that customers need most are fetched from disk again and again, ten to a hundred times slower than "
    "from memory.",
    fix=(
        "See whether the statement reads only what it needs: index, columns, limit.",
        "Compare shared_buffers and the machine's memory with the size of the tables that are read most.",
        "Give the server more memory, or move history to a table of its own.",
    ),
    first_slice=FirstSlice("Measure the working set with pg_buffercache and pg_statio_user_tables", 4),
    effort=Effort(0.5, 1, 3),
    removes=0.7,
    verify="The statement's share of blocks in memory is above 98 % in the next export.",
    rollback="Settings of memory go back with ALTER SYSTEM RESET and a restart.",
    references=(
        "PostgreSQL, shared_buffers "
        "https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-SHARED-BUFFERS",
    ),
    check=check,
)
