"""Sessions wait for locks at the moment they were listed."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.ddl_locks import locked_by_change
from telemetry.rules.lock_waits import LONG_WAIT_MS, waiting
from telemetry.rules.numbers import Told, largest, shown, worst_each

LONG_S = LONG_WAIT_MS / 1000
# Where each file counts those that wait.
_COUNTS = (("pg.locks", "processes_waiting"), ("pg.activity", "waiting_for_lock"))


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table that is named; else one for the server. Tables that statements speak for are left to them."""
    known = {table for statement in waiting(evidence) for table in statement.tables[:1]} | locked_by_change(evidence)
    is_named = bool(known)
    for table, row, metric in _named(evidence):
        if _is_queue(row, metric, threshold.value) and table not in known:
            known.add(table)
            is_named = True
            yield _hit(Subject("table", table), row, metric, threshold.value)
    if is_named:
        return
    for kind, metric in _COUNTS:
        found = largest(evidence.of(kind), metric)
        if found is not None and _is_queue(found, metric, threshold.value):
            yield _hit(Subject("server", "postgres"), found, metric, threshold.value)
            return


def _named(evidence: EvidenceSet) -> Iterator[tuple[str, Evidence, str]]:
    """(table, row, metric) of every table that sessions are known to wait for."""
    for row in worst_each(evidence.of("pg.blocking"), "blocked"):
        for table in (row.attrs.get("tables") or ())[:1]:
            yield str(table), row, "blocked"
    for row in worst_each(evidence.of("pg.locks.object"), "waiting"):
        is_table = row.subject not in _TYPES and not row.subject.startswith("relation ")
        if is_table:
            yield row.subject, row, "waiting"


_TYPES = frozenset(
    (
        *("transactionid", "tuple", "virtualxid", "extend", "page", "advisory", "object", "userlock"),
        *("applytransaction", "frozenid", "spectoken", "relation"),
    )
)


def _is_queue(row: Evidence, metric: str, limit: float) -> bool:
    count = row.metrics.get(metric, 0.0)
    return count > limit or (count > 0 and row.metrics.get("wait_max_s", 0.0) > LONG_S)


def _hit(subject: Subject, row: Evidence, metric: str, limit: float) -> Hit:
    told, is_table = Told(), subject.kind == "table"
    on = f" on {subject.name}" if is_table else ""
    if row.metrics[metric] > limit:
        said = f"{told(row, metric)} sessions waited for a lock{on} at one moment (limit {shown(limit, '1')})"
        said += f", the longest for {told(row, 'wait_max_s')}" if "wait_max_s" in row.metrics else ""
        decided = limit
    else:
        said = f"A session waited {told(row, 'wait_max_s')} for a lock{on} (limit {shown(LONG_S, 's')})"
        said += f"; {told(row, metric)} waited at that moment"
        decided = LONG_S
    told.also(row, "blockers", "held_max_s", "processes_blocking", "sessions")
    return Hit(
        subject=subject,
        title=f"Sessions wait for locks{on}",
        said=said + ".",
        cites=told.cites,
        limit=decided,
        breach=True,
        tables=(subject.name,) if is_table else (),
        shared=not is_table,
        snippet="SELECT waiting.pid, waiting.query AS waits, holding.pid AS held_by, holding.state, holding.query "
        "AS holds\n"
        "    FROM pg_stat_activity waiting\n"
        "    CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker(pid)\n"
        "    JOIN pg_stat_activity holding ON holding.pid = blocker.pid;",
    )


RULE = Rule(
    id="PG038",
    slug="blocked-sessions",
    area="postgres",
    mechanism="lock-contention",
    title="Sessions are blocked by others",
    needs=(),
    needs_any=(
        ("pg.blocking", "blocked"),
        ("pg.locks", "processes_waiting"),
        ("pg.locks.object", "waiting"),
        ("pg.activity", "waiting_for_lock"),
    ),
    threshold=Threshold(
        5,
        "1",
        "A list of one moment seldom shows a wait at all; more than five at once, or one of more than 5 s, are a "
        "queue.",
        "pgEdge AI DBA Workbench, blocked sessions above 5",
    ),
    degradation=0.6,
    why="At the moment of looking, requests stood in a queue behind one that held what they needed. Each of them is a "
    "customer who sees a page that hangs.",
    fix=(
        "Find what the holder does while it holds: an external call, a long read, or nothing at all.",
        "Move that work out of the transaction, so that the lock is held for milliseconds.",
        "Set lock_timeout for the application's role, so that a queue fails fast.",
    ),
    first_slice=FirstSlice("Take the slowest call out of the transaction that blocks", 8),
    effort=Effort(0.5, 1.5, 4),
    removes=0.8,
    verify="Ten lists of sessions at peak show no wait of more than a second.",
    rollback="Revert the change of the transaction's boundary.",
    references=("PostgreSQL, Explicit Locking https://www.postgresql.org/docs/current/explicit-locking.html",),
    check=check,
)
