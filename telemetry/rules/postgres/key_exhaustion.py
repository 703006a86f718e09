"""A key of four bytes nears its largest value."""

from collections.abc import Iterator
from dataclasses import dataclass

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import DAY_S
from telemetry.rules.numbers import Told, shown
from telemetry.rules.schema import schema_tables, sql_name
from telemetry.rules.statements import table_rows

INT4_MAX = 2**31 - 1
ENOUGH_DAYS = 7


@dataclass(frozen=True, slots=True)
class _Key:
    """What counts the values of a table's key: the row, its deciding metric, how many there are and the last one."""

    row: Evidence
    metric: str
    used: float
    end: float


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per table: by its sequence, or by its rows where the key is known to be of four bytes."""
    found: dict[str, _Key] = {}
    for table, key in _keys(evidence):
        if key.used > threshold.value * key.end and (table not in found or key.used > found[table].used):
            found[table] = key
    for table, key in found.items():
        yield _hit(table, key, evidence, threshold.value)


def _keys(evidence: EvidenceSet) -> Iterator[tuple[str, _Key]]:
    narrow = {name for name, row in schema_tables(evidence).items() if row.metrics.get("int4_key")}
    for row in evidence.having("pg.sequence", "last_value", "max_value"):
        if str(row.attrs.get("cycle", "")).lower() in ("t", "true", "yes"):
            continue  # it begins again by itself
        table, end = _table(row, evidence), row.metrics["max_value"]
        if table in narrow and end > INT4_MAX:  # the sequence would go on, the column cannot
            yield table, _Key(row, "last_value", row.metrics["last_value"], INT4_MAX)
        elif "used_share" in row.metrics:
            yield table, _Key(row, "used_share", row.metrics["used_share"] * end, end)
    for table, row in table_rows(evidence).items():
        if table in narrow and "live" in row.metrics:
            yield table, _Key(row, "live", row.metrics["live"], INT4_MAX)


def _table(row: Evidence, evidence: EvidenceSet) -> str:
    """The table of a sequence: as the file says, else by the name that serial columns give (orders_id_seq)."""
    if row.attrs.get("table"):
        return str(row.attrs["table"]).removeprefix("public.")
    name, tables, defined = row.subject, table_rows(evidence), schema_tables(evidence)
    while "_" in name:
        name = name.rpartition("_")[0]
        if name in tables or name in defined:
            return name
    return row.subject.removesuffix("_id_seq")


def _hit(table: str, key: _Key, evidence: EvidenceSet, share: float) -> Hit:
    told, row = Told(), key.row
    limit = share if key.metric == "used_share" else share * key.end
    what = {
        "used_share": "of the values of its key are used up",
        "last_value": "is the last value of its key, a column of four bytes",
        "live": "rows have a key of four bytes",
    }[key.metric]
    said = f"{table}: {told(row, key.metric)} {what} (limit {shown(limit, 'share' if limit == share else '1')})"
    told.also(row, "last_value", "max_value")
    days = _days(table, key, evidence, told)
    return Hit(
        subject=Subject("table", table),
        title=f"Ids of {table} run out",
        said=said + "; when the last is taken every insert fails.",
        cites=told.cites,
        limit=limit,
        breach=key.used >= key.end,
        utilisation=key.used / key.end if key.used < key.end and days is None else None,
        days_to_limit=days,
        tables=(table,),
        snippet=f"ALTER TABLE {sql_name(table)} ADD COLUMN id_bigint bigint;" if key.metric == "live" else "",
    )


def _days(table: str, key: _Key, evidence: EvidenceSet, told: Told) -> float | None:
    """Days until the end at the rate of inserts between two snapshots a week or more apart."""
    for row in evidence.having("pg.table.change", "inserts_per_s", "window_s"):
        rate = row.metrics["inserts_per_s"] * DAY_S
        if row.subject == table and row.metrics["window_s"] >= ENOUGH_DAYS * DAY_S and rate > 0 and key.used < key.end:
            told.also(row, "inserts_per_s", "window_s")
            return (key.end - key.used) / rate
    return None


RULE = Rule(
    id="PG032",
    slug="key-exhaustion",
    area="postgres",
    mechanism="table-growth",
    title="Ids of a table run out",
    needs=(),
    needs_any=(("pg.sequence", "used_share"), ("schema.table", "int4_key")),
    threshold=Threshold(
        0.5,
        "share",
        "A key of four bytes ends at 2,147,483,647. Changing it on a large table takes weeks of work, so half is the "
        "time to start.",
        "PostgreSQL documentation, numeric types; check_postgres sequence (85 and 95 %), PgHero (90 %)",
    ),
    degradation=1.0,
    why="The table numbers its rows with a type that ends at two billion. On that day no new row can be stored, and "
    "the repair takes longer than anyone can wait.",
    fix=(
        "Add a bigint column beside the key and keep it filled by a trigger.",
        "Fill old rows in batches of some thousand, in quiet hours.",
        "Build a unique index on it concurrently, then swap the columns in one short transaction.",
        "Do the same for every column that references it, first.",
    ),
    first_slice=FirstSlice("Add the bigint column with its trigger, and list what references the key", 6),
    effort=Effort(2, 4, 10),
    removes=0.95,
    verify="The column's type is bigint, and so are all that reference it.",
    rollback="Before the swap drop the new column and its trigger; after it swap back.",
    references=("PostgreSQL, Numeric Types https://www.postgresql.org/docs/current/datatype-numeric.html",),
    check=check,
)
