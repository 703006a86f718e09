"""How much of each sequence is used up: pg_sequences, or a query with the same columns."""

from telemetry.parsers import readers
from telemetry.parsers.pg_views import Fields, Metrics, View, qualified, view_parser

QUERY = (
    "select schemaname, sequencename, data_type, min_value, max_value, increment_by, cycle, last_value, "
    "now() as captured_at from pg_sequences where last_value is not null"
)
HOW = f"psql -c \"\\copy ({QUERY}) to 'sequences.csv' csv header\""
# Largest value of the integer types, https://www.postgresql.org/docs/current/datatype-numeric.html
LIMITS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
LIMITS |= {"int2": LIMITS["smallint"], "int4": LIMITS["integer"], "int8": LIMITS["bigint"]}
_NAMES = ("sequencename", "sequence_name", "sequence", "seqname")


def _subject(fields: Fields) -> str:
    schema = next((fields[name] for name in ("schemaname", "sequence_schema", "schema") if name in fields), "")
    name = next(fields[name] for name in _NAMES if name in fields)
    return qualified(schema, name.removeprefix("public."))


def _derive(fields: Fields, metrics: Metrics) -> None:
    """The share of the values between where it starts and where it ends; a column's type may end it earlier."""
    high = readers.number(fields.get("max_value", ""))
    if (limit := LIMITS.get(fields.get("data_type", "").lower())) and (high is None or high > limit):
        high = float(limit)
    low = readers.number(fields.get("min_value", "")) or 0.0
    down = fields.get("increment_by", "").startswith("-")
    start, end = (high, low) if down else (low, high)
    if start is None or end is None:
        return
    metrics["max_value"] = end
    if "last_value" in metrics and end != start:
        metrics["used_share"] = min(max((metrics["last_value"] - start) / (end - start), 0.0), 1.0)


VIEW = View(
    kind="pg.sequence",
    needed=("|".join(_NAMES), "last_value", "max_value|data_type"),
    subject=_subject,
    metrics={"last_value": ("last_value",)},
    attrs={"data_type": "data_type", "table": "table_name", "column": "column_name", "cycle": "cycle"},
    counted="sequences",
    enables=("Keys that run out of numbers",),
    how=f"Export with: {HOW}",
    derive=_derive,
    note="One moment: how fast a sequence is used up needs a second export. One that was never used has no value.",
    texts=_NAMES,
)

PARSER = view_parser(VIEW, "pg-sequences", "PostgreSQL sequences (pg_sequences)", HOW)
