"""Transactions wait for the application more than a tenth of a second each, all day long."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

ENOUGH = 10_000  # transactions


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per database; what happened between two snapshots counts before what happened since a reset."""
    changed = worst_each(evidence.of("pg.database.change"), "idle_in_transaction_ms")
    recent = {row.subject for row in changed}
    since_reset = worst_each(evidence.of("pg.database"), "idle_in_transaction_ms")
    for row in [*changed, *(row for row in since_reset if row.subject not in recent)]:
        limit = threshold.value * row.metrics.get("commits", 0.0)
        is_most = row.metrics["idle_in_transaction_ms"] > row.metrics.get("active_ms", 0.0)
        if row.metrics.get("commits", 0.0) >= ENOUGH and row.metrics["idle_in_transaction_ms"] > limit and is_most:
            yield _hit(row, limit)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"Sessions of {row.subject} spent {told(row, 'idle_in_transaction_ms')} inside transactions waiting for the "
        f"application (limit {shown(limit, 'ms')} for {told(row, 'commits')} transactions)"
    )
    said += f", and {told(row, 'active_ms')} at work" if "active_ms" in row.metrics else ""
    return Hit(
        subject=Subject("application", row.subject),
        title="Transactions wait for the application",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=True,
        snippet="SELECT pid, application_name, now() - state_change AS idle_for, query FROM pg_stat_activity\n"
        "    WHERE state = 'idle in transaction' ORDER BY state_change;",
    )


RULE = Rule(
    id="PG045",
    slug="idle-transaction-time",
    area="postgres",
    mechanism="long-transaction",
    title="Transactions wait for the application's other work",
    needs=(),
    needs_any=(("pg.database", "idle_in_transaction_ms"), ("pg.database.change", "idle_in_transaction_ms")),
    threshold=Threshold(
        100,
        "ms",
        "Round trips inside a transaction cost a few milliseconds; a tenth of a second on average, over 10,000 "
        "transactions, is other work: an external call, a file, a calculation.",
        "House limit over pg_stat_database (PostgreSQL 14 and later)",
    ),
    degradation=0.3,
    why="The application opens a transaction and then does something else while rows stay locked and a connection is "
    "taken. Fewer customers fit on the same database.",
    fix=(
        "Find the code between BEGIN and COMMIT that calls another service, sends mail or computes.",
        "Move it before or after the transaction.",
        "Set idle_in_transaction_session_timeout to a few seconds for the application's role.",
    ),
    first_slice=FirstSlice("Move the slowest call out of its transaction", 8),
    effort=Effort(0.5, 1.5, 4),
    removes=0.7,
    verify="idle_in_transaction_time grows by less than 20 ms for each commit between two snapshots.",
    rollback="Revert the change of the transaction's boundary.",
    references=("PostgreSQL, pg_stat_database https://www.postgresql.org/docs/current/monitoring-stats.html",),
    check=check,
)
