"""Transactions stay open without doing anything: by the log, or by the sessions at one moment."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import idle_holder
from telemetry.rules.lock_waits import LONG_WAIT_MS, MANY_WAITS, held_application
from telemetry.rules.numbers import Told, largest, shown
from telemetry.rules.shapes import Above, Wording, as_server, first_of

IDLE_S = 300.0  # pgEdge AI DBA Workbench
LONG_S = 3_600.0
# While more than five sessions wait for locks, seconds are enough: the work that was done is not what takes the time.
BLOCKING_S = LONG_WAIT_MS / 1000
_SNIPPET = (
    "SELECT pid, application_name, now() - xact_start AS open_for, query FROM pg_stat_activity\n"
    "    WHERE state = 'idle in transaction' ORDER BY xact_start;"
)


def _by_sessions(evidence: EvidenceSet, _: Threshold) -> Iterator[Hit]:
    """A session that had been idle inside a transaction for minutes when the sessions were listed."""
    row = largest(evidence.of("pg.activity"), "longest_idle_in_transaction_s")
    if row is None:
        return
    waiting = row.metrics.get("waiting_for_lock", 0.0)
    limit = BLOCKING_S if waiting > MANY_WAITS else IDLE_S
    if row.metrics["longest_idle_in_transaction_s"] <= limit:
        return
    told, holder, held = Told(), idle_holder(evidence), held_application(evidence)
    said = (
        f"{f'A session of {holder.subject}' if holder else 'A session'} had been idle inside a transaction for "
        f"{told(row, 'longest_idle_in_transaction_s')} (limit {shown(limit, 's')}); its locks were held all the time"
    )
    if waiting:
        said += f", and {told(row, 'waiting_for_lock')} sessions waited for a lock"
    if held is not None:
        said += f": {told(held, 'waiting_for_lock')} of the {told(held, 'sessions')} of {held.subject}"
    told.also(row, "idle_in_transaction", "sessions")
    yield Hit(
        subject=Subject("application", holder.subject) if holder else Subject("server", "postgres"),
        title="A transaction is left open, idle",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=waiting > 0 or row.metrics["longest_idle_in_transaction_s"] >= LONG_S,
        shared=held is not None,
        snippet=_SNIPPET,
    )


RULE = Rule(
    id="PG017",
    slug="long-transaction",
    area="postgres",
    mechanism="long-transaction",
    title="Transactions stay open and idle",
    needs=(),
    needs_any=(
        ("pg.log.server", "idle_in_transaction_timeouts"),
        ("pg.activity", "longest_idle_in_transaction_s"),
        ("pg.activity", "idle_in_transaction"),
    ),
    threshold=Threshold(
        0,
        "1",
        "The server ends a session only after it sat idle inside a transaction for the whole timeout, locks held. "
        "Among "
        "sessions that were listed at one moment, five minutes, or 5 s while more than five wait for locks.",
        "pganalyze Log Insights, idle-in-transaction timeout (SQLSTATE 25P03); pgEdge AI DBA Workbench (300 s)",
    ),
    degradation=0.6,
    why="A part of the application opens a transaction and then waits for something else. Its locks block others, and "
    "in the end the database cuts it off with an error.",
    fix=(
        "Take user and application from the log lines and find the path that opens the transaction.",
        "Move external calls, file work and waiting for people out of it.",
        "Close the connection's transaction in every error path.",
    ),
    first_slice=FirstSlice("Find the path by its application name and close its transaction", 6),
    effort=Effort(0.5, 1, 2),
    removes=0.8,
    verify="No SQLSTATE 25P03 in a week of logs.",
    rollback="Revert the change of the transaction's boundary.",
    references=(
        "PostgreSQL, idle_in_transaction_session_timeout "
        "https://www.postgresql.org/docs/current/runtime-config-client.html",
    ),
    check=first_of(
        Above(
            kind="pg.log.server",
            metric="idle_in_transaction_timeouts",
            subject=as_server("postgres"),
            wording=Wording(
                title="Idle transactions are cut off",
                said="Sessions that sat idle inside a transaction until PostgreSQL ended them: {value} (limit "
                "none); each "
                "had held its locks until then.",
                also=("lock_waits",),
                snippet=_SNIPPET,
            ),
        ),
        _by_sessions,
    ),
)
