"""A replication slot that nobody reads keeps the server's journal until the disk is full."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import setting
from telemetry.rules.numbers import Told, worst_each

# What the server says itself: more WAL is kept than it should be, or it is about to be thrown away.
_HURTS = frozenset({"extended", "unreserved"})
_SAFE_BYTES = 1024**3


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per slot that is not in use; a bound on what slots may keep makes it the replica's problem only."""
    cap = setting(evidence, "max_slot_wal_keep_size")
    for row in worst_each(evidence.of("pg.slot"), "active"):
        if row.metrics["active"] < threshold.value:
            yield _hit(row, cap, threshold.value)


def _hit(row: Evidence, cap: Evidence | None, limit: float) -> Hit:
    told, status = Told(), str(row.attrs.get("wal_status") or "")
    told.also(row, "active")
    said = f"Nobody reads the replication slot {row.subject}"
    is_bounded = "safe_wal_bytes" in row.metrics or (cap is not None and "bytes" in cap.metrics)
    if status == "lost":
        said += "; its changes are already gone and its replica must be built anew"
    elif "safe_wal_bytes" in row.metrics:
        said += f"; {told(row, 'safe_wal_bytes')} of changes are left before its replica must be built anew"
    elif is_bounded and cap is not None:
        said += f"; the server keeps {told(cap, 'bytes')} of changes for it at most"
    else:
        said += "; the server keeps all changes for it, until the disk is full"
    near = row.metrics.get("safe_wal_bytes", _SAFE_BYTES) < _SAFE_BYTES
    return Hit(
        subject=Subject("replica", row.subject),
        title=f"Nobody reads slot {row.subject}",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=status in _HURTS or status == "lost" or near,
        degradation=0.3 if is_bounded or status == "lost" else None,
        shared=not is_bounded,
        snippet="SELECT slot_name, active, wal_status, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), "
        "restart_lsn)) AS kept\n    FROM pg_replication_slots ORDER BY restart_lsn;",
    )


RULE = Rule(
    id="PG050",
    slug="inactive-slot",
    area="postgres",
    mechanism="replication-lag",
    title="Replication slots are not read",
    needs=(("pg.slot", "active"),),
    threshold=Threshold(
        1,
        "1",
        "A slot is read or it is dropped: each hour that it is not, the server keeps an hour of changes for it.",
        "PgHero, replication slots; pgEdge AI DBA Workbench, inactive slots",
    ),
    degradation=1.0,
    why="A copy that nobody needs any more makes the database keep every change for it. The disk fills up, and then no "
    "order can be stored.",
    fix=(
        "Find out who reads this slot, and whether it will come back.",
        "If not, drop it with pg_drop_replication_slot; if so, restart its reader.",
        "Set max_slot_wal_keep_size, so that a slot can never fill the disk.",
        "Alert when a slot is inactive for an hour.",
    ),
    first_slice=FirstSlice("Drop the slot or restart its reader, and set the bound", 2),
    effort=Effort(0.1, 0.25, 1),
    removes=0.95,
    verify="Every slot is active, and max_slot_wal_keep_size is not -1.",
    rollback="A replica whose slot was dropped is built anew.",
    references=(
        "PostgreSQL, Replication Slots https://www.postgresql.org/docs/current/view-pg-replication-slots.html",
    ),
    check=check,
)
