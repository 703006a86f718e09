"""Dead rows outgrow vacuum."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.sql.index import quote_name

ENOUGH_DEAD = 10_000


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table whose dead rows exceed their share of all rows, and ten thousand."""
    for row in worst_each(evidence.having("pg.table", "dead", "live"), "dead"):
        # dead / (dead + live) > share, solved for dead so that the limit has the unit of the number
        limit = max(ENOUGH_DEAD, row.metrics["live"] * threshold.value / (1 - threshold.value))
        if row.metrics["dead"] > limit:
            yield _hit(row, limit)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} holds {told(row, 'dead')} dead rows beside {told(row, 'live')} live ones (limit "
        f"{shown(limit, '1')}); every scan reads them too."
    )
    told.also(row, "autovacuum_count", "updates", "deletes")
    dead, live = row.metrics["dead"], row.metrics["live"]
    name = ".".join(quote_name(part) for part in row.subject.split(".", 1))
    return Hit(
        subject=Subject("table", row.subject),
        title=f"Dead rows fill {row.subject}",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=dead > live,
        utilisation=None if dead > live else dead / max(live, 1.0),
        tables=(row.subject,),
        snippet=f"ALTER TABLE {name} SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);",
    )


RULE = Rule(
    id="PG012",
    slug="table-bloat",
    area="postgres",
    mechanism="table-bloat",
    title="Dead rows fill a table",
    needs=(("pg.table", "dead"), ("pg.table", "live")),
    threshold=Threshold(
        0.20,
        "share",
        "Autovacuum starts at a fifth of the rows by default; more than that means it does not keep up or is held "
        "back.",
        "PostgreSQL default autovacuum_vacuum_scale_factor 0.2; awesome-prometheus-alerts (10,000 dead rows)",
    ),
    degradation=0.3,
    why="Every change leaves an old copy of the row behind. When they are not cleaned away, the table swells and all "
    "reads of it get slower, although the business did not grow.",
    fix=(
        "Look for what holds vacuum back: old transactions, replication slots, prepared transactions.",
        "Lower the table's autovacuum_vacuum_scale_factor, so that it is cleaned at 2 % instead of 20 %.",
        "Run VACUUM (ANALYZE) on it once, outside the peak.",
        "If the file stays large, rebuild it with pg_repack in a quiet hour.",
    ),
    first_slice=FirstSlice("Set the table's autovacuum threshold and vacuum it once", 2),
    effort=Effort(0.25, 0.5, 1.5),
    removes=0.8,
    verify="Dead rows stay below 10 % of live rows over a week of snapshots.",
    rollback="ALTER TABLE ... RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold).",
    references=("PostgreSQL, Routine Vacuuming https://www.postgresql.org/docs/current/routine-vacuuming.html",),
    check=check,
)
