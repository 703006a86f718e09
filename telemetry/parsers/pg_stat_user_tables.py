"""Table statistics: pg_stat_user_tables of PostgreSQL 9.2 to 18, whole or a selection of its columns.

Columns: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-TABLES-VIEW
"""

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.readers import Header, Row
from telemetry.parsers.table_dialects import open_table, sniff_table
from telemetry.source import Head, Source

COMMAND = "\\copy (select now() as captured_at, * from pg_stat_user_tables) to 'tables.csv' csv header"
HOW = f"Export with psql: {COMMAND}"

# Metric and the column it is read from. A null (no index, so no idx_scan) leaves the metric absent.
COLUMNS = {
    "seq_scan": "seq_scan",
    "seq_tup_read": "seq_tup_read",
    "idx_scan": "idx_scan",
    "idx_tup_fetch": "idx_tup_fetch",
    "inserts": "n_tup_ins",
    "updates": "n_tup_upd",
    "deletes": "n_tup_del",
    "hot_updates": "n_tup_hot_upd",
    "live": "n_live_tup",
    "dead": "n_dead_tup",
    "mod_since_analyze": "n_mod_since_analyze",
    "autovacuum_count": "autovacuum_count",
    "vacuum_count": "vacuum_count",
    "autoanalyze_count": "autoanalyze_count",
    "analyze_count": "analyze_count",
}
TIMES = ("last_vacuum", "last_autovacuum", "last_analyze", "last_autoanalyze")
TOTALS = ("seq_scan", "idx_scan", "live", "dead")
_ROWS = ("n_live_tup", "n_dead_tup", "seq_tup_read")
SYSTEM_SCHEMAS = ("pg_catalog", "pg_toast", "information_schema")


def sniff(head: Head) -> bool:
    """Claim a table, as CSV, JSON or psql's, with relname, and counts of scans and rows, or of live and dead rows."""
    header = sniff_table(head)
    return header is not None and _is_view(header)


def parse(source: Source) -> ParseResult:
    """One evidence row a table; ParseError when the file is no table of this view."""
    result = ParseResult()
    header, rows = open_table(source, result, HOW, ("relname",))
    if not _is_view(header):
        raise ParseError(f"The columns relname, n_live_tup, and seq_scan or n_dead_tup are needed. {HOW}", result.lines)
    tables: dict[str, Evidence] = {}
    system = repeated = 0
    for row in rows:
        try:
            table = _read_row(row, header, result)
        except ValueError:
            readers.reject(row, result)
            continue
        if table is None:
            system += 1
            continue
        repeated += table.subject in tables
        tables[table.subject] = table
    if not tables:
        raise ParseError(f"No row of the file describes a table. {HOW}", result.lines)
    _finish(result, list(tables.values()), system, repeated)
    return result


def _is_view(header: Header) -> bool:
    """The scans with a count of rows, or both counts, which is what questions about vacuum select."""
    has = {name for name in ("relname", "seq_scan", *_ROWS) if header.find([name]) is not None}
    if "relname" not in has or header.find(["indexrelname", "query"]) is not None:
        return False
    return has >= {"n_live_tup", "n_dead_tup"} or ("seq_scan" in has and not has.isdisjoint(_ROWS))


def _read_row(row: Row, header: Header, result: ParseResult) -> Evidence | None:
    """The evidence of a row, None for a system table; ValueError when it has no name or a number cannot be read."""
    fields = dict(zip(header.columns, row.fields, strict=True))
    schema, name = fields.get("schemaname", "public").strip(), fields["relname"].strip()
    if not name:
        raise ValueError("a table without a name")
    metrics: dict[str, float] = {}
    for metric, column in COLUMNS.items():
        value = readers.whole(fields.get(column, ""), header.delimiter)
        if value is not None:
            metrics[metric] = value
    if metrics.get("seq_scan") and "seq_tup_read" in metrics:
        metrics["rows_per_seq_scan"] = metrics["seq_tup_read"] / metrics["seq_scan"]
    if schema.startswith(SYSTEM_SCHEMAS):
        return None
    return Evidence(
        kind="pg.table",
        subject=name if schema in ("public", "") else f"{schema}.{name}",
        metrics=metrics,
        place=readers.place(row.line, row.text, result),
        attrs={time: fields[time].strip() for time in TIMES if not readers.is_null(fields.get(time, ""))},
    )


def _finish(result: ParseResult, tables: list[Evidence], system: int, repeated: int) -> None:
    result.evidence = tables
    result.records = len(tables)
    result.records_lines = result.lines - result.blank - result.rejected
    result.totals = {"tables": len(tables)}
    for name in TOTALS:
        values = [table.metrics[name] for table in tables if name in table.metrics]
        if values:
            result.totals[name] = int(sum(values))
    result.enables = ["Which large tables are read whole", "Dead rows and whether autovacuum keeps up"]
    result.notes = ["Counters run since the last reset: the file holds no rate and no times of day."]
    if system:
        result.notes.append(f"{system:,} tables of the database itself are left out.")
    if repeated:
        result.notes.append(f"{repeated:,} rows describe a table that came before; the last row of a table counts.")


PARSER = Parser(
    id="pg-stat-user-tables",
    title="PostgreSQL table statistics (pg_stat_user_tables)",
    how_to_export=f'psql -c "{COMMAND}"',
    looks_for="CSV, JSON or psql output with the columns relname, n_live_tup, and seq_scan or n_dead_tup",
    kinds=("pg.table",),
    sniff=sniff,
    parse=parse,
)
