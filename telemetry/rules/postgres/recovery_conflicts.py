"""Reads on a replica are cancelled because changes of the primary cannot wait for them."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """By the replica's log, else by what its counters grew between two snapshots.

    Only a replica counts conflicts: where none was ever counted, the files are those of a primary and clear nobody.
    """
    logged = largest(evidence.of("pg.log.server"), "recovery_conflicts")
    changed = largest(evidence.of("pg.database.change"), "conflicts")
    for row, metric in ((logged, "recovery_conflicts"), (changed, "conflicts")):
        if row is not None and row.metrics[metric] > threshold.value:
            yield _hit(row, metric, threshold.value)
            return
    ever = largest(evidence.of("pg.database"), "conflicts")
    counted = ((logged, "recovery_conflicts"), (changed, "conflicts"), (ever, "conflicts"))
    if not any(row is not None and row.metrics[metric] > 0 for row, metric in counted):
        yield CannotTell("the log of a replica, or two of its pg_stat_database some hours apart")


def _hit(row: Evidence, metric: str, limit: float) -> Hit:
    told = Told()
    where = "in the log" if metric == "recovery_conflicts" else "between two snapshots"
    return Hit(
        subject=Subject("replica", "postgres"),
        title="The replica cancels reads",
        said=f"The replica cancelled {told(row, metric)} statements {where} (limit {shown(limit, '1')}) to apply "
        f"changes "
        "of the primary.",
        cites=told.cites,
        limit=limit,
        breach=True,
        snippet="ALTER SYSTEM SET hot_standby_feedback = on;\nSELECT pg_reload_conf();",
    )


RULE = Rule(
    id="PG065",
    slug="recovery-conflicts",
    area="postgres",
    mechanism="replication-lag",
    title="Replicas cancel reads to catch up",
    needs=(),
    needs_any=(("pg.log.server", "recovery_conflicts"), ("pg.database.change", "conflicts")),
    threshold=Threshold(
        10,
        "1",
        "A report of half an hour is cancelled now and then; more than ten are what readers live with.",
        "PostgreSQL documentation, handling query conflicts; House limit for the number",
    ),
    degradation=0.3,
    why="Reports and pages that read from the copy end with an error, because the copy has to keep up with the "
    "original. It happens most when the shop is busiest.",
    fix=(
        "Find the statements and how long they run.",
        "Set hot_standby_feedback, so that vacuum on the primary spares what the replica reads.",
        "Or allow more delay with max_standby_streaming_delay on a replica that is for reports only.",
    ),
    first_slice=FirstSlice("Set hot_standby_feedback on the replica and reload", 1),
    effort=Effort(0.1, 0.5, 1),
    removes=0.8,
    verify="No statement is cancelled with SQLSTATE 40001 and 'conflict with recovery' in a week.",
    rollback="ALTER SYSTEM RESET hot_standby_feedback and reload.",
    references=("PostgreSQL, Hot Standby https://www.postgresql.org/docs/current/hot-standby.html",),
    check=check,
)
