"""Compiling a query takes a large part of its time."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown

LONG_MS = 100.0


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit about the setting, by the plan that lost most time."""
    rows = [
        row
        for row in evidence.having("pg.plan", "jit_ms", "execution_ms")
        if row.metrics["jit_ms"] > max(LONG_MS, threshold.value * row.metrics["execution_ms"])
    ]
    row = max(rows, key=lambda one: (one.metrics["jit_ms"], one.subject), default=None)
    if row is None:
        return
    told, limit = Told(), max(LONG_MS, threshold.value * row.metrics["execution_ms"])
    said = (
        f"Compiling took {told(row, 'jit_ms')} (limit {shown(limit, 'ms')}) of {told(row, 'execution_ms')} that the "
        "statement ran."
    )
    told.also(row, "cost", "planning_ms")
    yield Hit(
        subject=Subject("setting", "jit"),
        title="Compiling queries takes longer than it saves",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=tuple(row.attrs.get("tables") or ()),
        snippet="ALTER SYSTEM SET jit = off;\nSELECT pg_reload_conf();",
    )


RULE = Rule(
    id="PG061",
    slug="plan-jit",
    area="postgres",
    mechanism="misconfiguration",
    title="Compiling queries takes longer than it saves",
    needs=(("pg.plan", "jit_ms"),),
    threshold=Threshold(
        0.3,
        "share",
        "Compilation pays off in analytics of many seconds; more than 100 ms and a third of the time are pure loss.",
        "PostgreSQL documentation, when to JIT; House limit for the share",
    ),
    degradation=0.1,
    why="The database compiles queries before it runs them, and here that takes longer than it can save. Pages wait "
    "for "
    "a compiler.",
    fix=(
        "Switch jit off for the application's role, or for the server.",
        "Or raise jit_above_cost tenfold, so that only large reports are compiled.",
        "Compare the statement's time afterwards.",
    ),
    first_slice=FirstSlice("Switch jit off for the application's role", 1),
    effort=Effort(0.1, 0.1, 0.25),
    removes=0.9,
    verify="EXPLAIN (ANALYZE) of the statement shows no JIT section.",
    rollback="ALTER SYSTEM RESET jit and reload.",
    references=("PostgreSQL, When to JIT https://www.postgresql.org/docs/current/jit-decision.html",),
    check=check,
)
