"""What a migration does to a table that exists already: what it blocks, rewrites, or takes from running code.

Which statement takes which lock: https://www.postgresql.org/docs/current/sql-altertable.html and explicit-locking.html.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from telemetry.evidence import Evidence, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.schema_model import Schema
from telemetry.parsers.sql_statements import Statement
from telemetry.sql import enum_name, expression, read_statement

MAX_ROWS = 2_000
CHANGES = re.compile(r"(?:create\s+(?:unique\s+)?index|alter\s+table|drop\s+table)\b", re.I)
# Functions that give another value at each call: a default of them is computed for every row that exists.
_VOLATILE = re.compile(
    r"\b(?:random|gen_random_uuid|uuid_generate_v\w+|clock_timestamp|timeofday|nextval|uuidv\d)\s*\(", re.I
)
_SERIAL = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})
_WIDER = frozenset({"text", "varchar"})  # from a shorter varchar nothing is rewritten


class Change(NamedTuple):
    """The table, the metric, the change in words, and the column that goes or changes its name."""

    table: str
    metric: str
    words: str
    column: str = ""


def changes_of(statement: Statement, schema: Schema) -> list[Change]:
    """Changes of tables that the file has not created itself; SqlProblem where the text is no SQL."""
    if not CHANGES.match(statement.text):
        return []
    kind, node = read_statement(statement.text)
    reader = _READERS.get(kind)
    return [one for one in reader(node) if one.table not in schema.tables] if reader else []


def add_evidence(found: list[tuple[Statement, Change]], result: ParseResult) -> None:
    """A row for each change, at the line of its statement."""
    for statement, change in found[:MAX_ROWS]:
        result.evidence.append(
            Evidence(
                kind="schema.migration",
                subject=change.table,
                metrics={change.metric: 1.0},
                place=readers.place(statement.line, statement.text.split("\n", 1)[0].rstrip("\r"), result),
                attrs={"change": change.words, "column": change.column},
            )
        )


def _name(relation: Any) -> str:
    schema = relation.schemaname
    return f"{schema}.{relation.relname}" if schema and schema != "public" else str(relation.relname)


def _index(node: Any) -> Iterator[Change]:
    if not node.concurrent:
        yield Change(_name(node.relation), "blocks_writes", "CREATE INDEX without CONCURRENTLY")


def _alter(node: Any) -> Iterator[Change]:
    if enum_name(node, "objtype") != "OBJECT_TABLE":
        return
    table = _name(node.relation)
    for entry in node.cmds:
        command = entry.alter_table_cmd
        if found := _command(enum_name(command, "subtype"), command):
            column = str(command.name) if found[0] == "breaks_code" else ""
            yield Change(table, *found, column)


def _command(kind: str, command: Any) -> tuple[str, str] | None:
    if kind == "AT_AddConstraint":
        return _constraint(getattr(command, "def").constraint)
    if kind == "AT_AddColumn":
        return _column(getattr(command, "def").column_def)
    if kind == "AT_AlterColumnType":
        type_name = getattr(command, "def").column_def.type_name
        is_wider = str(type_name.names[-1].string.sval) in _WIDER and not type_name.typmods
        return None if is_wider else ("rewrites", "ALTER COLUMN TYPE")
    if kind == "AT_SetNotNull":
        return "blocks_all", "SET NOT NULL"
    return ("breaks_code", "DROP COLUMN") if kind == "AT_DropColumn" else None


def _constraint(node: Any) -> tuple[str, str] | None:
    kind = enum_name(node, "contype")
    if kind == "CONSTR_FOREIGN" and not node.skip_validation:
        return "blocks_writes", "FOREIGN KEY without NOT VALID"
    if kind == "CONSTR_CHECK" and not node.skip_validation:
        return "blocks_all", "CHECK without NOT VALID"
    if kind in ("CONSTR_UNIQUE", "CONSTR_PRIMARY") and not node.indexname:
        return "blocks_all", "UNIQUE or PRIMARY KEY built in place"
    return None


def _column(node: Any) -> tuple[str, str] | None:
    constraints = [entry.constraint for entry in node.constraints]
    kinds = {enum_name(constraint, "contype") for constraint in constraints}
    defaults = [expression(one.raw_expr) for one in constraints if enum_name(one, "contype") == "CONSTR_DEFAULT"]
    is_serial = str(node.type_name.names[-1].string.sval) in _SERIAL
    if is_serial or "CONSTR_GENERATED" in kinds or any(_VOLATILE.search(text) for text in defaults):
        return "rewrites", "ADD COLUMN with a default that differs by row"
    if "CONSTR_NOTNULL" in kinds and not defaults and "CONSTR_IDENTITY" not in kinds:
        return "fails", "ADD COLUMN NOT NULL without a default"
    return None


def _drop(node: Any) -> Iterator[Change]:
    if enum_name(node, "remove_type") == "OBJECT_TABLE":
        for entry in node.objects:
            parts = [str(one.string.sval) for one in entry.list.items]
            yield Change(".".join(parts[1:] if parts[:1] == ["public"] else parts), "breaks_code", "DROP TABLE")


def _rename(node: Any) -> Iterator[Change]:
    words = {"OBJECT_TABLE": "RENAME of a table", "OBJECT_COLUMN": "RENAME of a column"}
    if (kind := enum_name(node, "rename_type")) in words and node.relation.relname:
        column = str(node.subname) if kind == "OBJECT_COLUMN" else ""
        yield Change(_name(node.relation), "breaks_code", words[kind], column)


_READERS = {"index_stmt": _index, "alter_table_stmt": _alter, "drop_stmt": _drop, "rename_stmt": _rename}
