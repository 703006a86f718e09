"""A statement reads across tenants where the others never do."""

import re
from collections import Counter
from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.statements import STAT, Statement, statements

# How the key of a tenant is called; "account" and "user" are people as often.
_KEY = re.compile(r"(?:tenant|organi[sz]ation|org|workspace|company|team|shop|store|merchant)_?id\Z", re.I)
ENOUGH_TABLES = 5
MOST_TABLES = 0.5
ENOUGH_STATEMENTS = 10
ENOUGH_CALLS = 200  # a report or a person at a prompt reads across tenants now and then
# A row that is found by such a column belongs to whoever knows it.
_IDENTIFIES = re.compile(r"(?:\A|_)(?:id|key|token|slug|uuid|hash|email|number|code|name|handle)\Z|Id\Z", re.I)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Only where the tenant's key is a habit: in most tables, and in most statements on them.

    Where statements carry no key at all, row level security or a schema for each tenant does the work, unseen here.
    """
    tables = columns_by_table(evidence)
    key, scoped = scope(tables)
    if not key:
        if any(_KEY.match(name) for columns in tables.values() for name in columns):
            yield CannotTell("a schema in which most tables have a tenant's key")
        return
    read = [one for one in statements(evidence) if one.verb == "SELECT" and flat(one.main_table) in scoped]
    unkeyed = [one for one in read if not names_key(one, key)]
    if len(read) < ENOUGH_STATEMENTS or len(read) - len(unkeyed) <= threshold.value * len(read):
        yield CannotTell("whether the database itself keeps tenants apart (row level security)")
        return
    for one in unkeyed:
        if is_list_of_all(one):
            yield _hit(one, key, threshold.value)


def columns_by_table(evidence: EvidenceSet) -> dict[str, set[str]]:
    """The columns of each table of the schema."""
    tables: dict[str, set[str]] = {}
    for row in evidence.of("schema.table"):
        columns = row.attrs.get("columns") or ()
        tables[flat(row.subject)] = {str(one.get("name")) for one in columns if isinstance(one, dict)}
    return tables


def scope(tables: dict[str, set[str]]) -> tuple[str, set[str]]:
    """(name of the tenant's key, the tables that have it); ("", empty) when it is no habit of the schema."""
    keys = Counter(name for columns in tables.values() for name in columns if _KEY.match(name))
    key, count = keys.most_common(1)[0] if keys else ("", 0)
    if count < ENOUGH_TABLES or count <= MOST_TABLES * len(tables):
        return "", set()
    return key, {table for table, columns in tables.items() if key in columns}


def flat(name: str) -> str:
    """A table without quotes and the schema public."""
    return name.replace('"', "").lower().removeprefix("public.")


def names_key(statement: Statement, key: str) -> bool:
    """Whether the key stands anywhere in the text: as a condition, in a join, in a part of it."""
    return re.search(rf"\b{re.escape(key)}\b", statement.text, re.I) is not None


def is_list_of_all(statement: Statement) -> bool:
    """A regular read of several rows that nothing identifies; queues that lock rows and sums are for all tenants."""
    if statement.has("for_update") or statement.has("aggregate") or not statement.text:
        return False
    columns = [str(name).rpartition(".")[2] for name in statement.attrs.get("equality") or ()]
    calls, rows = statement.number(STAT, "calls") or 0.0, statement.number(STAT, "rows_per_call") or 0.0
    return calls >= ENOUGH_CALLS and rows > 1 and not any(_IDENTIFIES.search(name) for name in columns)


def _hit(statement: Statement, key: str, limit: float) -> Hit:
    told, stat = Told(), statement.rows[STAT]
    said = (
        f"A SELECT on {statement.main_table} returns {told(stat, 'rows_per_call')} rows a call without naming {key}, "
        f"over "
        f"{told(stat, 'calls')} calls; nearly all other reads of such tables name it."
    )
    return Hit(
        subject=statement.subject,
        title=f"{statement.main_table} is read across tenants",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=statement.tables,
    )


RULE = Rule(
    id="TE010",
    slug="missing-tenant-filter",
    area="tenancy",
    mechanism="missing-tenant-filter",
    title="A table is read across tenants",
    needs=(("schema.table", "columns"), (STAT, "rows_per_call")),
    threshold=Threshold(
        0.8,
        "share",
        "When four reads in five name the tenant, the application keeps tenants apart by that name, and a read without "
        "it has forgotten it or is meant for all.",
        "House limit; OWASP, Multi-Tenant Security Cheat Sheet",
    ),
    degradation=1.0,
    why="If a customer's page runs this, it can show another customer's rows, which is a breach you must report.",
    fix=(
        "Find the place that runs the statement: a customer's page, or a job that is meant for all tenants.",
        "Name the tenant in the condition, from the session and never from the request.",
        "Let the database refuse it: row level security with a policy on the tenant's key.",
        "Test with two tenants that each sees only its own.",
    ),
    first_slice=FirstSlice("Find the place and name the tenant in it", 4),
    effort=Effort(0.5, 1.5, 5),
    removes=0.8,
    verify="The statement is gone from pg_stat_statements, or stands there with the tenant's key.",
    rollback="Take the condition out again; a policy is dropped with DROP POLICY.",
    references=(
        "OWASP, Multi-Tenant Security "
        "https://cheatsheetseries.owasp.org/cheatsheets/Multi_Tenant_Security_Cheat_Sheet.html",
        "PostgreSQL, Row Security Policies https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
    ),
    check=check,
)
