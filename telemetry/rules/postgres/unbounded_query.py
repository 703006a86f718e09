"""A result without a limit grows with the data."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.statements import STAT, Statement, statements

REGULAR_CALLS = 20  # an export or a migration script runs now and then


def is_unbounded(statement: Statement, limit: float) -> bool:
    """A SELECT without LIMIT or aggregate that returns more rows than a page shows, as a habit."""
    rows, calls = statement.number(STAT, "rows_per_call") or 0.0, statement.number(STAT, "calls") or 0.0
    open_ended = not (statement.has("limit") or statement.has("aggregate") or statement.has("for_update"))
    return statement.verb == "SELECT" and open_ended and rows > limit and calls >= REGULAR_CALLS


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per statement."""
    for statement in statements(evidence):
        stat = statement.stat
        if stat is None or not is_unbounded(statement, threshold.value):
            continue
        told = Told()
        said = (
            f"SELECT on {statement.main_table} without LIMIT returns {told(stat, 'rows_per_call')} rows a call (limit "
            f"{shown(threshold.value, '1')}), {told(stat, 'rows')} rows in {told(stat, 'calls')} calls."
        )
        told.also(stat, "mean_ms", "share")
        yield Hit(
            subject=statement.subject,
            title=f"Reads of {statement.main_table} have no limit",
            said=said,
            cites=told.cites,
            limit=threshold.value,
            utilisation=min(1.0, stat.metrics.get("mean_ms", 0.0) / 1_000),
            tables=statement.tables,
        )


RULE = Rule(
    id="PG010",
    slug="unbounded-query",
    area="postgres",
    mechanism="unbounded-query",
    title="A read has no limit",
    needs=((STAT, "rows_per_call"),),
    threshold=Threshold(
        1_000,
        "1",
        "No page shows a thousand rows; what returns more grows with the data until it fills the memory of the "
        "process.",
        "Supabase API settings, maximum of 1,000 rows",
    ),
    degradation=0.3,
    why="The page asks for everything there is. It was quick when there was little; with ten times the customers it "
    "needs ten times the time and memory, and one day does not answer.",
    fix=(
        "Find what is shown of the result: a page, a count, a sum.",
        "Add a LIMIT with an order, and let the page ask for more by the last key seen.",
        "Move exports to a background job that reads in batches through a cursor.",
    ),
    first_slice=FirstSlice("Put a LIMIT of 1,000 on the statement and log when it is reached", 4),
    effort=Effort(0.5, 1, 2),
    removes=0.9,
    verify="Rows a call stay under 1,000 in the next pg_stat_statements export.",
    rollback="Remove the LIMIT; nothing is stored by it.",
    references=("PostgreSQL, LIMIT and OFFSET https://www.postgresql.org/docs/current/queries-limit.html",),
    check=check,
)
