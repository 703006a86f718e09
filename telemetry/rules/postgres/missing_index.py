"""A selective filter reads far more than it returns, because no index leads with its columns."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.index_need import COMPUTED, PATTERN, Need, needs_of, scanned_tables, undecided
from telemetry.rules.numbers import Told, shown
from telemetry.rules.schema import sql_name
from telemetry.rules.statements import LOG, PLAN, STAT, tables_of
from telemetry.sql.index import Index, quote_name

# PgHero calls a query slow from 20 ms and 100 calls on; postgres-checkup (K000) marks a third of all time as urgent.
SLOW_MS = 20.0
SLOW_CALLS = 100
URGENT_SHARE = 1 / 3
SCAN_ROWS = 10_000.0
CITED = 10  # statements quoted for one index, heaviest first


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per table and filter columns; tables without statements that explain them stand alone."""
    needs = needs_of(evidence, threshold.value)
    for need in needs:
        yield _of_columns(need, threshold.value)
    explained = {need.table for need in needs}
    doubts = undecided(evidence, threshold.value)
    for row in scanned_tables(evidence):
        if row.subject not in explained:
            explained.add(row.subject)
            yield _of_table(row)
    for statement in doubts:
        if statement.main_table not in explained:
            yield CannotTell(
                f"pg_stat_statements or pg_stat_user_tables: {statement.subject.name} is slow, and only blocks read "
                "tell whether it reads too much"
            )


def _of_columns(need: Need, limit: float) -> Hit:
    name = f"{need.table}({', '.join(need.columns)})"
    told = Told()
    said = _sentence(need, told, limit)
    for statement in need.statements[:CITED]:
        for kind in (STAT, LOG, PLAN):
            row = statement.rows.get(kind)
            if row is not None:
                told.also(row, "blocks_per_row", "mean_ms", "share", "calls", "count")
    if need.table_row is not None:
        told.also(need.table_row, "rows_per_seq_scan", "seq_scan", "live")
    heavy, share, calls = _load(need)
    breach = (heavy >= SLOW_MS and calls >= SLOW_CALLS) or share >= URGENT_SHARE
    return Hit(
        subject=Subject("table", name),
        title=f"{name} has no index" if len(name) <= 60 else f"{need.table}: filter columns have no index",
        said=said,
        cites=told.cites,
        limit=_limit(told, limit),
        breach=breach,
        utilisation=None if breach else max(heavy / SLOW_MS if calls >= SLOW_CALLS else 0.0, share / URGENT_SHARE),
        tables=tables_of(need.statements) or (need.table,),
        snippet=_create_index(need),
    )


def _limit(told: Told, limit: float) -> float:
    """The limit in the unit of the deciding number: blocks for each row, or rows of a scan."""
    return limit if told.cites[0].metric == "blocks_per_row" else SCAN_ROWS


def _load(need: Need) -> tuple[float, float, float]:
    """(mean ms of the heaviest, share of time of all, calls of all) over the statements that want this index."""
    means = [statement.mean_ms or 0.0 for statement in need.statements]
    shares = [statement.number(STAT, "share") or statement.number(LOG, "share") or 0.0 for statement in need.statements]
    calls = [statement.number(STAT, "calls") or statement.number(LOG, "count") or 0.0 for statement in need.statements]
    return max(means), sum(shares), sum(calls)


def _sentence(need: Need, told: Told, limit: float) -> str:
    first = need.statements[0]
    columns = " and ".join(need.columns) if len(need.columns) < 3 else ", ".join(need.columns)
    how = "searched for a part of" if need.sort == PATTERN else "filtered by"
    what = f"{first.verb} on {need.table}, {how} {columns},"
    others = " The same filter stands in other statements." if len(need.statements) > 1 else ""
    scans = ""
    if need.table_row is not None and need.table_row.metrics.get("rows_per_seq_scan", 0) > SCAN_ROWS:
        scans = f" Each full scan of {need.table} reads {{}} rows."
    if first.stat is not None and "blocks_per_row" in first.stat.metrics:
        said = f"{what} touches {told(first.stat, 'blocks_per_row')} blocks for each row it returns (limit "
        said += f"{shown(limit, 'blocks')}), in {told(first.stat, 'calls')} calls of {told(first.stat, 'mean_ms')}."
    elif need.seen_in_plan:
        plan = first.rows[PLAN]
        said = f"{what} reads and throws away {told(plan, 'rows_removed')} rows in a run (limit "
        said += f"{shown(SCAN_ROWS, '1')}); the log holds {told(plan, 'plans')} such plans of up to "
        said += f"{told(plan, 'max_ms')}."
    else:
        row = need.table_row or first.rows[LOG]
        said = f"{need.table} is scanned whole, {told(row, 'rows_per_seq_scan')} rows each time (limit "
        said += f"{shown(SCAN_ROWS, '1')}), while {what} takes {told(first.rows[LOG], 'mean_ms')} on average."
        return said + others
    return said + others + (scans.format(told(need.table_row, "rows_per_seq_scan")) if scans and need.table_row else "")


