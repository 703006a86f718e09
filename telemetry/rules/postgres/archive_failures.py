"""The server's journal cannot be put away: backups end there, and the disk fills."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.shapes import Above, Standing, Wording

RULE = Rule(
    id="PG063",
    slug="archive-failures",
    area="postgres",
    mechanism="misconfiguration",
    title="The journal cannot be archived",
    needs=(("pg.log.server", "archive_failures"),),
    threshold=Threshold(
        5,
        "1",
        "One failure is tried again within a minute and may pass; more than five are a command or a store that does "
        "not "
        "work.",
        "pganalyze Log Insights, archive_command failed; House limit for the number",
    ),
    degradation=1.0,
    why="The backup of the last hours cannot be completed, and until it can the database keeps everything on its own "
    "disk. When that is full, no order can be stored.",
    fix=(
        "Run the archive command by hand as the server's user and read its error.",
        "Mend credentials, space or the network of the store.",
        "Take a new base backup if segments were lost, and restore it once as a test.",
        "Alert on pg_stat_archiver.failed_count.",
    ),
    first_slice=FirstSlice("Run the archive command by hand and mend its cause", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.95,
    verify="last_archived_time of pg_stat_archiver is minutes old, and failed_count stands still.",
    rollback="Set the old archive_command and reload.",
    references=("PostgreSQL, Continuous Archiving https://www.postgresql.org/docs/current/continuous-archiving.html",),
    check=Above(
        kind="pg.log.server",
        metric="archive_failures",
        subject=lambda row: Subject("setting", "archive_command"),
        wording=Wording(
            title="The journal cannot be archived",
            said="Archiving of the server's journal failed {value} times in the log (limit {limit}); backups end "
            "before "
            "the first of them, and what is not archived stays on the server's disk.",
            also=("disk_full",),
            snippet="SELECT archived_count, failed_count, last_failed_wal, last_failed_time, last_archived_time\n"
            "    FROM pg_stat_archiver;",
        ),
        standing=Standing(breach=True, shared=True),
    ),
)
