"""Checkpoints forced by the volume of writes."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import setting
from telemetry.rules.numbers import Told, largest, shown

ENOUGH = 4
# Backups and people ask for checkpoints too; among so many these do not count.
ENOUGH_COUNTED = 50
DEFAULT_SIZE = 1024**3  # PostgreSQL's max_wal_size; below it a few requested checkpoints are no backups


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """The server's own warning decides; without it, more forced checkpoints than timed ones."""
    row = largest(evidence.of("pg.log.server"), "checkpoints_forced")
    warned = largest(evidence.of("pg.log.server"), "checkpoint_warnings")
    if warned is not None and warned.metrics["checkpoint_warnings"] > 0:
        yield _warned(warned)
        return
    if row is None or "checkpoints" not in row.metrics:
        yield from _by_counters(evidence, threshold.value)
        return
    limit = threshold.value * row.metrics["checkpoints"]
    if row.metrics["checkpoints_forced"] <= limit:
        return
    if row.metrics["checkpoints"] < ENOUGH:
        yield CannotTell("a log that holds at least four checkpoints, an hour or more")
        return
    told = Told()
    said = (
        f"{told(row, 'checkpoints_forced')} of {told(row, 'checkpoints')} checkpoints were forced by the volume of "
        f"writes (limit {shown(limit, '1')}) instead of coming on time."
    )
    yield _hit(told, said, limit)


def _by_counters(evidence: EvidenceSet, share: float) -> Iterator[Hit]:
    """By the server's counters: between two snapshots where there are two, else since the last reset."""
    rows = evidence.of("pg.checkpoints.change") or evidence.of("pg.checkpoints")
    row = largest(rows, "requested")
    if row is None or "timed" not in row.metrics:
        return
    total, requested = row.metrics["timed"] + row.metrics["requested"], row.metrics["requested"]
    size = setting(evidence, "max_wal_size")
    is_small = size is not None and size.metrics.get("bytes", DEFAULT_SIZE) < DEFAULT_SIZE
    if total < (ENOUGH if is_small else ENOUGH_COUNTED) or requested <= share * total:
        return
    told, limit = Told(), share * total
    said = (
        f"{told(row, 'requested')} checkpoints were asked for, mostly by the volume of writes, beside "
        f"{told(row, 'timed')} that came on time (limit {shown(limit, '1')})"
    )
    if size is not None and "bytes" in size.metrics:
        said += f"; max_wal_size is {told(size, 'bytes')}"
    told.also(row, "buffers_checkpoint", "write_ms", "window_s")
    yield _hit(told, said + ".", limit)


def _warned(row: Evidence) -> Hit:
    told = Told()
    said = (
        f"PostgreSQL itself warned that checkpoints come too frequently ({told(row, 'checkpoint_warnings')} in the "
        "log, limit none)."
    )
    told.also(row, "checkpoints_forced", "checkpoints")
    return _hit(told, said, 0)


def _hit(told: Told, said: str, limit: float) -> Hit:
    return Hit(
        subject=Subject("server", "postgres"),
        title="Writes force checkpoints",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        shared=True,
        snippet="ALTER SYSTEM SET max_wal_size = '4GB';\nALTER SYSTEM SET checkpoint_timeout = '15min';\n"
        "SELECT pg_reload_conf();",
    )


RULE = Rule(
    id="PG014",
    slug="checkpoint-pressure",
    area="postgres",
    mechanism="checkpoint-pressure",
    title="Writes force checkpoints",
    needs=(),
    needs_any=(
        ("pg.log.server", "checkpoints_forced"),
        ("pg.checkpoints", "requested"),
        ("pg.checkpoints.change", "requested"),
    ),
    threshold=Threshold(
        0.5,
        "share",
        "Timed checkpoints spread their writes; when more than half are forced, max_wal_size is too small for the "
        "load.",
        "awesome-prometheus-alerts, PostgresqlTooManyCheckpointsReq",
    ),
    degradation=0.1,
    why="The database has to write everything to disk in bursts because it may keep only a little in advance. Each "
    "burst slows all requests at once.",
    fix=(
        "Raise max_wal_size until forced checkpoints are rare; leave disk space of three times that.",
        "Set checkpoint_timeout to 15 minutes and checkpoint_completion_target to 0.9.",
        "Reload the configuration; no restart is needed.",
    ),
    first_slice=FirstSlice("Raise max_wal_size and reload", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.9,
    verify="At least nine of ten checkpoints in the log start with 'time'.",
    rollback="ALTER SYSTEM RESET max_wal_size and reload.",
    references=("PostgreSQL, WAL Configuration https://www.postgresql.org/docs/current/wal-configuration.html",),
    check=check,
)
