"""A plan sorts or hashes on disk, or forgets which rows it was looking for."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.plans import query_of
from telemetry.rules.postgres import temp_file_spill
from telemetry.rules.statements import statements

LOSSY_BLOCKS = 1_000


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per statement; those that the log or the statistics show to spill are left to them."""
    known = {one.subject for one in statements(evidence) if temp_file_spill.spills(one, 10)}
    by_query: dict[Subject, tuple[Evidence, str, float]] = {}
    lossy = {
        str(row.attrs.get("query") or row.subject): row
        for row in evidence.having("pg.plan.node", "lossy_blocks")
        if row.metrics["lossy_blocks"] > LOSSY_BLOCKS
    }
    for plan in evidence.of("pg.plan"):
        subject = query_of(plan) or Subject("query", f"plan of {plan.subject}")
        if plan.metrics.get("disk_bytes", 0.0) > threshold.value:
            kept = by_query.get(subject)
            if kept is None or kept[0].metrics.get("disk_bytes", 0.0) < plan.metrics["disk_bytes"]:
                by_query[subject] = (plan, "disk_bytes", threshold.value)
        elif (scan := lossy.get(plan.subject)) is not None:
            by_query.setdefault(subject, (scan, "lossy_blocks", LOSSY_BLOCKS))
    for subject, (row, metric, limit) in by_query.items():
        if subject not in known:
            yield _hit(subject, row, metric, limit)


def _hit(subject: Subject, row: Evidence, metric: str, limit: float) -> Hit:
    told = Told()
    if metric == "disk_bytes":
        tables = tuple(row.attrs.get("tables") or ())
        said = f"Sorts and hashes of this plan took {told(row, metric)} of disk (limit {shown(limit, 'bytes')})"
        said += f" in {told(row, 'execution_ms')}" if "execution_ms" in row.metrics else ""
        told.also(row, "batches", "temp_written")
    else:
        tables = (row.subject,)
        said = f"A bitmap of {row.subject} did not fit into memory: {told(row, metric)} blocks were read whole (limit "
        said += f"{shown(limit, 'blocks')}) and filtered again"
        told.also(row, "rows_removed", "total_ms")
    return Hit(
        subject=subject,
        title="A plan needs more working memory",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        tables=tables,
        snippet="-- for one transaction only; a server-wide work_mem is multiplied by every sort of every session\n"
        "SET LOCAL work_mem = '64MB';",
    )


RULE = Rule(
    id="PG060",
    slug="plan-memory",
    area="postgres",
    mechanism="temp-file-spill",
    title="Plans need more working memory",
    needs=(),
    needs_any=(("pg.plan", "nodes"), ("pg.plan.node", "lossy_blocks")),
    threshold=Threshold(
        10 * 1024**2,
        "bytes",
        "A few megabytes more than work_mem are a matter of a setting; ten, or a thousand blocks that a bitmap "
        "could not "
        "remember, cost seconds under load.",
        "PEV2 and pganalyze EXPLAIN insights, disk sort, hash batches and lossy bitmaps",
    ),
    degradation=0.3,
    why="The query sorts on disk because it may use too little memory. One run is bearable, ten at once compete for "
    "the "
    "same disk as every order.",
    fix=(
        "See whether an index gives the order, or fewer rows and columns will do.",
        "Raise work_mem for the role or the transaction that runs it.",
        "Move reports to a replica or to the night.",
    ),
    first_slice=FirstSlice("Set work_mem for this statement's transaction", 1),
    effort=Effort(0.1, 0.5, 1),
    removes=0.8,
    verify="EXPLAIN (ANALYZE) shows quicksort, one batch and no lossy blocks.",
    rollback="Remove SET LOCAL, or ALTER ROLE ... RESET work_mem.",
    references=("PostgreSQL, work_mem https://www.postgresql.org/docs/current/runtime-config-resource.html",),
    check=check,
)
