"""Which statements want an index that is not there: the judgement behind missing-index.

Slow is not enough. A statement that waits for a lock is slow with few blocks; a report reads much and means to; a page
reached by OFFSET reads what it skips. What is left is a selective filter that reads far more than it returns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.statements import (
    LOCK,
    LOG,
    PLAN,
    SMALL_TABLE_BLOCKS,
    SMALL_TABLE_ROWS,
    STAT,
    Statement,
    statements,
    table_rows,
)
from telemetry.sql.index import quote_name

SCANS = 100  # a nightly dump or two scan a table whole as well
INDEX_USE = 0.95  # PgHero: less than 95 % of scans by index, on 10,000 rows or more
SLOW_LOGGED_MS = 20.0  # PgHero's slow query
_KEYS = frozenset({"id", "uuid", "pk", "guid"})
PLAIN, PATTERN, COMPUTED = "plain", "pattern", "computed"


@dataclass(slots=True)
class Need:
    """Statements that filter one table by the same columns; `order` are columns that the index should sort by too.

    `sort` tells what is compared: the columns, a PATTERN within a column, or what a function makes of it (COMPUTED).
    """

    table: str
    columns: tuple[str, ...]
    statements: list[Statement]
    table_row: Evidence | None = None
    order: tuple[str, ...] = ()
    seen_in_plan: bool = False
    sort: str = PLAIN


_memory: WeakKeyDictionary[EvidenceSet, dict[float, list[Need]]] = WeakKeyDictionary()


def needs_of(evidence: EvidenceSet, blocks_per_row: float) -> list[Need]:
    """Needs by table and columns, heaviest first; a longer filter joins the shorter one it starts from.

    Put together once for all rules that ask.
    """
    known = _memory.setdefault(evidence, {})
    if blocks_per_row not in known:
        known[blocks_per_row] = _needs_of(evidence, blocks_per_row)
    return known[blocks_per_row]


def _needs_of(evidence: EvidenceSet, blocks_per_row: float) -> list[Need]:
    tables = table_rows(evidence)
    found: dict[tuple[str, str, tuple[str, ...]], Need] = {}
    for statement in statements(evidence):
        for table in statement.tables:
            sort, columns = _wanted(statement, table)
            proof = _proof(statement, table, tables, blocks_per_row) if columns else ""
            if proof:
                key = (table, sort, tuple(sorted(columns)))
                need = found.setdefault(key, Need(table, columns, [], tables.get(table), sort=sort))
                need.statements.append(statement)
                need.seen_in_plan |= proof == "plan"
                break
    merged = _merged(list(found.values()))
    reading = _reading_much(evidence, blocks_per_row)
    for need in merged:
        _join_aggregates(need, reading.get(need.table, []))
        need.order = () if need.sort == PATTERN else _order(need)
    return merged


def _reading_much(evidence: EvidenceSet, limit: float) -> dict[str, list[Statement]]:
    """Statements that touch more blocks for each row than the limit, by each of their tables."""
    found: dict[str, list[Statement]] = {}
    for statement in statements(evidence):
        if (statement.number(STAT, "blocks_per_row") or 0.0) > limit:
            for table in dict.fromkeys(statement.tables):
                found.setdefault(table, []).append(statement)
    return found


def _join_aggregates(need: Need, reading: list[Statement]) -> None:
    """A count by the same columns proves nothing alone; beside a proven statement it wants the same index."""
    known = {statement.fingerprint for statement in need.statements}
    for statement in reading:
        sort, columns = _wanted(statement, need.table)
        if statement.fingerprint not in known and sort == need.sort and set(need.columns) <= set(columns):
            need.statements.append(statement)


def explained(evidence: EvidenceSet, blocks_per_row: float) -> set[str]:
    """Fingerprints that an index would help."""
    return {statement.fingerprint for need in needs_of(evidence, blocks_per_row) for statement in need.statements}


def _wanted(statement: Statement, table: str) -> tuple[str, tuple[str, ...]]:
    """(sort, columns) that an index on this table should start with; no columns where none would help.

    Equality, or else the key of a join, a computed value, a pattern, a range, or the sort of a top-N.
    """
    if statement.verb not in ("SELECT", "UPDATE", "DELETE"):
        return PLAIN, ()
    equality = statement.columns("equality", table)
    if equality:
        return PLAIN, () if _KEYS & {column.lower() for column in equality} else equality
    if joined := statement.columns("joins", table):
        # A join is selective only if something else narrows the statement; only a scan shows that the index lacks.
        others = tuple(name for name in joined if name.lower() not in _KEYS)[:1]
        return PLAIN, others if statement.attrs.get("equality") else ()
    if statement.has("offset") or statement.has("aggregate") or len(statement.tables) > 1:
        return PLAIN, ()
    if computed := _computed(statement, table):
        return COMPUTED, computed
    if matches := statement.columns("matches", table):
        return PATTERN, matches[:1]
    ranges = statement.columns("ranges", table)
    return PLAIN, ranges or (statement.columns("sort", table) if statement.has("limit") else ())


def _computed(statement: Statement, table: str) -> tuple[str, ...]:
    """What functions make of this table's columns, as SQL; the table is the only one."""
    pairs = statement.attrs.get("computed") or ()
    return tuple(f"{function}({quote_name(str(name).removeprefix(f'{table}.'))})" for name, function in pairs)


