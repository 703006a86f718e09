"""An identity that may be stored twice: an account's address, a payment's key, a provider's own id."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.others_ids import holds_others_id, snake
from telemetry.rules.schema import indexes_of, schema_tables, sql_name
from telemetry.sql.index import quote_name

AT_ONCE = "two requests at once store it twice"
AGAIN = "a callback that comes again stores it again"
_PASSWORD = re.compile(r"(?:encrypted_|hashed_)?pass(?:word|wd)(?:_(?:hash|digest))?$")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per column that identifies what its table stores while no file has a unique index that holds it."""
    for table, row in schema_tables(evidence).items():
        columns = [str(column["name"]) for column in row.attrs.get("columns") or ()]
        unique = [index for index in indexes_of(evidence, table) if index.attrs.get("unique")]
        for column in columns:
            consequence = _consequence(evidence, row, column, columns)
            if consequence and not any(_holds(index, column) for index in unique):
                yield _hit(row, column, consequence, threshold.value)


def _consequence(evidence: EvidenceSet, table: Evidence, column: str, columns: list[str]) -> str:
    """What happens without a unique index; "" where rows may share the value."""
    name = snake(column)
    if name in ("email", "email_address"):
        return AT_ONCE if any(_PASSWORD.match(snake(other)) for other in columns) else ""
    if name == "idempotency_key":
        return AT_ONCE
    return AGAIN if holds_others_id(evidence, table, column) else ""


def _holds(index: Evidence, column: str) -> bool:
    return any(re.search(rf"\b{re.escape(column)}\b", str(part)) for part in index.attrs.get("columns") or ())


def _hit(row: Evidence, column: str, consequence: str, limit: float) -> Hit:
    told, table = Told(), row.subject
    said = (
        f"{table}.{column} says who or what a row is, and none of the {told(row, 'indexes')} indexes of {table} keeps "
        f"it unique: {consequence}."
    )
    name = quote_name(f"{table.rsplit('.', 1)[-1]}_{column}_key"[:63])
    return Hit(
        subject=Subject("table", f"{table}({column})"),
        title=f"{table}({column}) may be stored twice",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=(table,),
        snippet=f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {sql_name(table)} ({quote_name(column)});",
    )


RULE = Rule(
    id="PG036",
    slug="missing-unique",
    area="postgres",
    mechanism="missing-constraint",
    title="An identity may be stored twice",
    needs=(("schema.table", "indexes"),),
    threshold=Threshold(
        0,
        "1",
        "The sign-in address of an account, an idempotency key and the id that a payment provider gave to what a row "
        "holds stand once, or the code's own check is a race.",
        "PostgreSQL documentation, unique constraints; Rails guide, uniqueness needs a unique index; Stripe, Handle "
        "duplicate events",
    ),
    degradation=0.6,
    why="Two clicks in the same moment can create the same account or book the same payment twice. Code that looks "
    "first and writes then cannot prevent it; the database can.",
    fix=(
        "Count values that stand twice and decide which row stays.",
        "Merge or remove the others in batches.",
        "Create the unique index concurrently; for addresses on lower(email).",
        "Handle the conflict in the code: ON CONFLICT DO NOTHING, or SQLSTATE 23505 as already done.",
    ),
    first_slice=FirstSlice("Count duplicates and create the unique index where there are none", 4),
    effort=Effort(0.25, 0.75, 2),
    removes=0.9,
    verify="Two parallel inserts of one value end in one row and one handled conflict.",
    rollback="DROP INDEX CONCURRENTLY removes the index; no row is changed by it.",
    references=("PostgreSQL, Unique Constraints https://www.postgresql.org/docs/current/ddl-constraints.html",),
    check=check,
)
