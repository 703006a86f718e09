"""Time goes into a statement and no other rule explains it."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules import index_need, lock_waits
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.postgres import (
    missing_index,
    offset_pagination,
    reporting_on_primary,
    temp_file_spill,
    unbounded_query,
)
from telemetry.rules.statements import LOG, STAT, Statement, statements

ENOUGH_CALLS = 100
LARGE_SHARE = 0.10  # below it a slow statement is harmless unless each call is slow for a person
SLOW_FOR_A_PERSON_MS = 100.0
LOGGED_P95_MS = 500.0
_DOES_WORK = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "CALL"})


def explained(evidence: EvidenceSet) -> set[str]:
    """Fingerprints that a more exact rule answers for."""
    found = index_need.explained(evidence, missing_index.RULE.threshold.value)
    found |= {statement.fingerprint for statement in lock_waits.waiting(evidence)}
    for statement in statements(evidence):
        if (
            reporting_on_primary.is_report(statement, reporting_on_primary.RULE.threshold.value)
            or temp_file_spill.spills(statement, temp_file_spill.RULE.threshold.value)
            or offset_pagination.pages(statement, offset_pagination.RULE.threshold.value)
            or unbounded_query.is_unbounded(statement, unbounded_query.RULE.threshold.value)
        ):
            found.add(statement.fingerprint)
    return found


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per unexplained statement, by statistics where there are any, else by the log."""
    known = explained(evidence)
    for statement in statements(evidence):
        if statement.fingerprint in known or statement.verb not in _DOES_WORK or statement.is_about_server:
            continue
        if statement.stat is not None:
            if _is_slow(statement.stat, threshold.value):
                yield _hit(statement, statement.stat, "mean_ms", threshold.value)
        elif statement.log is not None and _is_slow_in_log(statement.log):
            yield _hit(statement, statement.log, _slow_end(statement.log), LOGGED_P95_MS)


def _is_slow(stat: Evidence, limit: float) -> bool:
    mean = stat.metrics.get("mean_ms", 0.0)
    matters = stat.metrics.get("share", 0.0) > LARGE_SHARE or mean > SLOW_FOR_A_PERSON_MS
    return mean > limit and stat.metrics.get("calls", 0.0) >= ENOUGH_CALLS and matters


def _is_slow_in_log(row: Evidence) -> bool:
    """A log holds only what was slow enough for it: mean and share say little, the slow end says enough."""
    return row.metrics.get("count", 0.0) >= ENOUGH_CALLS and row.metrics.get(_slow_end(row), 0.0) > LOGGED_P95_MS


def _slow_end(row: Evidence) -> str:
    """What tells the slow end; of a report that gives no percentile the mean, which lies below it."""
    return "p95_ms" if "p95_ms" in row.metrics else "mean_ms"


def _hit(statement: Statement, row: Evidence, metric: str, limit: float) -> Hit:
    told, runs = Told(), "calls" if row.kind == STAT else "count"
    what = f"{statement.verb} on {statement.main_table}" if statement.main_table else statement.subject.name
    how = "on average" if metric == "mean_ms" else "in the slowest twentieth of its logged runs"
    said = (
        f"{what} takes {told(row, metric)} {how} (limit {shown(limit, 'ms')}), {told(row, 'total_ms')} in "
        f"{told(row, runs)} runs; nothing else in the files that were sent explains it."
    )
    told.also(row, "share", "max_ms", "blocks_per_row")
    return Hit(
        subject=statement.subject,
        title=f"{what} is slow, cause unknown" if len(what.split()) < 5 else "A statement is slow, cause unknown",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        tables=statement.tables,
    )


RULE = Rule(
    id="PG008",
    slug="slow-query",
    area="postgres",
    mechanism="slow-query",
    title="A statement is slow without known cause",
    needs=(),
    needs_any=((STAT, "mean_ms"), (LOG, "p95_ms"), (LOG, "mean_ms")),
    threshold=Threshold(
        20,
        "ms",
        "Mean of 20 ms over 100 calls or more, where it takes a tenth of all database time or each call exceeds 100 "
        "ms.",
        "PgHero, slow queries (20 ms and 100 calls)",
    ),
    degradation=0.3,
    why="One statement takes much of the database's time. Until its cause is known, every growth in traffic adds to "
    "it.",
    fix=(
        "Take a plan with EXPLAIN (ANALYZE, BUFFERS) with the values of a slow run.",
        "Compare estimated and actual rows; where they differ tenfold, ANALYZE or add extended statistics.",
        "Look for functions, triggers and casts that run once for each row.",
        "Turn on auto_explain for statements above 500 ms, so that the next slow run brings its plan.",
    ),
    first_slice=FirstSlice("Take a plan of the statement on production and name the cause", 4),
    effort=Effort(0.5, 1.5, 3),
    removes=0.6,
    verify="The statement's mean falls below 20 ms in the next pg_stat_statements export.",
    rollback="Nothing changes until the cause is named.",
    references=(
        "PostgreSQL, Using EXPLAIN https://www.postgresql.org/docs/current/using-explain.html",
        "PostgreSQL, auto_explain https://www.postgresql.org/docs/current/auto-explain.html",
    ),
    check=check,
)
