"""A database writes temporary files between two snapshots, and no statement is named."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown, worst_each
from telemetry.rules.postgres import temp_file_spill
from telemetry.rules.statements import statements

LARGE_BYTES = 100 * 1024**2  # ten sorts of 10 MB, not many small cursors


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per database; silent where a statement is named that spills."""
    if any(temp_file_spill.spills(one, temp_file_spill.RULE.threshold.value) for one in statements(evidence)):
        return
    for row in worst_each(evidence.of("pg.database.change"), "temp_files"):
        if row.metrics["temp_files"] > threshold.value and row.metrics.get("temp_bytes", 0.0) > LARGE_BYTES:
            yield _hit(row, threshold.value)
    old = largest(evidence.of("pg.database"), "temp_files")
    if not evidence.of("pg.database.change") and old is not None and old.metrics["temp_files"] > threshold.value:
        yield CannotTell("pg_stat_statements, a log with log_temp_files, or a second pg_stat_database: what spills now")


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} wrote {told(row, 'temp_files')} temporary files (limit {shown(limit, '1')}), "
        f"{told(row, 'temp_bytes')} together, between two snapshots."
    )
    told.also(row, "window_s")
    return Hit(
        subject=Subject("server", f"postgres/{row.subject}"),
        title=f"Sorts of {row.subject} spill to disk",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        snippet="ALTER SYSTEM SET log_temp_files = '10MB';\nSELECT pg_reload_conf();",
    )


RULE = Rule(
    id="PG046",
    slug="temp-bytes",
    area="postgres",
    mechanism="temp-file-spill",
    title="A database spills to disk",
    needs=(),
    needs_any=(("pg.database", "temp_files"), ("pg.database.change", "temp_files")),
    threshold=Threshold(
        10,
        "1",
        "More than ten new temporary files between two snapshots, of 100 MB or more together, are a habit.",
        "pgEdge AI DBA Workbench, temporary files above 10",
    ),
    degradation=0.3,
    why="Queries need more working memory than they are given and write their intermediate results to disk, which is "
    "slow for them and for everything else on that disk.",
    fix=(
        "Set log_temp_files to 10 MB, so that the log names the statements.",
        "Give an index in the order of the sort, or read fewer columns.",
        "Raise work_mem for the role or the transaction that needs it.",
    ),
    first_slice=FirstSlice("Set log_temp_files and name the statements", 1),
    effort=Effort(0.25, 0.5, 2),
    removes=0.7,
    verify="temp_files grows by fewer than ten between two snapshots of the same length.",
    rollback="ALTER SYSTEM RESET log_temp_files and reload.",
    references=("PostgreSQL, work_mem https://www.postgresql.org/docs/current/runtime-config-resource.html",),
    check=check,
)
