"""Analytics compete with transactional work."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.statements import LOG, STAT, Statement, statements

REGULAR_RUNS = 10  # a nightly report is no competition
MANY_REPORTS = 5  # of different shape: an application has one or two, a warehouse a dozen
BULK_BLOCKS = 1_280  # 10 MB a run


def is_report(statement: Statement, limit: float) -> bool:
    """An aggregate over a span of rows, not one parent's, that is slow because of what it reads, again and again."""
    runs = statement.number(STAT, "calls") if statement.stat is not None else statement.number(LOG, "count")
    return ((runs or 0.0) > REGULAR_RUNS or statement.dominates) and _reads_in_bulk(statement, limit)


def _reads_in_bulk(statement: Statement, limit: float) -> bool:
    if statement.verb != "SELECT" or not statement.has("aggregate") or statement.attrs.get("equality"):
        return False
    if statement.stat is None:
        return (statement.number(LOG, "mean_ms") or 0.0) > limit
    bulk = statement.number(STAT, "blocks_per_call")
    return (statement.number(STAT, "mean_ms") or 0.0) > limit and (bulk is None or bulk > BULK_BLOCKS)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per statement; a few runs that took most of the time may be a night's or a minute's."""
    if _is_warehouse(evidence, threshold.value):
        yield CannotTell("pg_stat_statements of the server that takes the orders: this one seems to do reports only")
        return
    for statement in statements(evidence):
        if is_report(statement, threshold.value):
            yield _hit(statement, threshold.value)
        elif statement.may_dominate and _reads_in_bulk(statement, threshold.value):
            yield CannotTell(
                f"PostgreSQL log, or pg_stat_statements again later: how often {statement.subject.name} runs"
            )


def _is_warehouse(evidence: EvidenceSet, limit: float) -> bool:
    """Many different reports, and less of all other work than of them: there is nothing that they compete with."""
    asked = [statement for statement in statements(evidence) if statement.tables and not statement.is_about_server]
    reports = [statement for statement in asked if is_report(statement, limit)]
    return len(reports) >= MANY_REPORTS and sum(map(_runs, asked)) < 2 * sum(map(_runs, reports))


def _runs(statement: Statement) -> float:
    metric = (STAT, "calls") if statement.stat is not None else (LOG, "count")
    return statement.number(*metric) or 0.0


def _hit(statement: Statement, limit: float) -> Hit:
    told, stat = Told(), statement.stat
    what = f"A report over {' and '.join(statement.tables[:2]) or 'the database'}"
    if stat is not None:
        said = f"{what} takes {told(stat, 'mean_ms')} on average (limit {shown(limit, 'ms')}) in {told(stat, 'calls')} "
        if "blocks_per_call" in stat.metrics:
            said += f"runs, each over {told(stat, 'blocks_per_call')} blocks, on the server that takes the orders."
        else:
            said += "runs, on the server that takes the orders."
        told.also(stat, "max_ms", "share")
    else:
        row = statement.rows[LOG]
        said = f"{what} takes {told(row, 'mean_ms')} on average (limit {shown(limit, 'ms')}) in {told(row, 'count')} "
        said += "logged runs, on the server that takes the orders."
        told.also(row, "max_ms", "share")
    return Hit(
        subject=statement.subject,
        title=f"Reports over {statement.main_table} run on the primary",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        tables=statement.tables,
    )


RULE = Rule(
    id="PG011",
    slug="reporting-on-primary",
    area="postgres",
    mechanism="reporting-on-primary",
    title="Reports run on the primary database",
    needs=(),
    needs_any=((STAT, "mean_ms"), (LOG, "mean_ms")),
    threshold=Threshold(
        250,
        "ms",
        "Transactional statements stay below 20 ms (PgHero); an aggregate of 250 ms, run more than ten times (or five "
        "an hour, when it takes half of all query time), reads in bulk and pushes their rows out of memory.",
        "House limit, an order of magnitude above PgHero's slow query of 20 ms",
    ),
    degradation=0.3,
    why="Sales reports read months of rows on the same server that takes the orders. While one runs, checkouts wait, "
    "and the rows that customers need fall out of memory.",
    fix=(
        "List the reports with their readers and how fresh they must be.",
        "Compute them on a schedule into a summary table (or a materialized view), and let the page read that.",
        "Send what must stay ad hoc to a read replica with its own statement_timeout.",
    ),
    first_slice=FirstSlice("Cache the heaviest report for ten minutes", 5),
    effort=Effort(1, 2, 4),
    removes=0.8,
    verify="No aggregate above 250 ms on the primary during business hours in the next export.",
    rollback="Point the page back to the live query; the summary table can stay.",
    references=(
        "PostgreSQL, Materialized Views https://www.postgresql.org/docs/current/rules-materializedviews.html",
        "PostgreSQL, Hot Standby https://www.postgresql.org/docs/current/hot-standby.html",
    ),
    check=check,
)
