"""A query for each row of a list: one page asks the database a hundred times."""

from collections.abc import Iterator

from telemetry.source_code.database import LAZY, Query, chain_of, query_of
from telemetry.source_code.model import Call, Table
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell, Verdict, at_call
from telemetry.source_code.smells.foreign_keys import reads_in_loops
from telemetry.source_code.survey import Survey

_MANY = frozenset({"createMany", "updateMany", "deleteMany", "createManyAndReturn", "bulk_create", "bulk_update"})
# Prisma gathers findUnique calls of one tick into one query: https://www.prisma.io/docs/orm/prisma-client/queries/query-optimization-performance
_GATHERED = frozenset({"findUnique", "findUniqueOrThrow"})


def check(survey: Survey) -> Iterator[Judged]:
    """Every query in a loop that a request or job runs, and every call in a loop to a function that queries."""
    for call, entries in survey.reached:
        if call.loop and (query := query_of(call)):
            yield at_call(_verdict(query), call, entries, table=query.model, loop=call.loop)
        elif call.loop and call.loop_kind != "few" and not (call.inner or _in_batch(call) or _ends_loop(call)):
            function = survey.repository.callee(call)
            queries = [q for one in function.file.calls_of(function) if (q := query_of(one))] if function else []
            if queries and (call.awaited or call.returned or call.file.language == "python"):
                gathered = call.loop_kind != "for" and all(query.operation in _GATHERED for query in queries)
                verdict = CLEAR if gathered or call.loop_kind == "while" else HIT
                yield at_call(verdict, call, entries, table=queries[0].model, loop=call.loop, through=call.name)
    yield from reads_in_loops(survey)


def _verdict(query: Query) -> Verdict:
    call = query.call
    if call.loop_kind == "few" or query.operation in _MANY or call.sliced or _is_of_many(call) or _ends_loop(call):
        return CLEAR
    if query.orm == "django" and call.last in LAZY and not call.target.startswith("for ") and not call.given_to:
        return UNKNOWN  # built here; where it runs is not seen
    if call.loop_kind not in ("for", "while") and query.operation in _GATHERED and query.orm == "prisma":
        return CLEAR
    if call.loop_kind == "while":
        return CLEAR  # pages of a list, or waiting for something
    table = call.table(0)
    if table and {"take", "cursor"} & set(table) and query.operation == "findMany" and "skip" in table:
        return CLEAR
    return CLEAR if _in_batch(call) else HIT


def _ends_loop(call: Call) -> bool:
    """Whether the loop ends with this call, which then runs once: `return find(name)` in the loop's own function."""
    own = call.function is None or call.function.line < call.loop
    return call.returned and call.loop_kind == "for" and own and call.line > call.loop


def _is_of_many(call: Call) -> bool:
    """Whether one query asks for many rows at once: a part of a long list in each turn."""
    table = call.table(0)
    where = table.get("where") if table else None
    if isinstance(where, Table) and any(isinstance(value, Table) and "in" in value for value in where.values()):
        return True
    return any(name.endswith("__in") for one in (call, *chain_of(call)) for name in one.options)


def _in_batch(call: Call) -> bool:
    return any(outer.last in ("$transaction", "batch", "transaction") for outer in call.around())


SMELL = Smell("query_in_loop", "a query runs for each row of a list", check)
