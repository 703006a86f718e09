"""What a statement asks of the database: tables, conditions, order and limits, read from the syntax tree."""

import re
from dataclasses import dataclass, field
from typing import Any

from telemetry.sql.conditions import Conditions, column_name, read_condition
from telemetry.sql.grammar import syntax_tree
from telemetry.sql.keys import without_comments
from telemetry.sql.scope import Scope, read_from, table_name

_AGGREGATE = re.compile(
    "(?:count|sum|avg|min|max|every|stddev|variance|mode|(?:array|string|jsonb?|jsonb?_object)_agg|bool_(?:and|or)|"
    r"percentile_(?:cont|disc))\Z"
)


@dataclass(frozen=True, slots=True)
class StatementShape:
    """Columns are `table.column` where the table is certain, else `column`; `sort` may end in " DESC".

    `equality` and `ranges` hold only conditions that all rows must meet (nothing below OR or NOT). `predicates` are
    conditions with a constant, such as `orders.deleted_at IS NULL`, that a partial index could hold. `matches` are
    columns compared with a pattern, `computed` columns with the function whose result is compared ("lower").
    """

    verb: str
    tables: tuple[str, ...] = ()
    equality: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    predicates: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    computed: tuple[tuple[str, str], ...] = ()
    limit: bool = False
    offset: bool = False
    aggregate: bool = False
    for_update: bool = False


@dataclass(slots=True)
class _Draft:
    tables: list[str] = field(default_factory=list)
    conditions: Conditions = field(default_factory=Conditions)
    sort: list[str] = field(default_factory=list)
    group: list[str] = field(default_factory=list)
    flags: dict[str, bool] = field(default_factory=dict)


def shape(sql: str) -> StatementShape:
    """The shape of the first statement; only the verb when the grammar cannot read it."""
    tree = syntax_tree(sql)
    kind = tree.WhichOneof("node") if tree is not None else None
    if tree is None or kind not in _READERS:
        return StatementShape(_first_word(sql))
    draft = _Draft(conditions=Conditions(parametrised="$1" in sql))
    _READERS[kind](getattr(tree, kind), Scope(draft.tables), draft, True)
    found = draft.conditions
    return StatementShape(
        verb=kind.removesuffix("_stmt").upper(),
        tables=_once(draft.tables),
        equality=_once(found.equality),
        ranges=_once(found.ranges),
        sort=_once(draft.sort),
        group=_once(draft.group),
        joins=_once(found.joins),
        predicates=_once(found.predicates),
        matches=_once(found.matches),
        computed=tuple(dict.fromkeys(found.computed)),
        **draft.flags,
    )


def _first_word(sql: str) -> str:
    words = without_comments(sql[:2000]).split(None, 1)
    return words[0].upper()[:20].rstrip(";(") if words else ""


def _once(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _select(node: Any, scope: Scope, draft: _Draft, outer: bool) -> None:
    _ctes(node, scope, draft)
    for side in ("larg", "rarg"):
        if node.HasField(side):
            _select(getattr(node, side), scope.child(), draft, False)
    _sources(node.from_clause, scope, draft)
    _where(node, scope, draft)
    if outer:
        computed = {target.res_target.name for target in node.target_list} - {""}
        draft.sort += _sort(node.sort_clause, scope, computed)
        draft.group += [name for entry in node.group_clause if (name := _plain(entry, scope, computed))]
        draft.flags = {
            "limit": node.HasField("limit_count"),
            "offset": node.HasField("limit_offset"),
            "aggregate": bool(node.group_clause) or any(_is_aggregate(target) for target in node.target_list),
            "for_update": bool(node.locking_clause),
        }


def _insert(node: Any, scope: Scope, draft: _Draft, outer: bool) -> None:
    _ctes(node, scope, draft)
    scope.add(table_name(node.relation), "")
    if node.select_stmt.WhichOneof("node") == "select_stmt":
        _select(node.select_stmt.select_stmt, scope.child(), draft, False)


def _update(node: Any, scope: Scope, draft: _Draft, outer: bool) -> None:
    _ctes(node, scope, draft)
    scope.add(table_name(node.relation), node.relation.alias.aliasname)
    _sources(node.from_clause, scope, draft)
    _where(node, scope, draft)


def _delete(node: Any, scope: Scope, draft: _Draft, outer: bool) -> None:
    _ctes(node, scope, draft)
    scope.add(table_name(node.relation), node.relation.alias.aliasname)
    _sources(node.using_clause, scope, draft)
    _where(node, scope, draft)


_READERS = {"select_stmt": _select, "insert_stmt": _insert, "update_stmt": _update, "delete_stmt": _delete}


def _ctes(node: Any, scope: Scope, draft: _Draft) -> None:
    for entry in node.with_clause.ctes:
        cte = entry.common_table_expr
        scope.virtual.add(cte.ctename)
        _nested(cte.ctequery, scope, draft)


def _nested(node: Any, scope: Scope, draft: _Draft) -> None:
    kind = node.WhichOneof("node")
    if kind in _READERS:
        _READERS[kind](getattr(node, kind), scope.child(), draft, False)


def _sources(entries: Any, scope: Scope, draft: _Draft) -> None:
    conditions, queries = read_from(entries, scope)
    for query in queries:
        _nested(query, scope, draft)
    for condition in conditions:
        for query in read_condition(condition, scope, draft.conditions):
            _nested(query, scope, draft)


def _where(node: Any, scope: Scope, draft: _Draft) -> None:
    if node.HasField("where_clause"):
        for query in read_condition(node.where_clause, scope, draft.conditions):
            _nested(query, scope, draft)


def _plain(node: Any, scope: Scope, computed: set[str]) -> str:
    """The column, "" where the name is that of an output column: an order by it comes from no index."""
    name = column_name(node, scope)
    return "" if name.rsplit(".", 1)[-1] in computed and len(node.column_ref.fields) < 2 else name


def _sort(entries: Any, scope: Scope, computed: set[str]) -> list[str]:
    columns = []
    for entry in entries:
        if name := _plain(entry.sort_by.node, scope, computed):
            columns.append(name + (" DESC" if entry.sort_by.sortby_dir == 3 else ""))  # SORTBY_DESC
    return columns


def _is_aggregate(target: Any) -> bool:
    value = target.res_target.val
    while value.WhichOneof("node") in ("type_cast", "coalesce_expr"):
        value = value.type_cast.arg if value.WhichOneof("node") == "type_cast" else value.coalesce_expr.args[0]
    if value.WhichOneof("node") != "func_call" or value.func_call.HasField("over"):
        return False
    return value.func_call.agg_star or bool(_AGGREGATE.match(value.func_call.funcname[-1].string.sval))