def _proof(statement: Statement, table: str, tables: dict[str, Evidence], limit: float) -> str:
    """Which evidence shows it: "blocks", "plan", "scans", or "" when none does."""
    row = tables.get(table)
    live = None if row is None else row.metrics.get("live")
    if live is not None and live < SMALL_TABLE_ROWS:
        return ""
    # An aggregate reads many rows for one: only a scan of the whole table shows that it reads too many.
    if _planned_scan(statement, table):
        return "plan"
    per_row = statement.number(STAT, "blocks_per_row")
    if per_row is not None:
        large = live is not None or (statement.number(STAT, "blocks_per_call") or 0) > SMALL_TABLE_BLOCKS
        enough = _is_plain(statement, table) or _scans_account_for(statement, row)
        return "blocks" if per_row > limit and large and enough else ""
    return "scans" if _slow_in_log(statement) and _scans_account_for(statement, row) else ""


def _is_plain(statement: Statement, table: str) -> bool:
    """Whether what the statement reads can only be this filter's: no aggregate, no join that reads elsewhere."""
    if statement.has("aggregate"):
        return False
    return len(statement.tables) == 1 or bool(statement.columns("equality", table))


def _planned_scan(statement: Statement, table: str) -> bool:
    plan = statement.rows.get(PLAN)
    if plan is None or table not in (plan.attrs.get("seq_scans") or ()):
        return False
    # rows_removed is that of the worst plan, not a sum
    removed = plan.metrics.get("rows_removed", 0.0)
    return removed > SMALL_TABLE_ROWS and not (statement.has("aggregate") and not statement.attrs.get("equality"))


def _scans_account_for(statement: Statement, row: Evidence | None) -> bool:
    """Whether the table is scanned whole at least half as often as the statement runs."""
    if row is None or row.metrics.get("rows_per_seq_scan", 0.0) <= SMALL_TABLE_ROWS:
        return False
    runs = statement.number(STAT, "calls") or statement.number(LOG, "count") or 0.0
    return row.metrics.get("seq_scan", 0.0) >= max(1.0, runs / 2)


def _slow_in_log(statement: Statement) -> bool:
    """Slow by the log alone, with no lock wait that would explain it."""
    return (statement.number(LOG, "mean_ms") or 0.0) > SLOW_LOGGED_MS and LOCK not in statement.rows


def undecided(evidence: EvidenceSet, blocks_per_row: float) -> Iterator[Statement]:
    """Filters that are slow in the log while no file says how much they read."""
    tables = table_rows(evidence)
    for statement in statements(evidence):
        unread = statement.stat is None and PLAN not in statement.rows and statement.main_table not in tables
        if unread and _slow_in_log(statement) and any(_wanted(statement, table)[1] for table in statement.tables):
            yield statement


def scanned_tables(evidence: EvidenceSet) -> Iterator[Evidence]:
    """Large tables that are scanned whole again and again, by their own statistics."""
    for row in table_rows(evidence).values():
        scans, by_index = row.metrics.get("seq_scan", 0.0), row.metrics.get("idx_scan", 0.0)
        large = row.metrics.get("live", 0.0) >= SMALL_TABLE_ROWS
        whole = row.metrics.get("rows_per_seq_scan", 0.0) > SMALL_TABLE_ROWS
        if large and whole and scans > SCANS and by_index < INDEX_USE * (scans + by_index):
            yield row


def _merged(needs: list[Need]) -> list[Need]:
    """An index on (a) serves filters on a and b: the longer need joins the shorter one."""
    kept: list[Need] = []
    for need in sorted(needs, key=lambda one: len(one.columns)):
        shorter = next(
            (k for k in kept if (k.table, k.sort) == (need.table, need.sort) and set(k.columns) <= set(need.columns)),
            None,
        )
        if shorter is None:
            kept.append(need)
        else:
            shorter.statements.extend(need.statements)
            shorter.seen_in_plan |= need.seen_in_plan
    for need in kept:
        need.statements.sort(key=lambda one: -(one.number(STAT, "total_ms") or one.number(LOG, "total_ms") or 0.0))
    return kept


def _order(need: Need) -> tuple[str, ...]:
    """Sort columns, else range columns, of the heaviest statement that has them: they follow equality in an index."""
    for clause in ("sort", "ranges"):
        for statement in need.statements:
            extra = tuple(
                name for name in statement.ordered(clause, need.table) if name.removesuffix(" DESC") not in need.columns
            )
            if extra and (clause == "ranges" or statement.has("limit")):
                return extra[:2]
    return ()
