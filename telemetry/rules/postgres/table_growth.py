"""A large table doubles within months."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import DAY_S
from telemetry.rules.numbers import Told, shown
from telemetry.rules.statements import table_rows

LARGE_ROWS = 1_000_000
ENOUGH_DAYS = 7


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per large table, by its rows in two snapshots a week or more apart."""
    tables, told_of, is_short = table_rows(evidence), set[str](), False
    for row in evidence.having("pg.table.change", "live_change", "window_s"):
        table = tables.get(row.subject)
        if table is None or row.subject in told_of or table.metrics.get("live", 0.0) < LARGE_ROWS:
            continue
        days = row.metrics["window_s"] / DAY_S
        # A doubling within the limit is this much growth within the window, at the same rate.
        limit = table.metrics["live"] * days / threshold.value
        if row.metrics["live_change"] > limit:
            is_short = is_short or days < ENOUGH_DAYS
            if days >= ENOUGH_DAYS:
                told_of.add(row.subject)
                yield _hit(row, table, limit)
    if is_short and not told_of:
        yield CannotTell("a snapshot of pg_stat_user_tables a week later: days of growth may be one import")


def _hit(row: Evidence, table: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} grew by {told(row, 'live_change')} rows in {told(row, 'window_s')} (limit "
        f"{shown(limit, '1')}) to "
        f"{told(table, 'live')}: at this pace it doubles within months"
    )
    told.also(row, "inserts", "deletes")
    if not row.metrics.get("deletes", 1.0):
        said += ", and nothing was deleted"
    days = table.metrics["live"] / (row.metrics["live_change"] / (row.metrics["window_s"] / DAY_S))
    return Hit(
        subject=Subject("table", row.subject),
        title=f"{row.subject} doubles within months",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        days_to_limit=days,
        tables=(row.subject,),
    )


RULE = Rule(
    id="PG053",
    slug="table-growth",
    area="postgres",
    mechanism="table-growth",
    title="Large tables double within months",
    needs=(("pg.table.change", "live_change"),),
    threshold=Threshold(
        90,
        "days",
        "A table of a million rows that doubles within a quarter outgrows memory, backup window and maintenance within "
        "a year.",
        "House limit; the date is the time to twice today's rows at the pace between the snapshots",
    ),
    degradation=0.1,
    why="The table grows faster than anything around it. What is quick today (backup, a new index, a report) will take "
    "hours at a date that can be named.",
    fix=(
        "Decide how long rows are needed, and write it down.",
        "Partition by month and detach old months, or delete in batches every night.",
        "Move history that is seldom read to cheaper storage.",
    ),
    first_slice=FirstSlice("Agree on a retention time and count what lies beyond it", 4),
    effort=Effort(1, 3, 6),
    removes=0.8,
    verify="The table's rows stay within a tenth over a month.",
    rollback="Detached partitions can be attached again; deleted rows come from a backup.",
    references=("PostgreSQL, Table Partitioning https://www.postgresql.org/docs/current/ddl-partitioning.html",),
    check=check,
)
