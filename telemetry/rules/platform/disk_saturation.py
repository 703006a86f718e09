"""The database's disk is full."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.reported import NEED, Reported
from telemetry.rules.shapes import Above, Standing, Wording

RULE = Rule(
    id="PL012",
    slug="disk-saturation",
    area="platform",
    mechanism="disk-saturation",
    title="The database's disk is full",
    needs=(),
    needs_any=(("pg.log.server", "disk_full"), NEED),
    threshold=Threshold(
        0,
        "1",
        "A write that finds no space fails, and a full WAL disk stops the server; there is no healthy number.",
        "pganalyze Log Insights, could not write: No space left on device (SQLSTATE 53100)",
    ),
    degradation=1.0,
    why="The disk is full, so nothing can be written: no orders, no sign-ins. If the journal is on the same disk the "
    "database stops altogether.",
    fix=(
        "Free space at once: old logs, temporary files, unused replication slots that keep WAL.",
        "Grow the volume, with a reserve of three months of growth.",
        "Limit temp_file_limit and max_slot_wal_keep_size, so that one query or slot cannot fill it.",
        "Alert at 80 %.",
    ),
    first_slice=FirstSlice("Free space, grow the volume and set the alert", 4),
    effort=Effort(0.25, 0.5, 1.5),
    removes=0.9,
    verify="The volume is below 70 % and the alert was seen to fire.",
    rollback="A grown volume is kept; settings go back with ALTER SYSTEM RESET.",
    references=("PostgreSQL, Disk Full Failure https://www.postgresql.org/docs/current/disk-full.html",),
    check=Reported(
        check=Above(
            kind="pg.log.server",
            metric="disk_full",
            subject=lambda row: Subject("host", "postgres"),
            wording=Wording(
                title="The database's disk is full",
                said="PostgreSQL found no space left on its disk ({value} in the log, limit none); each was a failed "
                "write.",
                also=("temp_bytes", "panics"),
                snippet="SELECT slot_name, active, "
                "pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS kept\n"
                "    FROM pg_replication_slots ORDER BY restart_lsn;",
            ),
            standing=Standing(shared=True),
        ),
        witnesses=(("pg.log.server", "disk_full"),),
        cause="disk_full",
        subject=Subject("host", "the disk that was written to"),
        title="A disk is full",
        said="no space was left on a disk",
    ),
)
