"""How old the oldest transaction id of each database or table is: age(datfrozenxid), age(relfrozenxid).

https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
"""

from telemetry.parsers.pg_views import Fields, View, qualified, view_parser

QUERY = (
    "select now() as captured_at, datname, age(datfrozenxid) as age, mxid_age(datminmxid) as mxid_age from pg_database"
)
HOW = f"psql -c \"\\copy ({QUERY}) to 'ages.csv' csv header\""
_DATABASES = ("datname", "database", "database_name")
_TABLES = ("relname", "table_name", "relation", "oid", "table")
_AGES = ("age", "xid_age", "datfrozenxid_age", "age_datfrozenxid", "relfrozenxid_age", "tx_age", "oldest_current_xid")
_MULTIXACTS = ("mxid_age", "multixact_age", "datminmxid_age", "relminmxid_age")


def _subject(fields: Fields) -> str:
    """The database, else the table; templates are left out, since nobody connects to them."""
    database = next((fields[name] for name in _DATABASES if fields.get(name)), "")
    table = next((fields[name] for name in _TABLES if fields.get(name)), "")
    if table:
        schema = next((fields[name] for name in ("schemaname", "nspname", "schema") if fields.get(name)), "")
        bare = table.removeprefix("public.")
        return "" if bare.startswith(("pg_catalog.", "pg_toast.", "information_schema.")) else qualified(schema, bare)
    return "" if database.startswith("template") else database


VIEW = View(
    kind="pg.age",
    needed=("|".join(_DATABASES + _TABLES), "|".join(_AGES)),
    foreign=(
        *("pid", "state", "query", "usename", "seq_scan", "idx_scan", "last_value", "calls", "key", "slot_name"),
        *("xact_commit", "total_bytes", "total_size", "size", "gid", "granted", "setting"),
    ),
    subject=_subject,
    metrics={"xids": _AGES, "multixacts": _MULTIXACTS},
    attrs={"database": "datname"},
    counted="ages",
    enables=("How far the transaction ids are from their end",),
    how=f"Export with: {HOW}",
    note="One moment: the age falls again when tables are frozen.",
    texts=_DATABASES + _TABLES,
)

PARSER = view_parser(VIEW, "pg-ages", "Age of PostgreSQL's transaction ids", HOW)
