"""One statement repeated for every row of another, or many times for every request."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.shapes import first_of
from telemetry.rules.statements import LOG, STAT, Statement, statements

# The rows of the parent must account for the calls of the child: most parents' rows asked, few calls from elsewhere.
LEAST, MOST = 0.8, 1.5
TRACE = "trace.query"
ENOUGH_LOOPS = 3
ENOUGH_CALLS = 200
CHILD_ROWS = 20  # a child returns one row or a handful
CHILD_MS = 20  # PgHero's slow query: above it the statement itself is the problem


def _by_statistics(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A hot look-up by key is healthy: only a parent whose rows match the calls, or a route, makes it a repetition."""
    everything = statements(evidence)
    parents = sorted((one for one in everything if _is_list(one, threshold.value)), key=_rows)
    for child in filter(_is_lookup, everything):
        hit = _by_parent(child, parents, threshold.value) or _by_route(child, evidence, threshold.value)
        if hit is not None:
            yield hit
        elif child.stat is None and (parent := _likely_parent(child, everything, threshold.value)):
            yield CannotTell(
                f"pg_stat_statements (calls and rows): {child.subject.name} may repeat for the rows of "
                f"{parent.subject.name}"
            )


def _by_traces(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Spans show the loop itself: ten calls or more below one parent, in several parents."""
    for row in worst_each(evidence.having(TRACE, "repeats_max", "calls"), "looped_parents"):
        statement = Statement(row.subject, {TRACE: row})
        if statement.verb != "SELECT" or not statement.tables or not row.metrics["looped_parents"]:
            continue
        if row.metrics["looped_parents"] < ENOUGH_LOOPS:
            yield CannotTell(f"traces of more requests: {statement.subject.name} was repeated in one or two of them")
            continue
        told = Told()
        said = (
            f"{statement.verb} on {statement.main_table} ran up to {told(row, 'repeats_max')} times within one request "
            f"or span (limit {shown(threshold.value, '1')}), and ten times or more in {told(row, 'looped_parents')} of "
            "them."
        )
        told.also(row, "calls", "total_ms", "mean_ms", "share")
        yield _hit(statement, told, said, threshold.value, (), tuple(row.attrs.get("routes") or ()))


def _is_lookup(statement: Statement) -> bool:
    """A quick read of a few rows by equality, outside of a queue's locking reads."""
    rows = statement.number(STAT, "rows_per_call")
    quick = (statement.mean_ms or 0.0) < CHILD_MS
    reads = statement.verb == "SELECT" and not statement.has("for_update") and bool(statement.attrs.get("equality"))
    return reads and quick and (rows is None or rows <= CHILD_ROWS)


def _is_list(statement: Statement, limit: float) -> bool:
    """A read of many rows; those of a report are sums and carry no keys."""
    return _reads_rows(statement) and (statement.number(STAT, "rows_per_call") or 0.0) > limit


def _reads_rows(statement: Statement) -> bool:
    return statement.verb == "SELECT" and not statement.has("aggregate")


def _rows(statement: Statement) -> float:
    return statement.number(STAT, "rows") or 0.0


def _by_parent(child: Statement, parents: list[Statement], limit: float) -> Hit | None:
    calls = child.number(STAT, "calls") or 0.0
    if child.stat is None or calls < ENOUGH_CALLS:
        return None
    first, last = bisect_left(parents, calls / MOST, key=_rows), bisect_right(parents, calls / LEAST, key=_rows)
    for parent in parents[first:last]:
        if parent.stat is not None and parent is not child and related(parent, child):
            told = Told()
            said = (
                f"{child.verb} on {child.main_table} ran {told(child.stat, 'calls')} times, about once for each of the "
                f"{told(parent.stat, 'rows')} rows that {parent.verb} on {parent.main_table} returned in "
                f"{told(parent.stat, 'calls')} calls, {told(parent.stat, 'rows_per_call')} rows a call."
            )
            told.also(child.stat, "mean_ms", "total_ms", "share")
            return _hit(child, told, said, limit * (parent.number(STAT, "calls") or 1.0), parent.tables)
    return None


def related(parent: Statement, child: Statement) -> bool:
    """Whether a row of the parent carries the child's key: orders -> order_id, or customer_id -> customers."""
    wanted = _wanted(tuple(child.attrs.get("equality") or ()))
    if not wanted.isdisjoint(_keys(parent.tables)):
        return True
    return "id" in wanted and not _keys((child.main_table,)).isdisjoint(_words(parent.text))


@lru_cache(maxsize=16_384)
def _wanted(equality: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_flat(name.rpartition(".")[2]) for name in equality)


@lru_cache(maxsize=16_384)
def _keys(tables: tuple[str, ...]) -> frozenset[str]:
    """The foreign keys that are named after the tables, with and without what frameworks put before a table's name."""
    stems = (_singular(table) for table in tables)
    return frozenset(_flat(stem[at:]) + "id" for stem in stems for at in _starts(stem))


def _starts(name: str) -> list[int]:
    """Where the words of a name begin: 0 and 6 in "sales_order"."""
    return [0, *(found.end() for found in re.finditer("_(?=.)", name))]


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(_flat(word) for word in re.findall(r"[A-Za-z_]+", text))


def _flat(name: str) -> str:
    return name.replace("_", "").lower()


def _singular(table: str) -> str:
    """The stem that a foreign key is named after, well enough for English table names."""
    name = table.rpartition(".")[2]
    for plural, singular in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("s", "")):
        if name.lower().endswith(plural) and not name.lower().endswith("ss"):
            return name[: -len(plural)] + singular
    return name


