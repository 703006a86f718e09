"""A schema change queues for a table, and everything that comes later queues behind it."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.ddl_locks import Change, changes
from telemetry.rules.lock_waits import held_application
from telemetry.rules.numbers import Told, shown

WAITED_MS = 1_000.0


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table; several witnesses of one change stand together."""
    found: dict[str, list[Change]] = {}
    for change in changes(evidence):
        limit = WAITED_MS if change.metric == "wait_max_ms" else threshold.value
        if change.row.metrics.get(change.metric, 0.0) > limit:
            found.setdefault(change.table, []).append(change)
    for table, seen in found.items():
        first = min(seen, key=lambda one: (one.metric, one.row.subject))
        yield _hit(table, first, seen, threshold.value, held_application(evidence) if len(found) == 1 else None)


def _hit(table: str, first: Change, seen: list[Change], limit: float, held: Evidence | None) -> Hit:
    told = Told()
    if first.metric == "wait_max_ms":
        decided = WAITED_MS
        said = (
            f"A change of {table} waited {told(first.row, 'wait_max_ms')} for its lock (limit "
            f"{shown(WAITED_MS, 'ms')}); meanwhile every query of {table} waits behind it."
        )
    else:
        decided = limit
        said = (
            f"A lock that excludes everyone stands on {table}, and {told(first.row, first.metric)} sessions waited "
            f"(limit {shown(limit, '1')})."
        )
    if held is not None:
        said += (
            f" {told(held, 'waiting_for_lock')} of the {told(held, 'sessions')} connections of {held.subject} waited "
            "at one moment: no page gets one."
        )
    for change in seen:
        told.also(change.row, "wait_max_ms", "wait_max_s", "waits", "blocked")
    return Hit(
        subject=Subject("table", table),
        title=f"A schema change blocks {table}",
        said=said,
        cites=told.cites,
        limit=decided,
        breach=True,
        tables=(table,),
        shared=held is not None,
        snippet="-- at the start of every migration; try again when it fails\nSET lock_timeout = '2s';",
    )


RULE = Rule(
    id="PG039",
    slug="ddl-lock",
    area="postgres",
    mechanism="ddl-lock",
    title="Schema changes block traffic",
    needs=(),
    needs_any=(("pg.log.lock", "wait_max_ms"), ("pg.blocking", "blocked"), ("pg.locks.object", "waiting")),
    threshold=Threshold(
        1,
        "1",
        "One session that waits is the change itself or one query; with a second the queue has begun. In the log one "
        "second, the shortest wait that is logged by default.",
        "PostgreSQL documentation, ACCESS EXCLUSIVE conflicts with every lock; deadlock_timeout 1 s",
    ),
    degradation=0.6,
    why="A change of the table waits for running queries, and all new ones wait behind it. A change that takes a "
    "millisecond can stop the shop for minutes.",
    fix=(
        "Set lock_timeout to a few seconds in every migration and try again later.",
        "Look for long transactions before it starts.",
        "Use forms that do not lock: CREATE INDEX CONCURRENTLY, NOT VALID and VALIDATE, columns without default first.",
    ),
    first_slice=FirstSlice("Put lock_timeout into the migration tool's connection", 2),
    effort=Effort(0.25, 0.5, 1),
    removes=0.9,
    verify="The next migration ends or fails within its lock_timeout, and no query waits longer.",
    rollback="Cancel the waiting change; nothing was changed yet.",
    references=("PostgreSQL, ALTER TABLE https://www.postgresql.org/docs/current/sql-altertable.html",),
    check=check,
)
