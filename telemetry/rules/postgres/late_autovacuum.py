"""On a very large table autovacuum starts late, as its defaults say."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import setting
from telemetry.rules.numbers import Told, shown
from telemetry.rules.schema import sql_name
from telemetry.rules.statements import table_rows

LARGE_ROWS = 1_000_000
DEFAULT_SCALE = 0.2
BLOAT_SHARE = 0.25  # dead rows for each live one from which the bloat rule speaks (a fifth of all)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per large table between this limit and that of bloat; or past what autovacuum was told to start at."""
    scale_row = setting(evidence, "autovacuum_vacuum_scale_factor")
    scale = scale_row.metrics.get("value", DEFAULT_SCALE) if scale_row is not None else DEFAULT_SCALE
    for table, row in table_rows(evidence).items():
        live, dead = row.metrics.get("live", 0.0), row.metrics.get("dead", 0.0)
        if live < LARGE_ROWS or dead > BLOAT_SHARE * live:
            continue
        share = threshold.value if scale >= DEFAULT_SCALE else max(2 * scale, 0.02)
        if dead > share * live:
            yield _hit(table, row, scale_row, share * live)


def _hit(table: str, row: Evidence, scale: Evidence | None, limit: float) -> Hit:
    told = Told()
    said = (
        f"{table} holds {told(row, 'dead')} dead rows beside {told(row, 'live')} live ones (limit {shown(limit, '1')})"
    )
    if scale is not None and "value" in scale.metrics:
        said += f"; autovacuum_vacuum_scale_factor is {told(scale, 'value')}"
    told.also(row, "autovacuum_count", "updates", "deletes")
    return Hit(
        subject=Subject("table", table),
        title=f"Autovacuum of {table} starts late",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        tables=(table,),
        snippet=f"ALTER TABLE {sql_name(table)} SET (autovacuum_vacuum_scale_factor = 0.01, "
        "autovacuum_analyze_scale_factor = 0.01);",
    )


RULE = Rule(
    id="PG052",
    slug="late-autovacuum",
    area="postgres",
    mechanism="table-bloat",
    title="Autovacuum starts late on large tables",
    needs=(("pg.table", "dead"), ("pg.table", "live")),
    threshold=Threshold(
        0.10,
        "share",
        "A million rows may gather 200,000 dead ones before the defaults start; from a tenth on it is felt. Where the "
        "scale factor is lower, twice what it asks for.",
        "PostgreSQL default autovacuum_vacuum_scale_factor 0.2; awesome-prometheus-alerts (10 %); postgres-checkup "
        "F001",
    ),
    degradation=0.1,
    why="The larger the table, the longer clean-up waits, and the longer it then takes. Reads of the busiest table get "
    "slower for days, then better, then slower again.",
    fix=(
        "Set the table's scale factors to 1 %, so that clean-up comes often and is short.",
        "Raise autovacuum_vacuum_cost_limit when a run takes longer than an hour.",
        "Vacuum it once now, outside the peak.",
    ),
    first_slice=FirstSlice("Set the scale factors of the largest tables", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.8,
    verify="Dead rows stay under 3 % of the live ones over a week.",
    rollback="ALTER TABLE ... RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor).",
    references=(
        "PostgreSQL, Automatic Vacuuming https://www.postgresql.org/docs/current/runtime-config-autovacuum.html",
    ),
    check=check,
)
