"""A protection of the database is switched off."""

from collections.abc import Iterator
from typing import NamedTuple

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import setting
from telemetry.rules.numbers import Told


class _Switch(NamedTuple):
    degradation: float
    consequence: str


SWITCHES = {
    "fsync": _Switch(1.0, "a power failure or a crash of the machine can destroy the whole database"),
    "full_page_writes": _Switch(1.0, "a crash in the middle of a write can leave pages that are half old, half new"),
    "synchronous_commit": _Switch(0.3, "orders that were confirmed in the last moments before a crash are lost"),
    "autovacuum": _Switch(0.6, "dead rows are never cleaned and in the end the transaction ids run out"),
    "track_counts": _Switch(0.6, "autovacuum does not know which tables changed and cleans none"),
    "track_activities": _Switch(0.1, "nobody can see what a session does while it blocks others"),
    "enable_indexscan": _Switch(0.3, "the planner avoids indexes in every query"),
    "enable_bitmapscan": _Switch(0.1, "the planner avoids bitmap scans in every query"),
    "enable_hashjoin": _Switch(0.3, "the planner avoids hash joins in every query"),
    "enable_nestloop": _Switch(0.3, "the planner avoids nested loops in every query, the short ones too"),
    "enable_sort": _Switch(0.1, "the planner avoids sorting in every query"),
}


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per switch that is off."""
    for name, switch in SWITCHES.items():
        row = setting(evidence, name)
        if row is not None and row.metrics.get("on", 1.0) < threshold.value:
            yield _hit(row, switch, threshold.value)


def _hit(row: Evidence, switch: _Switch, limit: float) -> Hit:
    told = Told()
    told.also(row, "on")
    return Hit(
        subject=Subject("setting", row.subject),
        title=f"{row.subject} is switched off",
        said=f"{row.subject} is off: {switch.consequence}.",
        cites=told.cites,
        limit=limit,
        shared=True,
        degradation=switch.degradation,
        snippet=f"ALTER SYSTEM SET {row.subject} = on;\nSELECT pg_reload_conf();",
    )


RULE = Rule(
    id="PG044",
    slug="unsafe-settings",
    area="postgres",
    mechanism="misconfiguration",
    title="Protections of the database are off",
    needs=(("pg.setting", "on"),),
    threshold=Threshold(
        1,
        "1",
        "All of these are on by default, and off only for a load or an experiment; a server with customers has them "
        "on.",
        "pganalyze, settings checks (fsync, track_*, enable_*); PostgreSQL documentation, reliability",
    ),
    degradation=0.3,
    why="Somebody switched off a protection, perhaps for a test or a fast import, and it stayed off. It costs nothing "
    "until the day it is needed.",
    fix=(
        "Find out who set it and why: the settings file, a parameter group, a role.",
        "Switch it on and reload; none of these needs a restart.",
        "After fsync or full_page_writes were off, check the data: pg_amcheck, and a restored backup.",
    ),
    first_slice=FirstSlice("Switch it on and reload", 1),
    effort=Effort(0.1, 0.25, 1),
    removes=0.95,
    verify="SHOW of the setting answers on, in a new session of the application's role.",
    rollback="ALTER SYSTEM RESET and reload.",
    references=("PostgreSQL, Reliability https://www.postgresql.org/docs/current/wal-reliability.html",),
    check=check,
)
