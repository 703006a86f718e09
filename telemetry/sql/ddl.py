"""Definitions as the grammar sees them: one statement's node, an enum's name, an expression as text."""

import re
from contextlib import suppress
from typing import Any

import postgast
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from telemetry.sql.grammar import _GRAMMAR_CHARS

# Lists of columns and values are flat in the grammar and may be long; what nests or chains is what exhausts its stack.
_DEFINITION_CHARS = 1_000_000
_CHAIN = re.compile(r"[-+*/<>=~!@#%^&|`?(\[]|(?i:\b(?:and|or|not|case|select|union)\b)")
_OPERATORS = 3_000


class SqlProblem(Exception):
    """The grammar refuses the text; the message is PostgreSQL's own."""


def read_statement(text: str) -> tuple[str, Any]:
    """The kind and the node of a single statement ("create_stmt", node); SqlProblem where it cannot be read."""
    if len(text) > _DEFINITION_CHARS or "\0" in text or (len(text) > _GRAMMAR_CHARS and _is_deep(text)):
        raise SqlProblem("the statement is too long to be read")
    try:
        statements = postgast.parse(text).stmts
    except postgast.PgQueryError as error:
        raise SqlProblem(str(error)) from error
    except (UnicodeEncodeError, DecodeError) as error:
        raise SqlProblem("the text is damaged") from error
    if not statements:
        return "", None
    node = statements[0].stmt
    kind = str(node.WhichOneof("node") or "")
    return kind, getattr(node, kind) if kind else None


def _is_deep(text: str) -> bool:
    """Whether so many operators stand in one statement that they may nest too deep; columns alone have few."""
    columns = text.count(",") + 1
    return len(_CHAIN.findall(text)) > _OPERATORS + 4 * columns


def enum_name(node: Any, field: str) -> str:
    """The name of an enum's value: "CONSTR_FOREIGN"."""
    enum = node.DESCRIPTOR.fields_by_name[field].enum_type
    return str(enum.values_by_number[getattr(node, field)].name)


def expression(node: Any) -> str:
    """An expression as PostgreSQL writes it, "" for none."""
    if node is None or not node.WhichOneof("node"):
        return ""
    query = postgast.parse("SELECT 1")
    query.stmts[0].stmt.select_stmt.target_list[0].res_target.val.CopyFrom(node)
    with suppress(postgast.PgQueryError):
        return str(postgast.deparse(query)).removeprefix("SELECT ")
    return "(expression)"
