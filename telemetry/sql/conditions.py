"""Conditions of WHERE and ON sorted by what an index can do with them."""

from dataclasses import dataclass, field
from typing import Any

from telemetry.sql.scope import Scope

# Numbers of libpg_query's enums (A_Expr_Kind, BoolExprType, NullTestType, BoolTestType).
_OP, _OP_ANY, _IN, _LIKE, _ILIKE, _BETWEEN = 1, 2, 7, 8, 9, 11
_AND, _NOT = 1, 3
_IS_NULL = 1
_IS_TRUE, _IS_FALSE = 1, 3
_COMPARISONS = frozenset(("<", ">", "<=", ">="))
_MATCHES = frozenset(("~~", "~~*", "~", "~*"))  # LIKE, ILIKE, regular expressions
# Functions of a column that an index may hold: their answer never changes.
_INDEXABLE = frozenset(("lower", "upper", "btrim", "ltrim", "rtrim", "md5"))


@dataclass(slots=True)
class Conditions:
    """Columns by use; `predicates` are finished SQL. A constant is one only beside parameters: else it is a value.

    `matches` are columns compared with a pattern, `computed` pairs of a column and what is made of it (`lower(email)`).
    """

    equality: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    predicates: list[str] = field(default_factory=list)
    matches: list[str] = field(default_factory=list)
    computed: list[tuple[str, str]] = field(default_factory=list)
    parametrised: bool = False


def column_name(node: Any, scope: Scope) -> str:
    """The qualified column behind casts, "" when the node is something else."""
    while node.WhichOneof("node") == "type_cast":
        node = node.type_cast.arg
    if node.WhichOneof("node") != "column_ref":
        return ""
    fields = node.column_ref.fields
    if any(part.WhichOneof("node") != "string" for part in fields):
        return ""
    return scope.qualify([part.string.sval for part in fields])


def read_condition(node: Any, scope: Scope, found: Conditions) -> list[Any]:
    """Sort a condition into `found`; return the subqueries in it. OR and NOT are looked into for subqueries only."""
    kind = node.WhichOneof("node")
    if kind == "bool_expr":
        return _boolean(node.bool_expr, scope, found)
    if kind == "a_expr":
        return _comparison(node.a_expr, scope, found)
    if kind == "null_test":
        suffix = "IS NULL" if node.null_test.nulltesttype == _IS_NULL else "IS NOT NULL"
        _predicate(node.null_test.arg, suffix, scope, found)
    elif kind == "boolean_test" and node.boolean_test.booltesttype in (_IS_TRUE, _IS_FALSE):
        _predicate(node.boolean_test.arg, f"IS {_truth(node.boolean_test.booltesttype == _IS_TRUE)}", scope, found)
    elif kind == "column_ref":
        _predicate(node, "IS TRUE", scope, found)
    elif kind == "sub_link":
        return _subquery(node, scope, found)
    return []


def _truth(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def _boolean(node: Any, scope: Scope, found: Conditions) -> list[Any]:
    if node.boolop == _NOT and node.args[0].WhichOneof("node") == "column_ref":
        _predicate(node.args[0], "IS FALSE", scope, found)
        return []
    # What stands below OR or NOT narrows nothing for certain.
    target = found if node.boolop == _AND else Conditions()
    return [query for part in node.args for query in read_condition(part, scope, target)]


def _predicate(node: Any, suffix: str, scope: Scope, found: Conditions) -> None:
    if name := column_name(node, scope):
        found.predicates.append(f"{name} {suffix}")


def _subquery(node: Any, scope: Scope, found: Conditions) -> list[Any]:
    if node.sub_link.HasField("testexpr") and (name := column_name(node.sub_link.testexpr, scope)):
        found.joins.append(name)
    return [node.sub_link.subselect]


def _comparison(node: Any, scope: Scope, found: Conditions) -> list[Any]:
    operator = node.name[-1].string.sval if node.name else ""
    left, right = column_name(node.lexpr, scope), column_name(node.rexpr, scope)
    queries = [side.sub_link.subselect for side in (node.lexpr, node.rexpr) if side.WhichOneof("node") == "sub_link"]
    if node.kind in (_OP, _LIKE, _ILIKE) and operator in _MATCHES:
        found.matches += [left] if left else []
    elif node.kind == _BETWEEN or (node.kind == _OP and operator in _COMPARISONS):
        found.ranges += [name for name in (left, right) if name][:1]
    elif operator == "=" and node.kind in (_OP, _OP_ANY, _IN):
        if left and right and node.kind == _OP:
            found.joins += [left, right]
        elif left or right:
            found.equality.append(left or right)
            _constant(left or right, node.rexpr if left else node.lexpr, node.kind, found)
        elif made := _computed(node.lexpr, scope):
            found.computed.append(made)
    return queries


def _computed(node: Any, scope: Scope) -> tuple[str, str] | None:
    """`lower(users.email)` as ("users.email", "lower"), None for what no index can hold."""
    if node.WhichOneof("node") != "func_call" or len(node.func_call.args) != 1:
        return None
    function = node.func_call.funcname[-1].string.sval
    name = column_name(node.func_call.args[0], scope)
    return (name, function) if name and function in _INDEXABLE else None


def _constant(name: str, value: Any, kind: int, found: Conditions) -> None:
    """`status = 'pending'` written out beside parameters: a candidate for a partial index."""
    if (
        found.parametrised
        and kind == _OP
        and value.WhichOneof("node") == "a_const"
        and value.a_const.WhichOneof("val") in ("sval", "boolval")
    ):
        constant = value.a_const
        if constant.WhichOneof("val") == "boolval":
            found.predicates.append(f"{name} IS {_truth(constant.boolval.boolval)}")
        elif len(constant.sval.sval) <= 30 and constant.sval.sval.replace("_", "").isalpha():
            found.predicates.append(f"{name} = '{constant.sval.sval}'")
