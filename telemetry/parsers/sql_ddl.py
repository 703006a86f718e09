"""Statements that define tables, keys and indexes, and what each of them does to the schema."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from telemetry.parsers.schema_model import Column, ForeignKey, Index, Schema, Spot, Table
from telemetry.parsers.sql_statements import Statement
from telemetry.sql import enum_name, expression, read_statement

# The kinds of statement that are read for what they define; all others are only checked by the grammar.
DEFINES = re.compile(
    r"(?:create\s+(?:(?:global|local|temp(?:orary)?|unlogged|foreign)\s+)*table|create\s+(?:unique\s+)?index"
    r"|alter\s+(?:foreign\s+)?(?:table|index)|drop\s+(?:foreign\s+)?(?:table|index|schema))\b",
    re.I,
)
_ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
_INCLUDING_INDEXES, _ALL = 1 << 5, 0x7FFFFFFF  # CREATE_TABLE_LIKE_INDEXES


def apply(statement: Statement, schema: Schema) -> bool:
    """Change the schema as the statement says; whether it was one that defines. SqlProblem where it is no SQL."""
    kind, node = read_statement(statement.text)
    reader = _READERS.get(kind)
    if reader is None:
        return False
    reader(node, _Writing(statement, schema))
    return True


class _Writing:
    """The statement being read, and the schema it changes."""

    def __init__(self, statement: Statement, schema: Schema) -> None:
        self.schema = schema
        self._line = statement.line
        self._bytes = statement.text.encode("utf-8", "replace")
        self._lines = statement.text.split("\n")

    def spot(self, location: int = 0) -> Spot:
        """The line on which a node stands; locations count bytes."""
        below = self._bytes.count(b"\n", 0, max(location, 0))
        return self._line + below, self._lines[below].rstrip("\r")[:600]


def _name(relation: Any) -> str:
    schema = relation.schemaname
    return f"{schema}.{relation.relname}" if schema and schema != "public" else str(relation.relname)


def _texts(nodes: Iterable[Any]) -> list[str]:
    return [str(node.string.sval) for node in nodes]


def _dotted(nodes: Iterable[Any]) -> str:
    parts = _texts(nodes)
    return ".".join(parts[1:] if len(parts) > 1 and parts[0] == "public" else parts)


def _create_table(node: Any, writing: _Writing) -> None:
    name = _name(node.relation)
    if name in writing.schema.tables or node.relation.relpersistence == "t":
        return
    table = writing.schema.tables[name] = Table(name, writing.spot(node.relation.location))
    if node.HasField("partbound") and node.inh_relations:
        table.parent = _name(node.inh_relations[0].range_var)
        if table.parent in writing.schema.tables:
            table.columns = dict(writing.schema.tables[table.parent].columns)
    for element in node.table_elts:
        kind = element.WhichOneof("node")
        if kind == "column_def":
            _add_column(table.name, element.column_def, writing)
        elif kind == "constraint":
            _add_constraint(table.name, element.constraint, [], writing)
        elif kind == "table_like_clause":
            _like(table, element.table_like_clause, writing)


def _create_table_as(node: Any, writing: _Writing) -> None:
    name = _name(node.into.rel)
    if node.into.rel.relpersistence != "t" and enum_name(node, "objtype") == "OBJECT_TABLE":
        writing.schema.tables.setdefault(name, Table(name, writing.spot(node.into.rel.location)))


def _like(table: Table, clause: Any, writing: _Writing) -> None:
    """LIKE other: its columns and, where INCLUDING INDEXES or ALL says so, its indexes and key."""
    source = writing.schema.tables.get(_name(clause.relation))
    if source is None:
        return
    table.columns |= {name: Column(name, column.type, column.nullable) for name, column in source.columns.items()}
    if clause.options & _INCLUDING_INDEXES:
        for index in [index for index in writing.schema.indexes if index.table == source.name]:
            _add_index(f"{table.name}_{index.name}", table.name, index, writing)


def _add_index(name: str, table: str, like: Index, writing: _Writing) -> None:
    copy = Index(name, table, list(like.columns), list(like.keys), writing.spot())
    copy.unique, copy.primary, copy.constraint = like.unique, like.primary, like.constraint
    copy.method, copy.predicate, copy.include = like.method, like.predicate, list(like.include)
    writing.schema.indexes.append(copy)


def _add_column(table: str, node: Any, writing: _Writing) -> None:
    column = Column(node.colname, _type(node.type_name), not node.is_not_null)
    if table in writing.schema.tables:
        writing.schema.tables[table].columns[column.name] = column
    for entry in node.constraints:
        constraint = entry.constraint
        if enum_name(constraint, "contype") in ("CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_IDENTITY"):
            column.nullable = False
        _add_constraint(table, constraint, [column.name], writing)


def _type(node: Any) -> str:
    names = _texts(node.names)
    return ".".join(names[1:] if names[:1] in (["pg_catalog"], ["public"]) else names) + "[]" * len(node.array_bounds)


def _add_constraint(table: str, node: Any, columns: list[str], writing: _Writing) -> None:
    """A constraint of a table, or of the column that `columns` names."""
    kind, spot = enum_name(node, "contype"), writing.spot(node.location)
    if kind == "CONSTR_FOREIGN":
        own = _texts(node.fk_attrs) or columns
        writing.schema.foreign_keys.append(
            ForeignKey(
                name=node.conname or f"{table.rpartition('.')[2]}_{'_'.join(own)}_fkey",
                table=table,
                columns=own,
                references=_name(node.pktable),
                referenced=_texts(node.pk_attrs),
                on_delete=_ACTIONS.get(node.fk_del_action, "no action"),
                spot=spot,
            )
        )
    elif kind in ("CONSTR_PRIMARY", "CONSTR_UNIQUE"):
        primary = kind == "CONSTR_PRIMARY"
        if node.indexname:
            _adopt(table, node, primary, writing)
            return
        keys = _texts(node.keys) or columns
        if primary and table in writing.schema.tables:
            for column in writing.schema.tables[table].columns.values():
                column.nullable = column.nullable and column.name not in keys
        suffix = "pkey" if primary else "_".join([*keys, "key"])
        name = node.conname or f"{table.rpartition('.')[2]}_{suffix}"
        include = _texts(node.including)
        writing.schema.indexes.append(
            Index(name, table, list(keys), list(keys), spot, True, primary, True, include=include)
        )


def _adopt(table: str, node: Any, primary: bool, writing: _Writing) -> None:
    """PRIMARY KEY USING INDEX: an index that is there becomes the key's, and takes its name."""
    for index in writing.schema.indexes:
        if index.table == table and index.name.rpartition(".")[2] == node.indexname:
            index.unique, index.primary, index.constraint = True, primary, True
            index.name = node.conname or index.name


