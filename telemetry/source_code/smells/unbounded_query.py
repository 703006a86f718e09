"""A list query without a limit in code that answers requests: the answer grows with the table."""

import re
from collections.abc import Iterator

from telemetry.source_code.database import Query, chain_of, query_of
from telemetry.source_code.model import Call, Ref, Table
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell, Verdict, at_call, in_request
from telemetry.source_code.smells.foreign_keys import keys_of
from telemetry.source_code.smells.list_views import lists_of_views
from telemetry.source_code.smells.selects import selected
from telemetry.source_code.survey import Survey

_BOUNDS = frozenset({"take", "limit", "first", "last", "cursor", "top"})
_ROWS = frozenset(
    {"all", "filter", "exclude", "values", "values_list", "order_by", "select_related", "prefetch_related"}
)
_ROWS_MORE = frozenset({"annotate", "distinct", "only", "defer", "reverse", "union"})
_LISTS = frozenset({"list", "tuple", "sorted", "set", "len"})
_PARENTS = {"user", "owner", "account", "author", "customer", "order", "tenant", "organization", "workspace"}
_EQUALS_KEY = re.compile(r"\beq\(\w+\.\w+(?:Id|_id)\s*,")
_PAGED = re.compile(r"[Pp]aginat|\bislice\b|\.iterator\(")


def check(survey: Survey) -> Iterator[Judged]:
    """Every list query that a request runs. How many rows one parent has is for statistics to tell."""
    keys = {key for found in keys_of(survey).values() for key in found} | _PARENTS
    for call, entries in survey.reached:
        waiting = in_request(entries)
        query = query_of(call) if waiting else None
        verdict = _verdict(query) if query else None
        if query is not None and verdict is HIT and _is_of_one_parent(query, keys):
            verdict = UNKNOWN
        if query is not None and verdict is not None:
            yield at_call(verdict, call, waiting, table=query.model, orm=query.orm, filter=_filter(query))
    yield from lists_of_views(survey)


def _is_of_one_parent(query: Query, keys: set[str]) -> bool:
    """Whether a filter asks for the rows of one other row: `where: { orderId }`, `filter(user=request.user)`."""
    names = _filter(query)
    if query.orm == "drizzle":
        steps = (one for one in (query.call, *chain_of(query.call)) if one.last == "where")
        return any(_EQUALS_KEY.search(getattr(value, "text", "")) for one in steps for value in one.args)
    if query.orm == "django":
        return any(name in keys or name.endswith("_id") for name in names)
    return any(name.endswith(("Id", "_id")) or name in _PARENTS for name in names)


def _verdict(query: Query) -> Verdict | None:
    """None when the query gives no list."""
    call = query.call
    if query.orm in ("prisma", "sequelize", "typeorm") or query.operation == "findMany":
        return _by_options(call) if query.operation in ("findMany", "findAll", "find") else None
    if query.orm == "drizzle":
        return _drizzle(call) if query.operation == "select" else None
    if query.orm == "sqlalchemy":
        if query.operation == "select":
            return selected(call)
        return (CLEAR if ".limit" in call.name else HIT) if query.operation == "all" else None
    return _django(query)


def _by_options(call: Call) -> Verdict:
    if call.open:
        return UNKNOWN
    if not call.args:
        return HIT
    table = call.table(0)
    if table is None:
        return UNKNOWN
    if _BOUNDS & set(table) or _is_narrow(table.get("where")):
        return CLEAR
    return UNKNOWN if table.open or isinstance(table.get("where"), Ref) else HIT


def _is_narrow(where: object) -> bool:
    """A list of ids is as long as the list; one id gives one row."""
    if not isinstance(where, Table):
        return False
    return "id" in where or any(isinstance(value, Table) and "in" in value for value in where.values())


def _drizzle(call: Call) -> Verdict:
    if {"limit", "offset", "groupBy"} & set(call.name.split(".")):
        return CLEAR
    for one in (call, *chain_of(call)):
        table = one.table(0) if one.last == "select" else None
        if table and any(
            isinstance(value, Ref) and re.match(r"count|sum|max|min|avg", value.text) for value in table.values()
        ):
            return CLEAR
        if one.last == "where" and one.args and re.search(r"\binArray\(", getattr(one.args[0], "text", "")):
            return CLEAR
        if one.last == "where" and one.args and re.match(r"eq\(\w+\.id,", getattr(one.args[0], "text", "")):
            return CLEAR
    return HIT


def _django(query: Query) -> Verdict | None:
    call = query.call
    last = call.last
    if last not in _ROWS | _ROWS_MORE:
        return None
    if call.sliced or any(name.endswith(("__in", "pk")) or name == "id" for name in _filter(query)):
        return CLEAR
    text = call.function.text[:10_000] if call.function else ""
    if _PAGED.search(text):
        return CLEAR
    outer = call.given_to
    if call.target.startswith("for ") or (outer and (outer.last in _LISTS or outer.options.get("many") is True)):
        return HIT
    name = re.escape(call.target)
    if call.target.isidentifier():
        if re.search(rf"\b{name}\[|\b{name}\.(?:first|count|exists|get|aggregate|update|delete|filter)\b", text):
            return CLEAR
        if re.search(rf"\bin {name}\b|\b(?:list|len|sorted)\({name}\)|\({name},\s*many=True", text):
            return HIT
    return UNKNOWN


def _filter(query: Query) -> list[str]:
    """Names of the columns that narrow the query."""
    table = query.call.table(0)
    where = table.get("where") if table else None
    if isinstance(where, Table):
        return sorted(where)[:10]
    return sorted({name for one in (query.call, *chain_of(query.call)) for name in one.options})[:10]


SMELL = Smell("unbounded_query", "a list query without a limit in code that answers requests", check)
