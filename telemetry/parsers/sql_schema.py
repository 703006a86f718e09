"""The database's schema in SQL: `pg_dump --schema-only`, a structure.sql, or migrations, read in PostgreSQL's grammar.

Statements are applied in order, so that what a migration drops or renames is gone. Data of a dump is passed over.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import schema_evidence, sql_changes
from telemetry.parsers.base import Parser
from telemetry.parsers.readers import reject_line
from telemetry.parsers.schema_model import Schema
from telemetry.parsers.sql_ddl import DEFINES, apply
from telemetry.parsers.sql_statements import Statement, Statements, inside_do
from telemetry.source import Head, Source
from telemetry.sql import SqlProblem

HOW = "Export with: pg_dump --schema-only --no-owner --no-privileges DATABASE > schema.sql"
CHECKED_CHARS = 10_000  # longer statements that define nothing are passed over unread
_DEFINITION = re.compile(rf"^[ \t]*{DEFINES.pattern}", re.I | re.M)
# Rows of a table; those of the migrations' own bookkeeping belong to a schema.
_ROWS = re.compile(r"insert\s+into\s+(?![\w.\"]*(?:migrations|internal_metadata)\b)", re.I)
_DUMP = re.compile(r"^-- PostgreSQL database (?:cluster )?dump", re.M)
_START = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/|\\[^\n]*\n)*+"
    r"(?:set|create|alter|drop|begin|commit|select|insert|do|grant|revoke|start|copy|update|delete|truncate|lock|comment"
    r"|with|use|reset|analyze|vacuum|pragma)\b",
    re.I | re.S,
)
_MESSAGE = ":  "  # in every text below: to ask for it is far cheaper
_LOG = re.compile(r"\b(?:LOG|ERROR|DETAIL|STATEMENT):  ")
_OTHERS = (
    (re.compile(r"\bENGINE\s*=\s*\w+|\bAUTO_INCREMENT\b|CREATE TABLE [^\n(]*`"), "MySQL"),
    (re.compile(r"\bAUTOINCREMENT\b|^PRAGMA ", re.M | re.I), "SQLite"),
    (re.compile(r"^GO\s*$|\bIDENTITY\(\d|\bCLUSTERED\b|CREATE TABLE [^\n(]*\[dbo\]", re.M), "SQL Server"),
)


def sniff(head: Head) -> bool:
    """Claim text that starts as SQL does and defines a table or an index, or that pg_dump wrote."""
    text = head.text.removeprefix("\ufeff")
    if _DUMP.search(text[:2_000]):
        return True
    if _START.match(text[:20_000]) is None or _DEFINITION.search(text) is None:
        return False
    return _MESSAGE not in text or _LOG.search(text) is None


def parse(source: Source) -> ParseResult:
    """A row for each table, foreign key and index at the end; ParseError when the file defines none of them."""
    result, schema = ParseResult(carrier="sql"), Schema()
    reading = _Reading(source, result)
    statements = Statements(reading.lines())
    for statement in statements:
        source.records += reading.read(statement, schema)
    result.lines, result.blank = statements.last, statements.blank
    result.records_lines = result.lines - result.blank - result.rejected
    if not (schema.tables or schema.indexes or schema.foreign_keys or reading.changes):
        _refuse(reading, statements.copied + reading.inserts)
    _finish(result, schema, reading, statements.copied + reading.inserts)
    return result


class _Reading:
    """What the file is, as it is read."""

    def __init__(self, source: Source, result: ParseResult) -> None:
        self.source, self.result = source, result
        self.is_dump = False
        self.other = ""
        self.created = self.statements = self.inserts = 0
        self.changes: list[tuple[Statement, sql_changes.Change]] = []
        self._rejected_to = 0
        self._blanks: list[int] = []

    def lines(self) -> Iterator[tuple[int, str]]:
        for number, raw in self.source.lines():
            text = raw.decode("utf-8", "replace")
            if number == 1:
                text = text.removeprefix("\ufeff")
            if number <= 20:
                self.is_dump = self.is_dump or bool(_DUMP.match(text))
            if not text.strip():
                self._blanks.append(number)
            yield number, text

    def read(self, statement: Statement, schema: Schema) -> int:
        """Apply a statement; the number of definitions read, 0 or 1."""
        self.statements += 1
        self.inserts += bool(_ROWS.match(statement.text))
        defines = bool(DEFINES.match(statement.text))
        if not defines and len(statement.text) > CHECKED_CHARS and not statement.cut:
            self._blanks.clear()
            return 0
        try:
            if not self.is_dump:
                self.changes += [(statement, change) for change in sql_changes.changes_of(statement, schema)]
            found = apply(statement, schema)
        except SqlProblem:
            self._reject(statement)
            return 0
        self._blanks.clear()
        count = int(found) + self._read_inner(statement, schema)
        self.result.records += count
        return count

    def _read_inner(self, statement: Statement, schema: Schema) -> int:
        """Apply what a DO block defines; what is no SQL by itself (PL/pgSQL) is passed over with the block."""
        count = 0
        for inner in inside_do(statement):
            with suppress(SqlProblem):
                count += apply(inner, schema)
        return count

    def _reject(self, statement: Statement) -> None:
        """Count the statement's lines that are not blank, each once; its first line is the sample."""
        self.other = self.other or next((name for mark, name in _OTHERS if mark.search(statement.text)), "")
        first = max(statement.line, self._rejected_to + 1)
        blank = sum(first <= number <= statement.last for number in self._blanks)
        self._blanks.clear()
        lines = statement.last - first + 1 - blank
        if lines > 0:
            text = statement.text.split("\n", 1)[0].rstrip("\r")
            reject_line(statement.line, text, self.result)
            self.result.rejected += lines - 1
            self._rejected_to = statement.last


