"""Opposite lock orders abort transactions."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown, worst_each
from telemetry.rules.reported import NEED, Reported

# Without a time: more than a hundred, and more than one in 100,000 transactions.
MANY, OFTEN = 100.0, 1e-5


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per set of tables; the server's total stands in when the log names none."""
    named = [
        row for row in worst_each(evidence.of("pg.log.deadlock"), "count") if row.metrics["count"] > threshold.value
    ]
    for row in named:
        yield _hit(row, "count", row.subject or "postgres", threshold.value)
    server = largest(evidence.of("pg.log.server"), "deadlocks")
    if not named and server is not None and server.metrics["deadlocks"] > threshold.value:
        yield _hit(server, "deadlocks", "", threshold.value)
    if server is None:
        yield from _by_counters(evidence, threshold.value)


def _by_counters(evidence: EvidenceSet, limit: float) -> Iterator[Hit | CannotTell]:
    """Between two snapshots each counts; a counter that ran for an unknown time says nothing of today."""
    counted = [row for row in evidence.of("pg.database.change") if row.metrics.get("deadlocks", 0.0) > limit]
    for row in worst_each(counted, "deadlocks"):
        yield _of_database(row, limit)
    old = largest(evidence.of("pg.database"), "deadlocks")
    if evidence.of("pg.database.change") or old is None or old.metrics["deadlocks"] <= limit:
        return
    many = max(MANY, OFTEN * old.metrics.get("commits", float("inf")))
    if old.metrics["deadlocks"] > many:
        yield _of_counter(old, many)
    else:
        yield CannotTell("the server's log, or a second pg_stat_database: when the counted deadlocks happened")


def _of_counter(row: Evidence, limit: float) -> Hit:
    """Many for the work that the same counters saw: whenever it was, it was no single accident."""
    told = Told()
    said = f"{row.subject} counted {told(row, 'deadlocks')} deadlocks (limit {shown(limit, '1')}) beside "
    said += f"{told(row, 'commits')} commits since its statistics began; when, the server's log would tell."
    told.also(row, "rollbacks")
    return Hit(
        subject=Subject("server", f"postgres/{row.subject}"),
        title="Deadlocks abort transactions",
        said=said,
        cites=told.cites,
        limit=limit,
        snippet="ALTER SYSTEM SET log_lock_waits = on;\nSELECT pg_reload_conf();",
    )


def _of_database(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = f"{row.subject} counted {told(row, 'deadlocks')} deadlocks between two snapshots (limit none)."
    told.also(row, "window_s", "commits")
    return Hit(
        subject=Subject("server", f"postgres/{row.subject}"),
        title="Deadlocks abort transactions",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        snippet="ALTER SYSTEM SET log_lock_waits = on;\nSELECT pg_reload_conf();",
    )


def _hit(row: Evidence, metric: str, tables: str, limit: float) -> Hit:
    told = Told()
    where = f" on {tables}" if tables else ""
    said = f"PostgreSQL aborted transactions{where} to end deadlocks ({told(row, metric)} in the log, limit none)."
    return Hit(
        subject=Subject("table", tables) if tables else Subject("server", "postgres"),
        title=f"Deadlocks abort transactions{where}" if len(tables.split()) < 5 else "Deadlocks abort transactions",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        tables=tuple(row.attrs.get("tables") or ()),
    )


_WITNESSES = (("pg.log.server", "deadlocks"), ("pg.database", "deadlocks"), ("pg.database.change", "deadlocks"))

RULE = Rule(
    id="PG004",
    slug="deadlock",
    area="postgres",
    mechanism="deadlock",
    title="Transactions abort each other in deadlocks",
    needs=(),
    needs_any=(*_WITNESSES, NEED),
    threshold=Threshold(
        0,
        "1",
        "A deadlock is a fault of lock order; with one order for all there is none, whatever the load.",
        "pgEdge AI DBA Workbench, deadlocks above 0",
    ),
    degradation=0.6,
    why="Two requests lock the same rows in opposite order, and the database ends one of them with an error. A "
    "customer sees it as a failed order or payment.",
    fix=(
        "Take the two transactions from the log lines and write down the order in which each locks its tables.",
        "Make both use the same order: lock parents before children, and rows by ascending id.",
        "Retry the whole transaction on SQLSTATE 40P01, at most three times with a random pause.",
        "Add a test that runs both paths at once.",
    ),
    first_slice=FirstSlice("Retry on 40P01 in the two paths that the log names", 4),
    effort=Effort(0.5, 1, 2),
    removes=0.9,
    verify="No 40P01 in a week of logs that holds a business peak.",
    rollback="Revert the order of statements; the retry may stay.",
    references=(
        "PostgreSQL, Deadlocks https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS",
    ),
    check=Reported(
        check=check,
        witnesses=_WITNESSES,
        cause="deadlock",
        subject=Subject("server", "postgres"),
        title="Deadlocks abort transactions",
        said="a deadlock ended their transaction",
    ),
)
