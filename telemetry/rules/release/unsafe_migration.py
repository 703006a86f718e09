"""Migrations lock or rewrite tables that have grown, or take from the running release what it still asks for."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.schema import is_known_small, known_rows, schema_tables
from telemetry.rules.statements import statements, table_rows

CITED = 10


class _Way(NamedTuple):
    subject: str
    title: str
    consequence: str
    degradation: float


_WAYS = {
    "rewrites": _Way(
        "table rewrites", "Migrations rewrite tables", "every query waits until all rows are written", 0.6
    ),
    "blocks_all": _Way("checks under lock", "Migrations lock tables", "every query waits until all rows are read", 0.6),
    "blocks_writes": _Way("index builds", "Migrations block writes", "every write waits until all rows are read", 0.3),
    "fails": _Way("columns without default", "A migration fails on rows", "it fails on a table that has rows", 0.3),
}


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per way; tables known to be small are left out. What is dropped counts only while it is asked for."""
    rows = evidence.of("schema.migration")
    for metric, way in _WAYS.items():
        found = [row for row in rows if row.metrics.get(metric, 0.0) > threshold.value and _matters(row, evidence)]
        if found:
            yield _hit(
                metric, way, sorted(found, key=lambda row: (row.file, row.place.line)), evidence, threshold.value
            )
    dropped = [row for row in rows if row.metrics.get("breaks_code", 0.0) > threshold.value]
    yield from _dropped(dropped, evidence, threshold.value)


def _matters(row: Evidence, evidence: EvidenceSet) -> bool:
    if "fails" in row.metrics:
        known = known_rows(evidence, row.subject)
        return known is not None and known.metrics["live"] > 0
    return not is_known_small(evidence, row.subject)


def _hit(metric: str, way: _Way, rows: list[Evidence], evidence: EvidenceSet, limit: float) -> Hit:
    told, first = Told(), max(rows, key=lambda row: _size(row, evidence))
    told.also(first, metric)
    said = f"{first.attrs.get('change')} on {first.subject}: {way.consequence}"
    known = known_rows(evidence, first.subject)
    said += f", and it has {told(known, 'live')}" if known is not None else "; no file tells how large it is"
    for row in rows[:CITED]:
        told.also(row, metric)
    tables = tuple(dict.fromkeys(row.subject for row in rows))
    if len(tables) > 1:
        said += f". Others do the same to {', '.join(tables[:6]) if len(tables) < 7 else 'many more tables'}"
    return Hit(
        subject=Subject("migration", way.subject),
        title=way.title,
        said=said + ".",
        cites=told.cites,
        limit=limit,
        tables=tables,
        degradation=way.degradation,
        snippet="-- at the start of every migration; try again when it fails\nSET lock_timeout = '2s';",
    )


def _size(row: Evidence, evidence: EvidenceSet) -> float:
    known = known_rows(evidence, row.subject)
    return known.metrics["live"] if known is not None else -1.0


def _dropped(rows: list[Evidence], evidence: EvidenceSet, limit: float) -> Iterator[Hit | CannotTell]:
    """Drops and renames of what is still there and still asked for; one that has been done is no risk any more."""
    seen: set[str] = set()
    unknown = False
    for row in rows:
        name = f"{row.subject}.{row.attrs['column']}" if row.attrs.get("column") else row.subject
        exists = _exists(row, evidence)
        unknown = unknown or exists is None
        user = _user(row, evidence) if exists else None
        if user is not None and name not in seen:
            seen.add(name)
            told = Told()
            told.also(row, "breaks_code")
            said = f"A migration does {row.attrs.get('change')} on {name} while the running release asks for it"
            metric = "calls" if "calls" in user.metrics else "count"
            said += f": {told(user, metric)} runs of one statement" if metric in user.metrics else ""
            yield Hit(
                subject=Subject("migration", name),
                title=f"{name} goes while it is used",
                said=said + ".",
                cites=told.cites,
                limit=limit,
                tables=(row.subject,),
            )
    if unknown and not seen:
        yield CannotTell("pg_dump --schema-only: whether what the migrations drop or rename is still there")


def _exists(row: Evidence, evidence: EvidenceSet) -> bool | None:
    """Whether the table, or the column, is in the database; None when no file tells."""
    schema = schema_tables(evidence).get(row.subject)
    is_dump = schema is not None and bool(schema.attrs.get("whole"))
    if row.attrs.get("column"):
        names = {str(one["name"]) for one in schema.attrs.get("columns") or ()} if schema is not None else set()
        return row.attrs["column"] in names if is_dump else None
    tables = table_rows(evidence)
    return row.subject in tables or is_dump if tables or is_dump else None


def _user(row: Evidence, evidence: EvidenceSet) -> Evidence | None:
    word = re.compile(rf"\b{re.escape(str(row.attrs.get('column') or row.subject.rsplit('.', 1)[-1]))}\b")
    for statement in statements(evidence):
        if row.subject in statement.tables and word.search(statement.text):
            return statement.stat or statement.log
    return None


RULE = Rule(
    id="RL040",
    slug="unsafe-migration",
    area="release",
    mechanism="unsafe-migration",
    title="Migrations lock tables that are in use",
    needs=(),
    needs_any=tuple(
        ("schema.migration", metric) for metric in ("rewrites", "blocks_all", "blocks_writes", "fails", "breaks_code")
    ),
    threshold=Threshold(
        0,
        "1",
        "Each of these forms has one that does not lock or break; tables that the same file creates, or that are known "
        "to have under 10,000 rows, are left alone.",
        "Squawk, rules for PostgreSQL migrations; strong_migrations, checks",
    ),
    degradation=0.6,
    why="The way tables are changed stops all work on them until every row was read or written. On a small table "
    "nobody notices; on a grown one the shop stands still for minutes.",
    fix=(
        "Create indexes CONCURRENTLY, outside of a transaction.",
        "Add constraints NOT VALID, then VALIDATE them in a migration of their own.",
        "Change types and defaults by a new column that is filled in batches.",
        "Drop or rename only what no running release asks for any more.",
        "Let a linter (Squawk, strong_migrations) read every migration in the pipeline, and set lock_timeout.",
    ),
    first_slice=FirstSlice("Put lock_timeout and a linter into the migration's pipeline", 4),
    effort=Effort(0.25, 0.75, 2),
    removes=0.8,
    verify="The linter passes on every migration, and the next one ends within its lock_timeout.",
    rollback="An index that was built concurrently is dropped concurrently; NOT VALID constraints are dropped.",
    references=(
        "PostgreSQL, ALTER TABLE https://www.postgresql.org/docs/current/sql-altertable.html",
        "Squawk, Rules https://squawkhq.com/docs/rules",
    ),
    check=check,
)