def _create_index(need: Need) -> str:
    """A B-tree by its columns; by what is made of one; or of the parts of a text, which only a trigram index finds."""
    if need.sort == PATTERN:
        name = quote_name(f"{need.table.rsplit('.', 1)[-1]}_{need.columns[0]}_trgm"[:63])
        column = f"{quote_name(need.columns[0])} gin_trgm_ops"
        return (
            f"CREATE EXTENSION IF NOT EXISTS pg_trgm;\nCREATE INDEX CONCURRENTLY {name} ON {sql_name(need.table)} "
            f"USING gin ({column});"
        )
    if need.sort == COMPUTED:
        words = re.sub(r"\W+", "_", "_".join((need.table.rsplit(".", 1)[-1], *need.columns))).strip("_")
        return (
            f"CREATE INDEX CONCURRENTLY {quote_name(words[:59] + '_idx')} ON {sql_name(need.table)} "
            f"({', '.join(need.columns)});"
        )
    return Index(need.table, (*need.columns, *need.order)).create_statement()


def _of_table(row: Evidence) -> Hit:
    told = Told()
    said = (
        f"{row.subject} is scanned whole: {told(row, 'rows_per_seq_scan')} rows in each of {told(row, 'seq_scan')} "
        f"scans (limit {shown(SCAN_ROWS, '1')} rows). An export of pg_stat_statements would name the columns."
    )
    told.also(row, "seq_tup_read", "idx_scan", "live")
    return Hit(
        subject=Subject("table", row.subject),
        title=f"{row.subject} is read whole, without index",
        said=said,
        cites=told.cites,
        limit=SCAN_ROWS,
        breach=False,
        utilisation=None,
        tables=(row.subject,),
    )


RULE = Rule(
    id="PG001",
    slug="missing-index",
    area="postgres",
    mechanism="missing-index",
    title="Filter columns have no index",
    needs=(),
    needs_any=((STAT, "blocks_per_row"), ("pg.table", "rows_per_seq_scan"), (PLAN, "rows_removed")),
    threshold=Threshold(
        100,
        "blocks",
        "An index reaches a row in 4 to 10 blocks; above 100 blocks (800 kB) for each returned row, on a table of "
        "10,000 rows or more, the statement reads what it throws away.",
        "PgHero, missing-index check (10,000 rows); pganalyze, slow-scan insight",
    ),
    degradation=0.3,
    why="The database reads a whole table to find a few rows. The time grows with every order or customer you add, and "
    "it takes capacity from all other pages.",
    fix=(
        "Create the index with CONCURRENTLY, so that writes go on while it is built.",
        "Check that it is valid (pg_index.indisvalid) and drop and repeat it if not.",
        "Run ANALYZE on the table and compare EXPLAIN (ANALYZE, BUFFERS) before and after.",
        "Add the index to the migrations of the application, so that it survives the next environment.",
    ),
    first_slice=FirstSlice("Build the index on production with CONCURRENTLY and compare the plan", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.9,
    verify="Blocks for each returned row fall below 10 in a new export of pg_stat_statements.",
    rollback="DROP INDEX CONCURRENTLY removes it; nothing else depends on it.",
    references=(
        "PostgreSQL, Building Indexes Concurrently "
        "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY",
        "PgHero, missing indexes https://github.com/ankane/pghero",
    ),
    check=check,
)