def _refuse(reading: _Reading, rows: int) -> None:
    if rows:
        raise ParseError(f"This dump holds rows of tables and defines none; send no data. {HOW}", 1)
    if not reading.statements:
        raise ParseError(f"The file is empty or holds comments only. {HOW}")
    if reading.other:
        raise ParseError(f"This is a schema of {reading.other}; only PostgreSQL is read. {HOW}", 1)
    samples = reading.result.rejected_samples
    if samples:
        raise ParseError(f"PostgreSQL's grammar refuses the statements of this file. {HOW}", samples[0].line)
    raise ParseError(f"No table, key or index stands at the end of this file. {HOW}", 1)


def _finish(result: ParseResult, schema: Schema, reading: _Reading, rows: int) -> None:
    whole = reading.is_dump
    result.carrier = "pg_dump" if whole else "sql"
    elsewhere = sum(key.table not in schema.tables for key in schema.foreign_keys)
    if not whole:
        result.notes.append(
            "Read as the whole schema: indexes and keys that other files add or drop are not seen. "
            "pg_dump --schema-only shows what the database has."
        )
    if elsewhere:
        result.notes.append(f"{elsewhere:,} foreign keys are on tables that this file does not create: not judged.")
    if rows:
        result.notes.append(f"The dump holds data: {rows:,} lines were passed over. Send the schema only.")
    if reading.other:
        result.notes.append(f"Statements of {reading.other} are among those that were not read.")
    schema_evidence.add_evidence(schema, result, whole)
    sql_changes.add_evidence(reading.changes, result)
    result.totals = {
        "tables": len(schema.tables),
        "tables_without_primary_key": sum(schema_evidence.lacks_key(table, schema) for table in schema.tables.values()),
        "foreign_keys": len(schema.foreign_keys),
        "foreign_keys_without_index": sum(
            schema_evidence.is_unindexed(key, schema) for key in schema.foreign_keys if key.table in schema.tables
        ),
        "indexes": sum(not index.constraint for index in schema.indexes),
        "duplicate_indexes": len(schema_evidence.duplicates_of(schema.indexes)),
    }
    result.enables = ["Foreign keys without an index, tables without a key", "Indexes that do the same work twice"]


PARSER = Parser(
    id="sql-schema",
    title="Database schema in SQL",
    how_to_export="pg_dump --schema-only --no-owner --no-privileges DATABASE > schema.sql",
    looks_for="SQL with CREATE TABLE, CREATE INDEX or ALTER TABLE, or the heading of pg_dump",
    kinds=(*schema_evidence.KINDS, "schema.migration"),
    sniff=sniff,
    parse=parse,
)
