"""A transaction that has run for many minutes at the moment the sessions were listed."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import idle_holder
from telemetry.rules.numbers import Told, largest, shown, worst_each
from telemetry.rules.postgres.long_transaction import IDLE_S, LONG_S

# Backups and copies read for as long as they need; they are planned.
_COPIES = re.compile(
    r"pg_dump|pg_restore|pg_basebackup|pgbackrest|barman|wal-g|walreceiver|pg_repack|logical|debezium", re.I
)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per application; a transaction that does nothing at all is the idle rule's."""
    server = largest(evidence.of("pg.activity"), "longest_transaction_s")
    idle = server.metrics.get("longest_idle_in_transaction_s", 0.0) if server is not None else 0.0
    holder = idle_holder(evidence) if idle > IDLE_S else None
    for row in worst_each(evidence.of("pg.activity.application"), "longest_transaction_s"):
        told_already = holder is not None and row.subject == holder.subject
        if (
            row.metrics["longest_transaction_s"] > threshold.value
            and not told_already
            and not _COPIES.search(row.subject)
        ):
            yield _hit(row, server, threshold.value)


def _hit(row: Evidence, server: Evidence | None, limit: float) -> Hit:
    told = Told()
    seconds = row.metrics["longest_transaction_s"]
    said = (
        f"A transaction of {row.subject} had been open for {told(row, 'longest_transaction_s')} (limit "
        f"{shown(limit, 's')}); nothing that was deleted or changed since can be cleaned away"
    )
    waiting = server is not None and server.metrics.get("waiting_for_lock", 0.0) > 0
    if server is not None and waiting:
        said += f", and {told(server, 'waiting_for_lock')} sessions waited for a lock"
    return Hit(
        subject=Subject("application", row.subject),
        title=f"A transaction of {row.subject} runs long"
        if len(row.subject.split()) < 3
        else "A transaction runs long",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=waiting or seconds >= LONG_S,
        snippet="SELECT pid, application_name, now() - xact_start AS open_for, state, query FROM pg_stat_activity\n"
        "    WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 10;",
    )


RULE = Rule(
    id="PG037",
    slug="open-transactions",
    area="postgres",
    mechanism="long-transaction",
    title="Transactions run for many minutes",
    needs=(("pg.activity.application", "longest_transaction_s"),),
    threshold=Threshold(
        600,
        "s",
        "Ten minutes is long for anything but a backup; until it ends vacuum keeps every dead row of the whole "
        "database.",
        "pgEdge AI DBA Workbench, transaction age (600 s); awesome-prometheus-alerts (120 s)",
    ),
    degradation=0.3,
    why="While one long piece of work is open, the database can clean up nothing anywhere, and whoever needs the same "
    "rows waits. It gets slower by the minute.",
    fix=(
        "Find the statement in pg_stat_activity and what started it.",
        "Split batch work into transactions of some thousand rows.",
        "Give reports a replica, or a role with a statement_timeout of minutes.",
    ),
    first_slice=FirstSlice("Split the longest batch into small transactions", 6),
    effort=Effort(0.5, 1, 3),
    removes=0.8,
    verify="No transaction older than ten minutes in pg_stat_activity over a day.",
    rollback="Revert the batch size; the data is the same.",
    references=("PostgreSQL, Routine Vacuuming https://www.postgresql.org/docs/current/routine-vacuuming.html",),
    check=check,
)
