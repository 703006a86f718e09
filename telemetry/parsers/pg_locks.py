"""Locks at one moment: pg_locks alone or joined with pg_stat_activity, and the usual queries for who waits for whom.

A wait is measured from `waitstart` (PostgreSQL 14 on) or the statement's start to the newest time in the file, or
taken as the file gives it. The queries: https://wiki.postgresql.org/wiki/Lock_Monitoring, columns:
https://www.postgresql.org/docs/current/view-pg-locks.html
"""

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.pg_blocking import BLOCKED, HOLDS, WAITS, read_blocking
from telemetry.parsers.pg_lock_rows import read_locks
from telemetry.parsers.pg_views import View, fields_of, is_view, open_view
from telemetry.parsers.table_dialects import sniff_table
from telemetry.source import Head, Source

QUERY = (
    "select l.locktype, l.relation::regclass as relation, l.transactionid, l.mode, l.granted, l.waitstart, l.pid, "
    "a.application_name, a.state, a.xact_start, a.query_start, now() as taken, a.query from pg_locks l join "
    "pg_stat_activity a using (pid) where l.database is not null or l.locktype = 'transactionid'"
)
HOW = f"psql -c \"\\copy ({QUERY}) to 'locks.csv' csv header\""

LOCKS = View(
    kind="pg.locks",
    needed=("pid", "granted", "mode|locktype|relname|relation"),
    foreign=("blocked_pid",),
    subject=lambda fields: "server",
    metrics={},
    attrs={},
    counted="locks",
    enables=("What is locked, and what waits for it, at one moment",),
    how=f"Export with: {HOW}",
    note="One moment: waits before and after it are not seen.",
    texts=("query", "query_snippet", "current_query"),
)
BLOCKING = View(
    kind="pg.blocking",
    needed=("blocked_pid|pid|waiting_pid", "|".join(BLOCKED)),
    foreign=("granted",),
    subject=lambda fields: "process",
    metrics={},
    attrs={},
    counted="waits",
    enables=("Which statements make which others wait",),
    how=f"Export with: {HOW}",
    note="One moment: waits before and after it are not seen.",
    texts=(*WAITS, *HOLDS),
)


def sniff(head: Head) -> bool:
    """Claim locks with their process and whether they are held, or pairs of a waiting and a holding process."""
    header = sniff_table(head)
    return any(is_view(header, view.needed, view.foreign) for view in (LOCKS, BLOCKING))


def parse(source: Source) -> ParseResult:
    """Rows for the server and what is locked, or for each statement that waits; ParseError when no row can be read."""
    result = ParseResult()
    view, header, rows = open_view(source, result, (LOCKS, BLOCKING))
    read = [(row, fields_of(row, header)) for row in rows]
    (read_locks if view is LOCKS else read_blocking)(read, result)
    if not result.evidence:
        raise ParseError(f"No row of the file can be read. {view.how}", max(result.lines, 1))
    result.records_lines = result.lines - result.blank - result.rejected
    result.enables, result.notes = list(view.enables), [view.note, *result.notes]
    return result


PARSER = Parser(
    id="pg-locks",
    title="PostgreSQL locks (pg_locks, blocking queries)",
    how_to_export=HOW,
    looks_for="CSV, JSON or psql output with the columns pid, mode and granted, or blocked_pid and blocking_pid",
    kinds=("pg.locks", "pg.locks.object", "pg.blocking"),
    sniff=sniff,
    parse=parse,
)
