"""The schema as rules see it: tables, and the indexes that any file defines on them."""

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.statements import SMALL_TABLE_ROWS, table_rows
from telemetry.sql.index import quote_name

_tables: WeakKeyDictionary[EvidenceSet, dict[str, Evidence]] = WeakKeyDictionary()
_indexes: WeakKeyDictionary[EvidenceSet, dict[str, list[Evidence]]] = WeakKeyDictionary()


def schema_tables(evidence: EvidenceSet) -> dict[str, Evidence]:
    """Definitions by table; of several files a dump counts more than a migration, then the one with more columns."""
    found = _tables.get(evidence)
    if found is not None:
        return found
    found = _tables[evidence] = {}
    for row in evidence.of("schema.table"):
        kept = found.get(row.subject)
        if kept is None or _weight(row) > _weight(kept):
            found[row.subject] = row
    return found


def _weight(row: Evidence) -> tuple[bool, float, float, str]:
    return bool(row.attrs.get("whole")), row.metrics.get("columns", 0.0), row.metrics.get("indexes", 0.0), row.file


def indexes_of(evidence: EvidenceSet, table: str) -> list[Evidence]:
    """Indexes on a table from every file: a migration may add what the file of the table lacks."""
    known = _indexes.get(evidence)
    if known is None:
        known = _indexes[evidence] = {}
        for row in evidence.of("schema.index"):
            known.setdefault(str(row.attrs.get("table")), []).append(row)
    return known.get(table, [])


def starts_with(index: Evidence, columns: Iterable[str]) -> bool:
    """Whether the index leads with exactly these columns, in any order, and holds every row."""
    wanted = set(columns)
    leading = [str(name).removesuffix(" DESC") for name in index.attrs.get("columns") or ()][: len(wanted)]
    return (
        set(leading) == wanted and not index.attrs.get("predicate") and index.attrs.get("method") in ("btree", "hash")
    )


def known_rows(evidence: EvidenceSet, table: str) -> Evidence | None:
    """The statistics that tell how many rows a table has; None when no file does."""
    row = table_rows(evidence).get(table)
    return row if row is not None and "live" in row.metrics else None


def is_known_small(evidence: EvidenceSet, table: str) -> bool:
    """Whether a file says that the table has fewer rows than an index is worth."""
    row = known_rows(evidence, table)
    return row is not None and row.metrics["live"] < SMALL_TABLE_ROWS


def sql_name(name: str) -> str:
    """A name, with its schema where it has one, as SQL writes it."""
    return ".".join(quote_name(part) for part in name.split(".", 1))
