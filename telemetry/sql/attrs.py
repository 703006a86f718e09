"""The facts of a statement that travel with its evidence."""

from typing import Any

from telemetry.sql.grammar import normalize
from telemetry.sql.keys import comment_tags
from telemetry.sql.redact import redact
from telemetry.sql.shape import shape


def shape_attrs(sql: str) -> dict[str, Any]:
    """JSON-safe attrs: query, verb, tables, equality, ranges, sort, group, joins, predicates, matches (lists of text),
    computed (lists of column and function), limit, offset, aggregate, for_update (bool), tags (text by name, `route`
    and `controller` among them)."""
    form = shape(sql)
    return {
        "query": redact(normalize(sql))[0],
        "verb": form.verb,
        "tables": list(form.tables),
        "equality": list(form.equality),
        "ranges": list(form.ranges),
        "sort": list(form.sort),
        "group": list(form.group),
        "joins": list(form.joins),
        "predicates": list(form.predicates),
        "matches": list(form.matches),
        "computed": [list(pair) for pair in form.computed],
        "limit": form.limit,
        "offset": form.offset,
        "aggregate": form.aggregate,
        "for_update": form.for_update,
        "tags": comment_tags(sql),
    }
