"""Blocks of the database cannot be read any more."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.shapes import Above, Standing, Wording, as_server

RULE = Rule(
    id="PG064",
    slug="corruption",
    area="postgres",
    mechanism="misconfiguration",
    title="Blocks of the database are damaged",
    needs=(("pg.log.server", "corruptions"),),
    threshold=Threshold(
        0,
        "1",
        "A block with a wrong checksum or header is lost data until the contrary is proven; there is no healthy "
        "number.",
        "PostgreSQL documentation, data_checksums and SQLSTATE XX001, XX002",
    ),
    degradation=1.0,
    why="Part of the data is damaged on disk. Each backup that is taken from now on may hold the damage, and the older "
    "good ones are being thrown away.",
    fix=(
        "Keep every backup that exists, and take a file-level copy of the server now.",
        "Find what is damaged: pg_amcheck, pg_checksums, the file named in the log.",
        "An index is rebuilt with REINDEX; a table comes back from a backup or a replica.",
        "Look for the cause: disk, memory, file system, fsync or full_page_writes off.",
    ),
    first_slice=FirstSlice("Keep all backups, and name what is damaged", 4),
    effort=Effort(0.5, 2, 5),
    removes=0.8,
    verify="pg_amcheck reports nothing, and a restored backup passes it as well.",
    rollback="The file-level copy that was taken first.",
    references=("PostgreSQL, pg_amcheck https://www.postgresql.org/docs/current/app-pgamcheck.html",),
    check=Above(
        kind="pg.log.server",
        metric="corruptions",
        subject=as_server("postgres"),
        wording=Wording(
            title="Blocks of the database are damaged",
            said="PostgreSQL met blocks that cannot be read or do not add up {value} times in the log (limit none).",
            also=("panics", "crashes"),
        ),
        standing=Standing(breach=True, shared=True),
    ),
)
