"""What piles up in the database: rows of the largest tables, sequences, ages of transaction ids."""

from collections.abc import Iterator

from reviews.capacity.gather.base import DAY_S, by_subject, derived, measured, watched
from reviews.capacity.inputs import Input
from telemetry.evidence import Evidence, EvidenceSet

# Beyond the largest few nobody reads on; a table that grows faster than those are large is among them.
SHOWN = 12


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """Rows and daily growth by table, values by sequence, ages by database."""
    growing = {row.subject: row for row in by_subject(evidence, "pg.table.change", "inserts_per_s")}
    rows = sorted(by_subject(evidence, "pg.table", "live"), key=lambda row: (-row.metrics["live"], row.subject))
    fastest = sorted(growing.values(), key=lambda row: (-row.metrics["inserts_per_s"], row.subject))
    names = list(dict.fromkeys([row.subject for row in [*rows[:SHOWN], *fastest[:SHOWN]]]))
    sizes = {row.subject: row for row in by_subject(evidence, "pg.table", "bytes")}
    known = {row.subject: row for row in rows}
    for name in names:
        if name in known:
            yield from measured(f"table.{name}.rows", known[name], "live")
        if name in growing:
            yield from _per_day(name, growing[name])
        if name in sizes:
            yield from measured(f"table.{name}.bytes", sizes[name], "bytes")
    yield from _sequences(evidence)
    for row in by_subject(evidence, "pg.age", "xids"):
        if not row.attrs.get("database"):
            yield from measured(f"xids.{row.subject}.age", row, "xids")


def _per_day(name: str, row: Evidence) -> Iterator[Input]:
    gone = row.metrics.get("deletes_per_s", 0.0)
    words = "(inserted − deleted) between the two exports, a day"
    amount = (row.metrics["inserts_per_s"] - gone) * DAY_S
    yield from derived(f"table.{name}.rows_per_day", amount, words, row, "inserts_per_s")
    yield from watched(f"table.{name}.rows_per_day", row)


def _sequences(evidence: EvidenceSet) -> Iterator[Input]:
    rows = sorted(
        by_subject(evidence, "pg.sequence", "used_share"), key=lambda row: (-row.metrics["used_share"], row.subject)
    )
    changes = {row.subject: row for row in by_subject(evidence, "pg.sequence.change", "last_value_per_s")}
    for row in rows[:SHOWN]:
        for metric in ("last_value", "max_value"):
            yield from measured(f"sequence.{row.subject}.{metric}", row, metric)
        if row.subject in changes:
            key, change = f"sequence.{row.subject}.per_day", changes[row.subject]
            yield from measured(key, change, "last_value_per_s", DAY_S)
            yield from watched(key, change)
