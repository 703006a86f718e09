"""Sorts or hashes of a statement go to disk, again and again."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.statements import STAT, TEMP, Statement, statements

BLOCKS_PER_CALL = 1_280  # 10 MB
BYTES_PER_FILE = BLOCKS_PER_CALL * 8_192
FEW_FILES = 5  # of 10 MB each, where the statement takes half of all query time


def spills(statement: Statement, limit: float) -> bool:
    """More files than the limit in the log, or more calls than that with 10 MB of temporary blocks each."""
    if (statement.number(TEMP, "files") or 0.0) > file_limit(statement, limit):
        return True
    return (statement.number(STAT, "calls") or 0.0) > limit and _writes_much(statement)


def _writes_much(statement: Statement) -> bool:
    written, calls = statement.number(STAT, "temp_written") or 0.0, statement.number(STAT, "calls") or 0.0
    return written > BLOCKS_PER_CALL * calls


def file_limit(statement: Statement, limit: float) -> float:
    """How many files are too many: fewer where they are large and the statement is what the database does."""
    files, size = statement.number(TEMP, "files") or 0.0, statement.number(TEMP, "bytes") or 0.0
    return FEW_FILES - 1 if statement.dominates and size >= BYTES_PER_FILE * files else limit


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per statement; a few runs that took most of the time may be a night's or a minute's."""
    for statement in statements(evidence):
        if spills(statement, threshold.value):
            yield _hit(statement, threshold.value)
        elif statement.may_dominate and _writes_much(statement):
            yield CannotTell(f"PostgreSQL log with log_temp_files = 0: how often {statement.subject.name} spills")


def _hit(statement: Statement, limit: float) -> Hit:
    told = Told()
    limit = file_limit(statement, limit)
    temp, what = statement.rows.get(TEMP), f"{statement.verb} on {statement.main_table or 'the database'}"
    if temp is not None and temp.metrics.get("files", 0.0) > limit:
        said = (
            f"{what} wrote {told(temp, 'files')} temporary files (limit {shown(limit, '1')}), {told(temp, 'bytes')} "
            f"together and {told(temp, 'bytes_max')} at most, because its sorts do not fit work_mem."
        )
        decided = limit
        stat = statement.rows.get(STAT)
        if stat is not None and stat.metrics.get("temp_written") and "calls" in stat.metrics:
            told.also(stat, "temp_written", "calls")
    else:
        stat = statement.rows[STAT]
        said = f"{what} wrote {told(stat, 'temp_written')} temporary blocks in {told(stat, 'calls')} calls."
        decided = BLOCKS_PER_CALL * stat.metrics["calls"]
    return Hit(
        subject=statement.subject,
        title=f"Sorts on {statement.main_table} spill to disk" if statement.main_table else "Sorts spill to disk",
        said=said,
        cites=told.cites,
        limit=decided,
        breach=True,
        tables=statement.tables,
        snippet="-- for one transaction only; a server-wide work_mem is multiplied by every sort of every session\n"
        "SET LOCAL work_mem = '64MB';",
    )


RULE = Rule(
    id="PG005",
    slug="temp-file-spill",
    area="postgres",
    mechanism="temp-file-spill",
    title="Sorts and hashes spill to disk",
    needs=(),
    needs_any=((TEMP, "files"), (STAT, "temp_written"), ("pg.log.server", "temp_files")),
    threshold=Threshold(
        10,
        "1",
        "A few temporary files belong to reports and maintenance; more than ten of one statement are its habit, "
        "or five of 10 MB an hour when it takes half of all query time.",
        "pgEdge AI DBA Workbench, temporary files above 10",
    ),
    degradation=0.3,
    why="A query needs more working memory than it is given and writes its intermediate results to disk, which is slow "
    "for it and for everything that reads the same disk.",
    fix=(
        "Look at the plan (EXPLAIN ANALYZE, BUFFERS): which sort or hash writes to disk, and how much.",
        "Let an index deliver the order, or return fewer rows, before giving memory.",
        "Else raise work_mem for this role or transaction only, to twice the spilled size.",
        "Keep log_temp_files = 0, so that the next one is seen.",
    ),
    first_slice=FirstSlice("Set work_mem for the role that runs the statement and compare the plan", 3),
    effort=Effort(0.25, 0.5, 1.5),
    removes=0.8,
    verify="No temporary file of this statement in the next day's log.",
    rollback="ALTER ROLE ... RESET work_mem.",
    references=(
        "PostgreSQL, work_mem https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-WORK-MEM",
    ),
    check=check,
)
