"""Transactions stay open without doing anything until the server ends them."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.shapes import Above, Wording, as_server

RULE = Rule(
    id="PG017",
    slug="long-transaction",
    area="postgres",
    mechanism="long-transaction",
    title="Transactions stay open and idle",
    needs=(("pg.log.server", "idle_in_transaction_timeouts"),),
    threshold=Threshold(
        0,
        "1",
        "The server ends a session only after it sat idle inside a transaction for the whole timeout, locks held.",
        "pganalyze Log Insights, idle-in-transaction timeout (SQLSTATE 25P03)",
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
    check=Above(
        kind="pg.log.server",
        metric="idle_in_transaction_timeouts",
        subject=as_server("postgres"),
        wording=Wording(
            title="Idle transactions are cut off",
            said="Sessions that sat idle inside a transaction until PostgreSQL ended them: {value} (limit none); each "
            "had held its locks until then.",
            also=("lock_waits",),
            snippet="SELECT pid, application_name, now() - xact_start AS open_for, query FROM pg_stat_activity\n"
            "    WHERE state = 'idle in transaction' ORDER BY xact_start;",
        ),
    ),
)
