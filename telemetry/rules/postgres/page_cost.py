"""The planner believes that random reads are slow, and they are not."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import is_used, setting
from telemetry.rules.numbers import Told, shown

FAST_MS = 1.0  # a rotating disk needs 4 to 10 ms to seek; an SSD well under one
ENOUGH_READS = 100_000


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """The setting against the time that reads really take."""
    cost = setting(evidence, "random_page_cost")
    if cost is None or cost.metrics.get("value", 0.0) <= threshold.value or not is_used(evidence):
        return
    reads = [row for row in evidence.having("pg.io", "reads", "read_ms") if row.metrics["read_ms"] > 0]
    row = max(reads, key=lambda one: (one.metrics["reads"], one.subject), default=None)
    if row is None or row.metrics["reads"] < ENOUGH_READS:
        yield CannotTell("pg_stat_io with track_io_timing on: how fast the disk is")
    elif row.metrics["read_ms"] < FAST_MS * row.metrics["reads"]:
        yield _hit(cost, row, threshold.value)


def _hit(cost: Evidence, row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"random_page_cost is {told(cost, 'value')} (limit {shown(limit, '1')}), as for a rotating disk, while "
        f"{told(row, 'reads')} reads took {told(row, 'read_ms')} together: under a millisecond each."
    )
    return Hit(
        subject=Subject("setting", "random_page_cost"),
        title="The planner shuns indexes on fast disks",
        said=said,
        cites=told.cites,
        limit=limit,
        shared=True,
        snippet="ALTER SYSTEM SET random_page_cost = 1.1;\nSELECT pg_reload_conf();",
    )


RULE = Rule(
    id="PG042",
    slug="page-cost",
    area="postgres",
    mechanism="misconfiguration",
    title="The planner shuns indexes on fast disks",
    needs=(("pg.setting", "value"),),
    threshold=Threshold(
        2,
        "1",
        "4 is right where a random read costs four times a sequential one; on an SSD it is 1.1, and 2 leaves room.",
        "PGTune and RDS performance examples (1.1 on SSD); PostgreSQL default 4.0",
    ),
    degradation=0.1,
    why="The database still plans as if every jump on the disk were slow. It reads whole tables where an index "
    "would be "
    "faster.",
    fix=(
        "Set random_page_cost to 1.1 for one session and compare the plans of the ten heaviest statements.",
        "Set it for the server and reload; no restart is needed.",
        "Compare the statements' mean times after a day.",
    ),
    first_slice=FirstSlice("Compare ten plans with 1.1, then set it", 2),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.7,
    verify="No statement among the twenty heaviest got slower in a day.",
    rollback="ALTER SYSTEM RESET random_page_cost and reload.",
    references=(
        "PostgreSQL, Planner Cost Constants https://www.postgresql.org/docs/current/runtime-config-query.html",
    ),
    check=check,
)
