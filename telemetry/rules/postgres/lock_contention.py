"""Sessions wait for row or table locks."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.lock_waits import LONG_WAIT_MS, SILENT_MS, held_application, waiting
from telemetry.rules.numbers import Told, shown
from telemetry.rules.reported import NEED, Reported
from telemetry.rules.statements import LOCK, STAT, Statement


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table; the statement that waits longest is quoted, the others are cited.

    Where nearly all connections of an application wait, the table with the longest waits stops every page.
    """
    held = held_application(evidence)
    by_table: dict[str, list[Statement]] = {}
    for statement in waiting(evidence):
        by_table.setdefault(statement.main_table or statement.subject.name, []).append(statement)
    for table, found in by_table.items():
        yield _hit(table, found, threshold.value, held)
        held = None


def _hit(table: str, found: list[Statement], limit: float, held: Evidence | None) -> Hit:
    first, told = found[0], Told()
    lock = first.rows.get(LOCK)
    if lock is not None:
        many = lock.metrics.get("waits", 0.0) > limit
        said = _logged(first, table, told, limit) if many else _long(first, table, told)
        decided = limit if many else LONG_WAIT_MS
    else:
        said, decided = _silent(first, table, told), SILENT_MS
    if held is not None:
        said += (
            f" {told(held, 'waiting_for_lock')} of the {told(held, 'sessions')} connections of {held.subject} waited "
            "at one moment: no page gets one."
        )
    for statement in found:
        for kind, metrics in ((LOCK, ("waits", "wait_total_ms")), (STAT, ("mean_ms", "calls", "blocks_per_call"))):
            if row := statement.rows.get(kind):
                told.also(row, *metrics)
    named = table == first.main_table
    return Hit(
        subject=Subject("table", table) if named else first.subject,
        title=f"Sessions queue for locks on {table}" if named else "Sessions queue for locks",
        said=said,
        cites=told.cites,
        limit=decided,
        breach=True,
        tables=tuple(dict.fromkeys(name for statement in found for name in statement.tables)),
        shared=held is not None,
        snippet=_SNIPPET,
    )


def _logged(first: Statement, table: str, told: Told, limit: float) -> str:
    lock = first.rows[LOCK]
    return (
        f"{first.verb} on {table} waited for a lock {told(lock, 'waits')} times (limit {shown(limit, '1')}), "
        f"{told(lock, 'wait_total_ms')} together and {told(lock, 'wait_max_ms')} at most."
    )


def _long(first: Statement, table: str, told: Told) -> str:
    lock = first.rows[LOCK]
    return (
        f"{first.verb} on {table} waited {told(lock, 'wait_max_ms')} for a lock (limit {shown(LONG_WAIT_MS, 'ms')}); "
        f"waits in the log: {told(lock, 'waits')}."
    )


def _silent(first: Statement, table: str, told: Told) -> str:
    stat = first.rows[STAT]
    return (
        f"{first.verb} on {table} takes {told(stat, 'mean_ms')} on average (limit {shown(SILENT_MS, 'ms')}) although "
        "it "
        f"touches {told(stat, 'blocks_per_call')} blocks, {told(stat, 'hit_share')} of them in memory; over "
        f"{told(stat, 'calls')} calls the time goes into waiting for other sessions."
    )


_SNIPPET = """SELECT waiting.pid, waiting.query AS waits, holding.pid AS held_by, holding.state, holding.query AS holds
    FROM pg_stat_activity waiting
    CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker(pid)
    JOIN pg_stat_activity holding ON holding.pid = blocker.pid;"""

RULE = Rule(
    id="PG003",
    slug="lock-contention",
    area="postgres",
    mechanism="lock-contention",
    title="Sessions queue for locks",
    needs=(),
    needs_any=((LOCK, "waits"), (STAT, "blocks_per_call"), ("pg.log.server", "lock_waits"), NEED),
    threshold=Threshold(
        5,
        "1",
        "Each logged wait lasted longer than deadlock_timeout (1 s by default). More than five are a queue, not an "
        "accident; so is a single wait of 5 s, or a write of 50 ms over a few cached blocks.",
        "pgEdge AI DBA Workbench, blocked sessions above 5",
    ),
    degradation=0.6,
    why="Customers who buy at the same moment wait for each other in a row. The wait grows with the square of the "
    "rush, so it is worst on the best day.",
    fix=(
        "Find what is held while waiting: an external call, an e-mail or a slow read inside the transaction.",
        "Move that work before or after the transaction, so that the lock is held for milliseconds.",
        "Replace a counter row by a sequence, or spread it over several rows that are summed when read.",
        "Set lock_timeout for the application role, so that a queue fails fast and visibly.",
    ),
    first_slice=FirstSlice("Take the slowest call out of the transaction that holds the lock", 8),
    effort=Effort(1, 2, 4),
    removes=0.8,
    verify="With log_lock_waits on, waits on this table fall below five a day, and the statement's mean below 20 ms.",
    rollback="Revert the change of the transaction's boundary; the data model is untouched.",
    references=(
        "PostgreSQL, Explicit Locking https://www.postgresql.org/docs/current/explicit-locking.html",
        "PostgreSQL, log_lock_waits https://www.postgresql.org/docs/current/runtime-config-logging.html",
    ),
    check=Reported(
        check=check,
        witnesses=((LOCK, "waits"), (STAT, "blocks_per_call"), ("pg.log.server", "lock_waits")),
        cause="lock_timeout",
        subject=Subject("server", "postgres"),
        title="Requests give up waiting for locks",
        said="they waited for a lock until their time was up",
        shared=False,
    ),
)
