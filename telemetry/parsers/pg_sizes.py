"""Sizes of tables and indexes: the usual pg_total_relation_size query, psql's \\dt+ and \\di+, pg-extras, PgHero.

pg_size_pretty rounds: "1208 kB" is right to half a kB (https://www.postgresql.org/docs/current/functions-admin.html).
"""

import re
from dataclasses import replace

from telemetry.parsers import readers
from telemetry.parsers.pg_views import Fields, Metrics, View, qualified, view_parser
from telemetry.source import Head

QUERY = (
    "select schemaname, relname, pg_total_relation_size(relid) as total_bytes, pg_table_size(relid) as table_bytes, "
    "pg_indexes_size(relid) as index_bytes, now() as captured_at from pg_stat_user_tables order by 3 desc"
)
HOW = f"psql -c \"\\copy ({QUERY}) to 'sizes.csv' csv header\""

_SCHEMAS = ("schemaname", "table_schema", "schema", "nspname", "schema_name")
_INDEXES = ("indexrelname", "index_name", "indexname", "index")
_TABLES = (  # "name" before "table": \di+ has both
    *("relname", "table_name", "tablename", "relation", "relation_name", "name", "table", "oid", "objectname"),
)
# Metric and the names of columns it is read from; wiki.postgresql.org/wiki/Disk_Usage has each twice, as bytes first.
SIZES = {
    "total_bytes": (
        "total_bytes",
        "total_size",
        "total_size_bytes",
        "total_relation_size",
        "pg_total_relation_size",
        "total_table_size",
    ),
    "table_bytes": ("table_bytes", "table_size", "table_size_bytes", "pg_table_size", "pg_relation_size", "heap_size"),
    "index_bytes": ("index_bytes", "index_size", "index_size_bytes", "indexes_size", "pg_indexes_size"),
    "toast_bytes": ("toast_bytes", "toast_size"),
}
_UNSAID = ("size_bytes", "size", "pg_size_pretty")
_ROWS = ("row_estimate", "estimated_rows", "reltuples")
_FOREIGN = (
    "seq_scan",
    "idx_scan",
    "index_scans",
    "query",
    "last_value",
    "calls",
    "key",
    "n_live_tup",
    "waste",
    "bloat",
)
_PRETTY = re.compile(r"(-?\d+(?:\.\d+)?) ?(bytes|B|kB|KB|MB|GB|TB|PB)\Z")
_UNITS = {"bytes": 1, "B": 1, "kB": 1024, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4, "PB": 1024**5}
_IN_POSTGRES_WORDS = re.compile(r"\b\d+(?:\.\d+)? (?:bytes|kB|MB|GB|TB)\b")


def _first(fields: Fields, names: tuple[str, ...]) -> str:
    return next((fields[name] for name in names if fields.get(name)), "")


def _is_size(text: str) -> bool:
    return bool(_PRETTY.match(text) or text.isdigit())


def _subject(fields: Fields) -> str:
    """The index, else the table; a column "index" or "table" may also be a size."""
    name = next(
        (fields[one] for one in _INDEXES + _TABLES if fields.get(one) and not _is_size(fields[one])), ""
    ).removeprefix("public.")
    return "" if name.startswith(("pg_catalog.", "pg_toast")) else qualified(_first(fields, _SCHEMAS), name)


def _bytes(text: str) -> float | None:
    if found := _PRETTY.match(text):
        return float(found[1]) * _UNITS[found[2]]
    return readers.whole(text) if text else None


def _derive(fields: Fields, metrics: Metrics) -> None:
    """Sizes in bytes. "Size" alone is said to be of the table or the index where the row tells its type (\\dt+)."""
    for metric, names in SIZES.items():
        if (size := _bytes(_first(fields, names))) is not None:
            metrics[metric] = size
    kind = fields.get("type", "")
    alone = {"table": "table_bytes", "partitioned table": "table_bytes", "index": "index_bytes"}.get(kind, "bytes")
    if alone not in metrics and (size := _bytes(_first(fields, _UNSAID))) is not None:
        metrics[alone] = size
    rows = readers.number(_first(fields, _ROWS))
    if rows is not None and rows >= 0:  # -1: never analyzed
        metrics["rows"] = rows
    if not metrics:
        raise ValueError("no size")


VIEW = View(
    kind="pg.size",
    needed=("|".join(_TABLES + _INDEXES), "|".join(name for names in SIZES.values() for name in names)),
    foreign=_FOREIGN,
    subject=_subject,
    metrics={},
    attrs={"type": "type"},
    counted="relations",
    enables=("Which tables and indexes fill the disk",),
    how=f"Export with: {HOW}",
    derive=_derive,
    note="One moment: growth needs a second export. Sizes written with a unit are rounded.",
    texts=_TABLES + _INDEXES,
)
# A size without a word of what it measures: only with Postgres' own units, since other tools list sizes too.
ALONE = replace(VIEW, needed=(VIEW.needed[0], "|".join(_UNSAID)))
_BOTH = view_parser(VIEW, "pg-sizes", "PostgreSQL table and index sizes", HOW, ALONE)
_NAMED = view_parser(VIEW, "pg-sizes", "PostgreSQL table and index sizes", HOW)


def sniff(head: Head) -> bool:
    """Claim a table with names and sizes that only Postgres measures, or with sizes in its words."""
    return _NAMED.sniff(head) or (_BOTH.sniff(head) and bool(_IN_POSTGRES_WORDS.search(head.text)))


PARSER = replace(
    _NAMED,
    parse=_BOTH.parse,
    sniff=sniff,
    looks_for="CSV, JSON or psql output with a table's or index's name and total_bytes, table_size, index_size or the "
    "Size of \\dt+",
)
