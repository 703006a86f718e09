"""The planner's picture of a table is far from the truth."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.sql.index import quote_name

ENOUGH_CHANGES = 10_000


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table that changed by more than its share since it was analyzed."""
    for row in worst_each(evidence.having("pg.table", "mod_since_analyze", "live"), "mod_since_analyze"):
        limit = max(ENOUGH_CHANGES, row.metrics["live"] * threshold.value)
        if row.metrics["mod_since_analyze"] > limit:
            yield _hit(row, limit)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, 'mod_since_analyze')} rows of {row.subject} changed since it was last analyzed (limit "
        f"{shown(limit, '1')}), against {told(row, 'live')} live rows; plans are made for the old picture."
    )
    told.also(row, "autoanalyze_count", "analyze_count")
    name = ".".join(quote_name(part) for part in row.subject.split(".", 1))
    return Hit(
        subject=Subject("table", row.subject),
        title=f"Planner statistics of {row.subject} are stale",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=(row.subject,),
        snippet=f"ANALYZE {name};",
    )


RULE = Rule(
    id="PG013",
    slug="stale-statistics",
    area="postgres",
    mechanism="stale-statistics",
    title="Planner statistics are stale",
    needs=(("pg.table", "mod_since_analyze"), ("pg.table", "live")),
    threshold=Threshold(
        0.20,
        "share",
        "Autovacuum analyzes a table when a tenth of it has changed; twice that means it did not come round.",
        "PostgreSQL default autovacuum_analyze_scale_factor 0.1, doubled",
    ),
    degradation=0.3,
    why="The database chooses how to run a query by a picture of the data that is out of date. It can switch to a much "
    "slower way from one hour to the next.",
    fix=(
        "Run ANALYZE on the table now, and after every bulk load.",
        "Lower its autovacuum_analyze_scale_factor to 0.02.",
        "Look at the autovacuum workers: if all are always busy, raise their number or cost limit.",
    ),
    first_slice=FirstSlice("Analyze the table and set its threshold", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.9,
    verify="Changes since the last analyze stay below a tenth of the table in the next snapshot.",
    rollback="ALTER TABLE ... RESET (autovacuum_analyze_scale_factor).",
    references=(
        "PostgreSQL, Updating Planner Statistics "
        "https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-STATISTICS",
    ),
    check=check,
)