def _by_route(child: Statement, evidence: EvidenceSet, limit: float) -> Hit | None:
    """By the route that the statement's own comment names: runs of the statement for each request of the route."""
    tags = child.attrs.get("tags") or {}
    span = child.number(LOG, "window_s")
    if child.log is None or not span or not tags:
        return None
    for row in evidence.having("http.route", "requests", "window_s"):
        if row.subject not in tags.values() or not row.metrics["requests"]:
            continue
        runs_s = child.log.metrics["count"] / span
        requests_s = row.metrics["requests"] / (row.metrics["window_s"] or span)
        if runs_s > limit * requests_s and child.log.metrics["count"] >= ENOUGH_CALLS:
            told = Told()
            said = (
                f"{child.verb} on {child.main_table} was logged {told(child.log, 'count')} times for {row.subject}, "
                f"which answered {told(row, 'requests')} requests."
            )
            return _hit(child, told, said, limit * requests_s * span, (), (row.subject,))
    return None


def _hit(
    child: Statement, told: Told, said: str, limit: float, parents: tuple[str, ...], routes: tuple[str, ...] = ()
) -> Hit:
    return Hit(
        subject=child.subject,
        title=f"{child.main_table} is read once per row",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        tables=tuple(dict.fromkeys((*child.tables, *parents))),
        routes=routes,
    )


def _likely_parent(child: Statement, everything: Sequence[Statement], limit: float) -> Statement | None:
    count = child.number(LOG, "count") or 0.0
    if count < ENOUGH_CALLS:
        return None
    for parent in everything:
        runs = parent.number(LOG, "count") or 0.0
        often = runs > 0 and count > limit * runs and parent.stat is None
        if often and parent is not child and _reads_rows(parent) and related(parent, child):
            return parent
    return None


RULE = Rule(
    id="PG002",
    slug="n-plus-one",
    area="postgres",
    mechanism="n-plus-one",
    title="A statement is repeated for every row",
    needs=(),
    needs_any=((STAT, "rows_per_call"), (LOG, "count"), (TRACE, "looped_parents")),
    threshold=Threshold(
        5,
        "1",
        "More than five reads for the rows of one list cost more in round trips than in work; one read of all keys "
        "does.",
        "Sentry, N+1 queries detector (more than five spans)",
    ),
    degradation=0.3,
    why="A list page asks the database once for every line it shows. Fifty lines are fifty waits, and a busy day "
    "multiplies them.",
    fix=(
        "Find the loop: the parent statement names the list, the child the question asked for each line.",
        "Read all children at once (WHERE key = ANY($1)), or let the ORM do it (include, prefetch, dataloader).",
        "Count the statements of the page in a test, so that the loop does not come back.",
    ),
    first_slice=FirstSlice("Batch the child reads of the heaviest list page", 6),
    effort=Effort(0.5, 1, 2),
    removes=0.9,
    verify="Calls of the child fall to the calls of the parent in the next pg_stat_statements export.",
    rollback="The batching is one change of code; revert it.",
    references=(
        "Sentry, N+1 Queries https://docs.sentry.io/product/issues/issue-details/performance-issues/n-one-queries/",
        "Prisma, Query optimization "
        "https://www.prisma.io/docs/orm/prisma-client/queries/query-optimization-performance",
    ),
    check=first_of(_by_statistics, _by_traces),
)
