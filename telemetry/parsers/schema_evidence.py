"""What a schema is evidence of: tables, foreign keys and indexes, with what each of them lacks or repeats."""

from collections import Counter
from itertools import islice

from telemetry.evidence import Evidence, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.schema_model import ForeignKey, Index, Schema, Table

KINDS = ("schema.table", "schema.foreign_key", "schema.index")
MAX_ROWS = 20_000  # of each kind; a schema for each tenant may have more
MAX_COLUMNS = 300
_SMALL_INTEGERS = frozenset({"int2", "int4", "serial", "serial4", "smallserial", "serial2", "Int"})


def add_evidence(schema: Schema, result: ParseResult, whole: bool) -> None:
    """Rows for everything in the schema, in the order of the file; what exceeds the bound is noted."""
    duplicates, covered = duplicates_of(schema.indexes), covered_by(schema.indexes)
    keys = Counter(key.table for key in schema.foreign_keys)
    schema.group()
    rows = [
        *(_table(table, schema, keys[table.name], result, whole) for table in islice(schema.tables.values(), MAX_ROWS)),
        *(_foreign_key(key, schema, result, whole) for key in schema.foreign_keys[:MAX_ROWS]),
        *(_index(index, duplicates, covered, result, whole) for index in schema.indexes[:MAX_ROWS]),
    ]
    left = [max(len(parts) - MAX_ROWS, 0) for parts in (schema.tables, schema.foreign_keys, schema.indexes)]
    if any(left):
        result.notes.append(f"{sum(left):,} further tables, keys and indexes count in the totals only.")
    result.evidence = sorted(rows, key=lambda row: row.place.line)


def is_unindexed(key: ForeignKey, schema: Schema) -> bool:
    """Whether no index finds the rows that point at one row of the other table."""
    return not any(index.covers(key.columns) for index in schema.indexes_of(key.table))


def lacks_key(table: Table, schema: Schema) -> bool:
    """Whether a table has no primary key."""
    return schema.primary_key(table.name) is None


def duplicates_of(indexes: list[Index]) -> dict[int, str]:
    """By id() of each index that is not needed, the name of the one that does the same; a key or unique one stays."""
    groups: dict[tuple[object, ...], list[Index]] = {}
    for index in indexes:
        groups.setdefault(index.signature, []).append(index)
    found: dict[int, str] = {}
    for group in groups.values():
        kept = max(group, key=lambda index: (index.primary, index.constraint, index.unique))
        found |= {id(index): kept.name for index in group if index is not kept}
    return found


def covered_by(indexes: list[Index]) -> dict[int, str]:
    """By id() of each plain index, the name of a longer one on the same table that starts with its columns."""
    found: dict[int, str] = {}
    by_first: dict[tuple[str, str], list[Index]] = {}
    for index in indexes:
        by_first.setdefault((index.table, index.columns[0] if index.columns else ""), []).append(index)
    for group in by_first.values():
        for index in group:
            longer = (other for other in group if _starts_with(other, index))
            if not index.unique and index.method == "btree" and (other := next(longer, None)) is not None:
                found[id(index)] = other.name
    return found


def _starts_with(longer: Index, index: Index) -> bool:
    count = len(index.columns)
    return (
        len(longer.columns) > count
        and longer.columns[:count] == index.columns
        and longer.method == "btree"
        and longer.predicate == index.predicate
        and not index.include
    )


def _table(table: Table, schema: Schema, foreign_keys: int, result: ParseResult, whole: bool) -> Evidence:
    key = schema.primary_key(table.name)
    types = [table.columns[name].type for name in key.keys if name in table.columns] if key else []
    attrs: dict[str, object] = {
        "columns": [
            {"name": column.name, "type": column.type, "nullable": column.nullable}
            for column in list(table.columns.values())[:MAX_COLUMNS]
        ],
        "primary_key": list(key.keys) if key else [],
        "whole": whole,
    }
    if table.model:
        attrs["model"] = table.model
    return Evidence(
        kind="schema.table",
        subject=table.name,
        metrics={
            "columns": len(table.columns),
            "indexes": len(schema.indexes_of(table.name)),
            "foreign_keys": foreign_keys,
            "without_primary_key": float(key is None),
            "int4_key": float(len(types) == 1 and types[0] in _SMALL_INTEGERS),
            "timestamps_without_zone": sum(column.type == "timestamp" for column in table.columns.values()),
        },
        place=readers.place(*table.spot, result),
        attrs=attrs,
    )


def _foreign_key(key: ForeignKey, schema: Schema, result: ParseResult, whole: bool) -> Evidence:
    metrics = {"columns": float(len(key.columns))}
    if key.table in schema.tables:
        metrics["without_index"] = float(is_unindexed(key, schema))
    return Evidence(
        kind="schema.foreign_key",
        subject=f"{key.table}({', '.join(key.columns)})",
        metrics=metrics,
        place=readers.place(*key.spot, result),
        attrs={
            "name": key.name,
            "table": key.table,
            "columns": key.columns,
            "references": key.references,
            "referenced": key.referenced,
            "on_delete": key.on_delete,
            "whole": whole,
        },
    )


def _index(
    index: Index, duplicates: dict[int, str], covered: dict[int, str], result: ParseResult, whole: bool
) -> Evidence:
    return Evidence(
        kind="schema.index",
        subject=index.name,
        metrics={
            "columns": len(index.columns),
            "duplicate": float(id(index) in duplicates),
            "redundant": float(id(index) in covered),
        },
        place=readers.place(*index.spot, result),
        attrs={
            "table": index.table,
            "columns": index.columns,
            "unique": index.unique,
            "constraint": index.constraint,
            "method": index.method,
            "predicate": index.predicate,
            "duplicate_of": duplicates.get(id(index), ""),
            "covered_by": covered.get(id(index), ""),
            "whole": whole,
        },
    )
