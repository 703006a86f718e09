"""Which table a name stands for at one place of a statement."""

from typing import Any


def table_name(relation: Any) -> str:
    """`schema.table`, or `table` alone in the schema public."""
    schema = relation.schemaname
    return f"{schema}.{relation.relname}" if schema and schema != "public" else str(relation.relname)


class Scope:
    """Names visible to a query: aliases of its own FROM first, then those of the queries around it.

    Every real table is also appended to `tables`, shared by all scopes of a statement.
    """

    def __init__(self, tables: list[str], parent: "Scope | None" = None) -> None:
        self.tables = tables
        self.parent = parent
        self.aliases: dict[str, str] = {}
        self.opaque = False  # a subquery or function stands in FROM: a bare column may be its
        self.virtual: set[str] = set()

    def child(self) -> "Scope":
        return Scope(self.tables, self)

    def add(self, table: str, alias: str) -> None:
        """Make a table of FROM known; a name bound by WITH is no table."""
        if self.is_virtual(table):
            self.opaque = True
            return
        self.aliases[alias or table.rsplit(".", 1)[-1]] = table
        self.tables.append(table)

    def is_virtual(self, name: str) -> bool:
        return name in self.virtual or (self.parent is not None and self.parent.is_virtual(name))

    def qualify(self, parts: list[str]) -> str:
        """`table.column` where the table is certain, `column` where not, "" for `*`."""
        if not parts:
            return ""
        if len(parts) > 1:
            table = self._lookup(parts[-2])
            return f"{table}.{parts[-1]}" if table else parts[-1]
        if len(self.aliases) == 1 and not self.opaque:
            return f"{next(iter(self.aliases.values()))}.{parts[0]}"
        return parts[0]

    def _lookup(self, alias: str) -> str:
        if alias in self.aliases:
            return self.aliases[alias]
        return self.parent._lookup(alias) if self.parent else ""


def read_from(entries: Any, scope: Scope) -> tuple[list[Any], list[Any]]:
    """Add the tables of a FROM clause to the scope; return its join conditions and its subqueries."""
    conditions: list[Any] = []
    queries: list[Any] = []
    waiting = list(entries)
    while waiting:
        entry = waiting.pop(0)
        kind = entry.WhichOneof("node")
        if kind == "range_var":
            scope.add(table_name(entry.range_var), entry.range_var.alias.aliasname)
        elif kind == "join_expr":
            waiting[:0] = [entry.join_expr.larg, entry.join_expr.rarg]
            if entry.join_expr.HasField("quals"):
                conditions.append(entry.join_expr.quals)
        else:
            scope.opaque = True
            if kind == "range_subselect":
                queries.append(entry.range_subselect.subquery)
    return conditions, queries
