"""Statements ask for tables or columns that do not exist: code and schema are out of step."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

_UNDEFINED = {"42P01": "table", "42703": "column", "42883": "function"}


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per kind of missing object; a person who mistypes at a prompt stays below the limit."""
    for row in worst_each(evidence.of("pg.log.error"), "count"):
        missing = _missing(row)
        if missing and row.metrics["count"] > threshold.value:
            yield _hit(row, missing, threshold.value)


def _missing(row: Evidence) -> str:
    if row.subject in _UNDEFINED:
        return _UNDEFINED[row.subject]
    message = str(row.attrs.get("message") or row.subject)
    if "does not exist" not in message:
        return ""
    words = {"relation": "table", "column": "column", "function": "function"}
    return next((name for word, name in words.items() if message.startswith(word)), "")


def _hit(row: Evidence, missing: str, limit: float) -> Hit:
    told, tables = Told(), tuple(row.attrs.get("tables") or ())
    said = (
        f"{told(row, 'count')} statements failed because a {missing} does not exist (limit {shown(limit, '1')}): the "
        "running code and the schema do not belong together."
    )
    return Hit(
        subject=Subject("migration", f"missing {missing}" + (f" in {tables[0]}" if tables else "")),
        title=f"Code asks for a missing {missing}",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        tables=tables,
    )


RULE = Rule(
    id="RL001",
    slug="schema-mismatch",
    area="release",
    mechanism="unsafe-migration",
    title="Code and schema are out of step",
    needs=(("pg.log.error", "count"),),
    threshold=Threshold(
        10,
        "1",
        "A mistyped query fails once or twice; more than ten times the same error comes from an application.",
        "House limit; PostgreSQL, meaning of 42P01, 42703 and 42883",
    ),
    degradation=0.6,
    why="A release went out before, or without, the change of the database it needs. The pages that use it fail until "
    "both fit again.",
    fix=(
        "Find the statements in the log and which release brought them.",
        "Run the missing migration, or roll the code back.",
        "Split changes in two: first add what the new code needs, later drop what the old code used.",
        "Run migrations as a step of their own before the code goes live, and stop the release when they fail.",
    ),
    first_slice=FirstSlice("Run the missing migration or roll back", 2),
    effort=Effort(0.25, 1, 2),
    removes=0.8,
    verify="No error 42P01, 42703 or 42883 in the day after the next two releases.",
    rollback="The code's rollback; added columns can stay.",
    references=("PostgreSQL, Error Codes https://www.postgresql.org/docs/current/errcodes-appendix.html",),
    check=check,
)
