"""A database process died, and with it every session."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.shapes import Above, Standing, Wording, as_server, first_of

_SNIPPET = """SELECT name, setting, unit FROM pg_settings
    WHERE name IN ('shared_buffers', 'work_mem', 'maintenance_work_mem', 'max_connections', 'hash_mem_multiplier');"""

RULE = Rule(
    id="PG020",
    slug="server-crash",
    area="postgres",
    mechanism="misconfiguration",
    title="Database processes are killed",
    needs=(),
    needs_any=(("pg.log.server", "crashes"), ("pg.log.server", "out_of_memory")),
    threshold=Threshold(
        0,
        "1",
        "When one process ends by a signal PostgreSQL ends all sessions and recovers; no healthy server does that.",
        "pganalyze Log Insights, server process was terminated by signal",
    ),
    degradation=1.0,
    why="A process of the database was killed, most often because memory ran out. Every visitor at that moment was cut "
    "off, and orders in progress were lost.",
    fix=(
        "Read the lines before the crash: which statement ran, which signal ended it.",
        "Add up shared_buffers + max_connections x work_mem against the machine's memory.",
        "Lower work_mem or connections until the sum fits, and set vm.overcommit_memory = 2.",
        "If the signal is not 9, report the crash with its stack to the provider.",
    ),
    first_slice=FirstSlice("Lower work_mem and connections to what the memory holds", 4),
    effort=Effort(0.5, 1, 3),
    removes=0.8,
    verify="No process is terminated by a signal in a month of logs.",
    rollback="ALTER SYSTEM RESET of the settings that were changed.",
    references=(
        "PostgreSQL, Linux Memory Overcommit "
        "https://www.postgresql.org/docs/current/kernel-resources.html#LINUX-MEMORY-OVERCOMMIT",
    ),
    check=first_of(
        Above(
            kind="pg.log.server",
            metric="crashes",
            subject=as_server("postgres"),
            wording=Wording(
                title="A database process was killed",
                said="A PostgreSQL process was ended by a signal ({value} in the log, limit none), and with it all "
                "sessions were cut off.",
                also=("out_of_memory",),
                snippet=_SNIPPET,
            ),
            standing=Standing(shared=True),
        ),
        Above(
            kind="pg.log.server",
            metric="out_of_memory",
            subject=as_server("postgres"),
            wording=Wording(
                title="PostgreSQL runs out of memory",
                said="PostgreSQL reported that memory ran out ({value} in the log, limit none); each was a failed "
                "statement.",
                snippet=_SNIPPET,
            ),
            standing=Standing(shared=True, degradation=0.6),
        ),
    ),
)
