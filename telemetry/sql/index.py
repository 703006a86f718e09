"""The index a statement asks for, by the order a B-tree can use: equality, then sort, then one range."""

import re
from dataclasses import dataclass

from telemetry.sql.shape import StatementShape

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")
# Words PostgreSQL 18 reserves and people use as names; quoted more often than needed does no harm.
_RESERVED = re.compile(
    "(?:all|analy[sz]e|and|any|array|as|asc|both|case|cast|check|collate|column|constraint|create|default|desc|distinct|"
    "do|else|end|except|false|fetch|for|foreign|from|grant|group|having|in|initially|intersect|into|lateral|leading|"
    "limit|localtime|not|null|offset|on|only|or|order|placing|primary|references|returning|select|some|symmetric|table|"
    r"then|to|trailing|true|union|unique|user|using|variadic|when|where|window|with)\Z"
)
_COLUMNS = 4
_NAME_CHARS = 63


@dataclass(frozen=True, slots=True)
class Index:
    """`table` may hold its schema; a column may end in " DESC"."""

    table: str
    columns: tuple[str, ...]

    def create_statement(self) -> str:
        """`CREATE INDEX CONCURRENTLY name ON table (columns);`, quoted where PostgreSQL needs it."""
        columns = ", ".join(_column(column) for column in self.columns)
        return f"CREATE INDEX CONCURRENTLY {quote_name(self.name)} ON {_table(self.table)} ({columns});"

    @property
    def name(self) -> str:
        words = [self.table.rsplit(".", 1)[-1], *(column.removesuffix(" DESC") for column in self.columns)]
        return "_".join(words)[: _NAME_CHARS - 4] + "_idx"


def quote_name(name: str) -> str:
    """An identifier as it must be written in SQL."""
    if _PLAIN.match(name) and not _RESERVED.match(name):
        return name
    return '"' + name.replace('"', '""') + '"'


def _column(column: str) -> str:
    bare = column.removesuffix(" DESC")
    return quote_name(bare) + column[len(bare) :]


def _table(table: str) -> str:
    return ".".join(quote_name(part) for part in table.split(".", 1))


def propose_index(shape: StatementShape) -> Index | None:
    """The index for the table that the statement narrows most, None when nothing there can use one.

    A table found by `id` alone is taken to have its primary key; then the other side of its join is proposed.
    """
    if shape.verb not in ("SELECT", "UPDATE", "DELETE"):
        return None
    filters = [index for table in shape.tables if (index := _for_table(shape, table))]
    joins = [index for table in shape.tables if (index := _for_join(shape, table))]
    if filters:
        return max(filters, key=lambda index: len(_of(index.table, shape.equality)))
    return joins[0] if joins else None


def _of(table: str, columns: tuple[str, ...]) -> list[str]:
    return [column[len(table) + 1 :] for column in columns if column.startswith(table + ".")]


def _for_table(shape: StatementShape, table: str) -> Index | None:
    equality, ranges = _of(table, shape.equality), _of(table, shape.ranges)
    if "id" in equality:
        return None
    sort = _of(table, shape.sort)
    if len(sort) < len(shape.sort) or shape.group:
        sort = []  # an order that spans tables, or follows a grouping, cannot come from one index
    # A predicate alone (deleted_at IS NULL) does not narrow enough to deserve its own index.
    if not equality and not ranges and not (sort and shape.limit):
        return None
    columns = list(dict.fromkeys([*equality, *sort]))
    plain = [column.removesuffix(" DESC") for column in columns]
    columns += [column for column in ranges[:1] if column not in plain]
    return Index(table, tuple(_dedupe(columns)[:_COLUMNS]))


def _for_join(shape: StatementShape, table: str) -> Index | None:
    columns = [column for column in _of(table, shape.joins) if column != "id"]
    return Index(table, (columns[0],)) if columns else None


def _dedupe(columns: list[str]) -> list[str]:
    kept: dict[str, str] = {}
    for column in columns:
        kept.setdefault(column.removesuffix(" DESC"), column)
    return list(kept.values())
