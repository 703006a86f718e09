"""A replica is behind by more than a reader forgives, or lost its connection."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown

LAG_BYTES = 100 * 1024**2  # pgEdge, pganalyze
FAILURES = 2  # a restart of the replica is one


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per replica, by seconds where they are known; then what the log says of lost ones.

    A log without a failure is that of a server without replicas, too: it clears nobody.
    """
    told_of = set()
    for row in evidence.of("pg.replica"):
        # The seconds stand still on an idle primary; a replica that has applied everything is not behind.
        is_done = row.metrics.get("lag_bytes") == 0
        if is_done or row.subject in told_of or row.attrs.get("state") in ("backup", "startup"):
            continue
        if row.metrics.get("replay_lag_s", 0.0) > threshold.value:
            told_of.add(row.subject)
            yield _hit(row, "replay_lag_s", threshold.value)
        elif row.metrics.get("lag_bytes", 0.0) > LAG_BYTES:
            told_of.add(row.subject)
            yield _hit(row, "lag_bytes", LAG_BYTES)
    lost = largest(evidence.of("pg.log.server"), "replication_failures")
    if lost is not None and lost.metrics["replication_failures"] > FAILURES:
        yield _lost(lost)
    elif not evidence.of("pg.replica"):
        yield CannotTell("pg.replica.replay_lag_s (a log alone does not say whether there is a replica)")


def _hit(row: Evidence, metric: str, limit: float) -> Hit:
    told = Told()
    unit = "s" if metric == "replay_lag_s" else "bytes"
    said = f"The replica {row.subject} is {told(row, metric)} behind (limit {shown(limit, unit)})"
    if metric != "lag_bytes" and row.metrics.get("lag_bytes"):
        said += f", {told(row, 'lag_bytes')} of changes"
    told.also(row, "write_lag_s", "flush_lag_s")
    return Hit(
        subject=Subject("replica", row.subject),
        title=f"Replica {row.subject} is behind",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=True,
        snippet="SELECT application_name, state, replay_lag, pg_wal_lsn_diff(sent_lsn, replay_lsn) AS bytes\n"
        "    FROM pg_stat_replication;",
    )


def _lost(row: Evidence) -> Hit:
    told = Told()
    said = (
        f"Replicas lost their connection, or the changes they need, {told(row, 'replication_failures')} times in "
        f"the log "
        f"(limit {shown(FAILURES, '1')})."
    )
    return Hit(
        subject=Subject("replica", "postgres"),
        title="Replicas lose their connection",
        said=said,
        cites=told.cites,
        limit=FAILURES,
        breach=True,
    )


RULE = Rule(
    id="PG049",
    slug="replication-lag",
    area="postgres",
    mechanism="replication-lag",
    title="Replicas are behind",
    needs=(),
    needs_any=(
        ("pg.replica", "replay_lag_s"),
        ("pg.replica", "lag_bytes"),
        ("pg.log.server", "replication_failures"),
    ),
    threshold=Threshold(
        30,
        "s",
        "After half a minute people see old data and order twice; without seconds, 100 MB of changes.",
        "pgEdge AI DBA Workbench (30 s, 100 MB); pganalyze (100 MB, 1 GB)",
    ),
    degradation=0.3,
    why="Whoever reads from the replica sees the past: an order that was just placed is not there. If the primary "
    "fails, the last changes are missing or the switch takes long.",
    fix=(
        "See what holds it: a long query on the replica, its disk, or the network between both.",
        "Read what was just written from the primary.",
        "Give the replica the same machine as the primary, and alert at ten seconds.",
    ),
    first_slice=FirstSlice("Route reads after writes to the primary, and set the alert", 6),
    effort=Effort(0.5, 1, 3),
    removes=0.7,
    verify="replay_lag stays under a second over a business peak.",
    rollback="Routing goes back by its setting.",
    references=("PostgreSQL, pg_stat_replication https://www.postgresql.org/docs/current/monitoring-stats.html",),
    check=check,
)