def _create_index(node: Any, writing: _Writing) -> None:
    table = _name(node.relation)
    columns, keys = [], []
    for entry in node.index_params:
        part = entry.index_elem
        keys.append(part.name)
        columns.append(_index_column(part))
    writing.schema.indexes.append(
        Index(
            name=_beside(
                node.idxname or f"{node.relation.relname}_{'_'.join(filter(None, keys)) or 'expr'}_idx", table
            ),
            table=table,
            columns=columns,
            keys=keys,
            spot=writing.spot(node.relation.location),
            unique=node.unique,
            method=node.access_method or "btree",
            predicate=expression(node.where_clause) if node.HasField("where_clause") else "",
            include=[part.index_elem.name for part in node.index_including_params],
        )
    )


def _beside(name: str, table: str) -> str:
    """An index lives in the schema of its table."""
    schema = table.rpartition(".")[0]
    return f"{schema}.{name}" if schema else name


def _index_column(part: Any) -> str:
    words = [part.name or expression(part.expr)]
    words += [f"COLLATE {_dotted(part.collation)}"] if part.collation else []
    words += [_dotted(part.opclass)] if part.opclass else []
    words += ["DESC"] if enum_name(part, "ordering") == "SORTBY_DESC" else []
    nulls = {"SORTBY_NULLS_FIRST": "NULLS FIRST", "SORTBY_NULLS_LAST": "NULLS LAST"}
    words += [nulls[name]] if (name := enum_name(part, "nulls_ordering")) in nulls else []
    return " ".join(words)


