"""The planner expected a few rows and got very many."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.plans import scans
from telemetry.rules.postgres import stale_statistics
from telemetry.rules.schema import sql_name

ENOUGH_ROWS = 1_000


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table. Fewer rows than expected are no sign: a LIMIT stops a scan early."""
    stale = stale_statistics.RULE
    known = {hit.subject.name for hit in stale.check(evidence, stale.threshold) if isinstance(hit, Hit)}
    worst: dict[str, Evidence] = {}
    for row in scans(evidence, "Scan"):
        each = row.metrics["rows"] / row.metrics["loops"]
        factor = row.metrics.get("estimate_factor", 1.0)
        if factor <= threshold.value or each < ENOUGH_ROWS or each <= row.metrics.get("plan_rows", each):
            continue
        kept = worst.get(row.subject)
        if row.subject not in known and (kept is None or factor > kept.metrics["estimate_factor"]):
            worst[row.subject] = row
    for table, row in worst.items():
        yield _hit(table, row, threshold.value)


def _hit(table: str, row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"The planner was wrong by a factor of {told(row, 'estimate_factor')} on {table} (limit "
        f"{shown(limit, '1')}): it "
        f"expected {told(row, 'plan_rows')} rows and {told(row, 'rows')} came."
    )
    told.also(row, "loops", "total_ms")
    return Hit(
        subject=Subject("table", table),
        title=f"Plans of {table} expect too few rows",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=(table,),
        snippet=f"ANALYZE {sql_name(table)};",
    )


RULE = Rule(
    id="PG059",
    slug="plan-estimate",
    area="postgres",
    mechanism="stale-statistics",
    title="Plans expect far too few rows",
    needs=(("pg.plan.node", "estimate_factor"),),
    threshold=Threshold(
        100,
        "1",
        "Factors up to ten are ordinary; a hundred times more rows than expected, and over a thousand, make the "
        "planner "
        "loop where it should hash.",
        "PEV2, estimation factor (10, 100, 1000)",
    ),
    degradation=0.3,
    why="The database prepared for a few rows and met thousands, so it chose a way that is right for few. Such queries "
    "are fast in a test and slow with real customers.",
    fix=(
        "Run ANALYZE on the table and look at the plan again.",
        "If columns of the filter depend on each other, CREATE STATISTICS on them.",
        "Raise the statistics target of the column for skewed values.",
    ),
    first_slice=FirstSlice("Analyze the table and compare the plan", 1),
    effort=Effort(0.1, 0.5, 1),
    removes=0.7,
    verify="Expected and actual rows of the plan differ by less than ten times.",
    rollback="DROP STATISTICS; ALTER TABLE ... ALTER COLUMN ... SET STATISTICS -1.",
    references=("PostgreSQL, Extended Statistics https://www.postgresql.org/docs/current/planner-stats.html",),
    check=check,
)
