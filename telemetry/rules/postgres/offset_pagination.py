"""A page is reached by reading and throwing away all pages before it."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told, largest, shown
from telemetry.rules.statements import LOG, SMALL_TABLE_ROWS, STAT, Statement, statements, table_rows

SLOW_MS = 20.0  # PgHero's slow query
SLOW_PAGE_MS = 1_000.0  # a person notices the wait
DEEP_PAGE = 100


def pages(statement: Statement, limit: float) -> bool:
    """Reads by OFFSET and touches more blocks for each row than a page of neighbours would, or skips many rows."""
    return _offsets(statement) and (_touches(statement, limit) or (statement.stat is None and _skips(statement)))


def _touches(statement: Statement, limit: float) -> bool:
    return (statement.number(STAT, "blocks_per_row") or 0.0) > limit


def _skips(statement: Statement) -> bool:
    """The slowest run that was logged skips as many rows as a small table has at most."""
    return (statement.number(LOG, "rows_skipped") or 0.0) > SMALL_TABLE_ROWS


def _offsets(statement: Statement) -> bool:
    return statement.verb == "SELECT" and statement.has("offset") and not statement.has("aggregate")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per statement on a table that is large, or not known to be small."""
    tables = table_rows(evidence)
    deepest = largest(evidence.of("http.route"), "query_page_max")
    for statement in filter(_offsets, statements(evidence)):
        row = tables.get(statement.main_table)
        if row is not None and row.metrics.get("live", SMALL_TABLE_ROWS) < SMALL_TABLE_ROWS:
            continue
        if _touches(statement, threshold.value):
            yield _by_blocks(statement, threshold.value, deepest)
        elif statement.stat is None and (statement.number(LOG, "mean_ms") or 0.0) > SLOW_MS:
            if _skips(statement):
                yield _by_rows(statement)
            elif deepest is not None and deepest.metrics["query_page_max"] > DEEP_PAGE:
                yield _by_pages(statement, deepest)
            else:
                yield CannotTell(
                    f"pg_stat_statements: whether {statement.subject.name} is slow because of the pages it skips"
                )


def _by_blocks(statement: Statement, limit: float, deepest: Evidence | None) -> Hit:
    told, stat = Told(), statement.rows[STAT]
    said = (
        f"A page of {statement.main_table} read by OFFSET touches {told(stat, 'blocks_per_row')} blocks for each row "
        "it "
        f"shows (limit {shown(limit, 'blocks')}), {told(stat, 'mean_ms')} on average over {told(stat, 'calls')} calls."
    )
    if deepest is not None and deepest.metrics["query_page_max"] > DEEP_PAGE:
        said += f" The deepest page asked for is {told(deepest, 'query_page_max')}."
    told.also(stat, "max_ms", "share")
    mean, longest = stat.metrics.get("mean_ms", 0.0), stat.metrics.get("max_ms", 0.0)
    return _hit(statement, told, said, limit, max(mean / SLOW_MS, longest / SLOW_PAGE_MS))


def _by_pages(statement: Statement, deepest: Evidence) -> Hit:
    told = Told()
    said = (
        f"A page of {statement.main_table} read by OFFSET takes {told(statement.rows[LOG], 'mean_ms')} in the log "
        f"(limit {shown(SLOW_MS, 'ms')}), and pages up to {told(deepest, 'query_page_max')} are asked for."
    )
    return _hit(statement, told, said, SLOW_MS, 1.0)


def _by_rows(statement: Statement) -> Hit:
    told, row = Told(), statement.rows[LOG]
    said = (
        f"The slowest page of {statement.main_table} read by OFFSET skipped {told(row, 'rows_skipped')} rows (limit "
        f"{shown(SMALL_TABLE_ROWS, '1')}) and took {told(row, 'max_ms')}; all pages take {told(row, 'mean_ms')} on "
        "average."
    )
    told.also(row, "count", "share")
    return _hit(statement, told, said, SMALL_TABLE_ROWS, 1.0)


def _hit(statement: Statement, told: Told, said: str, limit: float, load: float) -> Hit:
    return Hit(
        subject=statement.subject,
        title=f"Deep pages of {statement.main_table} read everything before",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=load >= 1,
        utilisation=None if load >= 1 else load,
        tables=statement.tables,
    )


RULE = Rule(
    id="PG009",
    slug="offset-pagination",
    area="postgres",
    mechanism="offset-pagination",
    title="Deep pages read everything before them",
    needs=(),
    needs_any=((STAT, "blocks_per_row"), (LOG, "mean_ms")),
    threshold=Threshold(
        10,
        "blocks",
        "Neighbouring rows share blocks or cost a few each; more than ten for each row shown are rows that were "
        "skipped.",
        "pganalyze EXPLAIN insights, large offset",
    ),
    degradation=0.3,
    why="Page 1,000 of a list costs a thousand times page 1. Lists that grow with the business get slower every month, "
    "and one crawler on the last pages slows all visitors.",
    fix=(
        "Sort by a unique, indexed key (created_at, id) and hand the last one seen to the next page.",
        "Replace OFFSET by WHERE (created_at, id) < ($1, $2) in the same order.",
        "Keep page numbers only for the first ten pages, where people use them.",
    ),
    first_slice=FirstSlice("Read the heaviest list by its last seen key", 8),
    effort=Effort(0.5, 1.5, 3),
    removes=0.9,
    verify="Blocks for each row fall below ten, and page 1,000 takes as long as page 1.",
    rollback="Keep the old parameter beside the new one for a release.",
    references=(
        "PostgreSQL, LIMIT and OFFSET https://www.postgresql.org/docs/current/queries-limit.html",
        "Use The Index, Luke, No Offset https://use-the-index-luke.com/no-offset",
    ),
    check=check,
)