def _alter_table(node: Any, writing: _Writing) -> None:
    table = _name(node.relation)
    for entry in node.cmds:
        command = entry.alter_table_cmd
        change = _CHANGES.get(enum_name(command, "subtype"))
        if change is not None:
            change(table, command, writing)


def _attach(table: str, command: Any, writing: _Writing) -> None:
    part = _name(getattr(command, "def").partition_cmd.name)
    if part in writing.schema.tables:
        writing.schema.tables[part].parent = table


def _retype(table: str, command: Any, writing: _Writing) -> None:
    if (known := writing.schema.tables.get(table)) and command.name in known.columns:
        known.columns[command.name].type = _type(getattr(command, "def").column_def.type_name)


def _nullable(value: bool) -> Callable[[str, Any, _Writing], None]:
    def change(table: str, command: Any, writing: _Writing) -> None:
        if (known := writing.schema.tables.get(table)) and command.name in known.columns:
            known.columns[command.name].nullable = value

    return change


_CHANGES: dict[str, Callable[[str, Any, _Writing], None]] = {
    "AT_AddColumn": lambda table, command, writing: _add_column(table, getattr(command, "def").column_def, writing),
    "AT_AddConstraint": lambda table, command, writing: _add_constraint(
        table, getattr(command, "def").constraint, [], writing
    ),
    "AT_DropColumn": lambda table, command, writing: writing.schema.drop_column(table, command.name),
    "AT_DropConstraint": lambda table, command, writing: writing.schema.drop_named(command.name, table),
    "AT_AttachPartition": _attach,
    "AT_AlterColumnType": _retype,
    "AT_SetNotNull": _nullable(False),
    "AT_DropNotNull": _nullable(True),
}


def _drop(node: Any, writing: _Writing) -> None:
    kind = enum_name(node, "remove_type")
    for entry in node.objects:
        name = _dotted(entry.list.items) if entry.WhichOneof("node") == "list" else str(entry.string.sval)
        if kind in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"):
            writing.schema.drop_table(name)
        elif kind == "OBJECT_INDEX":
            writing.schema.drop_named(name)
        elif kind == "OBJECT_SCHEMA":
            for table in [table for table in writing.schema.tables if table.startswith(f"{name}.")]:
                writing.schema.drop_table(table)


def _rename(node: Any, writing: _Writing) -> None:
    kind, table = enum_name(node, "rename_type"), _name(node.relation)
    if kind == "OBJECT_TABLE":
        writing.schema.rename_table(table, _beside(node.newname, table))
    elif kind == "OBJECT_COLUMN":
        writing.schema.rename_column(table, node.subname, node.newname)
    for index in writing.schema.indexes:
        if (kind == "OBJECT_INDEX" and index.name == table) or (
            kind == "OBJECT_TABCONSTRAINT" and (index.table, index.name) == (table, node.subname)
        ):
            index.name = _beside(node.newname, table)


def _move(node: Any, writing: _Writing) -> None:
    if enum_name(node, "object_type") == "OBJECT_TABLE":
        name = str(node.relation.relname)
        moved = name if node.newschema == "public" else f"{node.newschema}.{name}"
        writing.schema.rename_table(_name(node.relation), moved)


_READERS: dict[str, Callable[[Any, _Writing], None]] = {
    "create_stmt": _create_table,
    "create_foreign_table_stmt": lambda node, writing: _create_table(node.base_stmt, writing),
    "create_table_as_stmt": _create_table_as,
    "index_stmt": _create_index,
    "alter_table_stmt": _alter_table,
    "drop_stmt": _drop,
    "rename_stmt": _rename,
    "alter_object_schema_stmt": _move,
}
