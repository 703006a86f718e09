"""Statements as rules see them: what the log and pg_stat_statements say about one fingerprint, side by side."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Subject

STAT, LOG, LOCK, TEMP, PLAN = (
    "pg.stat.statement",
    "pg.log.statement",
    "pg.log.lock",
    "pg.log.temp",
    "pg.log.plan",
)
# Below this many rows a sequential scan is as good as an index; PgHero's missing-index check starts here too.
SMALL_TABLE_ROWS = 10_000
# Without table statistics: 4 MB read per call is more than a table of 10,000 ordinary rows holds.
SMALL_TABLE_BLOCKS = 500
# Five an hour are no nightly work; when they take half of all query time, few runs in a short log are enough.
DOMINANT_RUNS, DOMINANT_SHARE, HOUR_S = 5, 0.5, 3600.0
# The system's own views and functions carry these names (PostgreSQL keeps "pg_" for itself).
_SYSTEM = ("pg_", "information_schema.")
_ASKS_SERVER = re.compile(r"(?:/\*.*?\*/\s*)?SELECT\s[^;]*\bpg_\w+\s*\(", re.I | re.S)
CHANGING = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})


@dataclass(slots=True)
class Statement:
    """One fingerprint with the row of each kind that speaks of it (the heaviest, when several files do)."""

    fingerprint: str
    rows: dict[str, Evidence] = field(default_factory=dict)

    @property
    def stat(self) -> Evidence | None:
        return self.rows.get(STAT)

    @property
    def log(self) -> Evidence | None:
        return self.rows.get(LOG)

    @property
    def attrs(self) -> Mapping[str, Any]:
        """The shape, from the row whose text could be understood best: pg_stat_statements never cuts in a log line."""
        for kind in (STAT, LOG, LOCK, TEMP, PLAN):
            row = self.rows.get(kind)
            if row is not None and row.attrs.get("tables"):
                return row.attrs
        return next(iter(self.rows.values())).attrs

    @property
    def verb(self) -> str:
        return str(self.attrs.get("verb") or "").upper()

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(self.attrs.get("tables") or ())

    @property
    def main_table(self) -> str:
        """The first table named: the target of a write, the driving table of a read."""
        return self.tables[0] if self.tables else ""

    @property
    def text(self) -> str:
        return str(self.attrs.get("query") or "")

    @property
    def is_about_server(self) -> bool:
        """Whether it asks PostgreSQL about itself, as monitoring does: views of the system only, or its functions."""
        if self.tables:
            return all(table.lower().startswith(_SYSTEM) for table in self.tables)
        return _ASKS_SERVER.match(self.text) is not None

    def has(self, name: str) -> bool:
        """Whether the shape holds this clause ("limit", "offset", "aggregate", "for_update")."""
        return bool(self.attrs.get(name))

    def columns(self, clause: str, table: str) -> tuple[str, ...]:
        """Columns of one table in a clause ("equality", "ranges", "sort", "joins"), without the table's name.

        A column without a table's name belongs to the only table there is, or to none that we could tell.
        """
        return tuple(dict.fromkeys(name.removesuffix(" DESC") for name in self.ordered(clause, table)))

    def ordered(self, clause: str, table: str) -> tuple[str, ...]:
        """The same with the direction: a column of "sort" may end in " DESC"."""
        found = []
        for name in self.attrs.get(clause) or ():
            owner, _, column = str(name).rpartition(".")
            if owner == table or (not owner and len(self.tables) == 1):
                found.append(column)
        return tuple(dict.fromkeys(found))

    def number(self, kind: str, metric: str) -> float | None:
        """A metric of one kind; None when that kind does not speak of this statement or has not measured it."""
        row = self.rows.get(kind)
        return None if row is None else row.metrics.get(metric)

    @property
    def dominates(self) -> bool:
        """Whether the log shows five runs or more, five an hour or more, that take half of all query time."""
        runs, window_s = self.number(LOG, "count") or 0.0, self.number(LOG, "window_s")
        share = max(self.number(LOG, "share") or 0.0, self.number(STAT, "share") or 0.0)
        often = window_s is not None and runs >= max(DOMINANT_RUNS, DOMINANT_RUNS * window_s / HOUR_S)
        return often and share >= DOMINANT_SHARE

    @property
    def may_dominate(self) -> bool:
        """Whether its counters hold as many runs and as much time, while no log tells how long they have counted."""
        runs, share = self.number(STAT, "calls") or 0.0, self.number(STAT, "share") or 0.0
        return LOG not in self.rows and runs >= DOMINANT_RUNS and share >= DOMINANT_SHARE

    @property
    def mean_ms(self) -> float | None:
        stat = self.number(STAT, "mean_ms")
        return stat if stat is not None else self.number(LOG, "mean_ms")

    @property
    def subject(self) -> Subject:
        """The same name in every rule, so that findings about one statement meet."""
        return Subject("query", f"{self.verb or 'SQL'} {self.main_table} ({self.fingerprint[:8]})".replace("  ", " "))


_WEIGHT = {STAT: "total_ms", LOG: "total_ms", LOCK: "wait_total_ms", TEMP: "bytes", PLAN: "plans"}


_memory: WeakKeyDictionary[EvidenceSet, tuple[Statement, ...]] = WeakKeyDictionary()


def statements(evidence: EvidenceSet) -> tuple[Statement, ...]:
    """Every statement of the engagement, heaviest first; put together once for all rules that ask."""
    known = _memory.get(evidence)
    if known is None:
        known = _memory[evidence] = _statements(evidence)
    return known


def _statements(evidence: EvidenceSet) -> tuple[Statement, ...]:
    found: dict[str, Statement] = {}
    for kind, weight in _WEIGHT.items():
        for row in evidence.of(kind):
            rows = found.setdefault(row.subject, Statement(row.subject)).rows
            if kind not in rows or row.metrics.get(weight, 0.0) > rows[kind].metrics.get(weight, 0.0):
                rows[kind] = row
    return tuple(sorted(found.values(), key=lambda statement: (-_weight(statement), statement.fingerprint)))


def _weight(statement: Statement) -> float:
    stat = statement.number(STAT, "total_ms")
    return stat if stat is not None else statement.number(LOG, "total_ms") or 0.0


_tables: WeakKeyDictionary[EvidenceSet, dict[str, Evidence]] = WeakKeyDictionary()


def table_rows(evidence: EvidenceSet) -> dict[str, Evidence]:
    """Statistics by table; of several snapshots the one with most activity. Put together once for all that ask."""
    found = _tables.get(evidence)
    if found is not None:
        return found
    found = _tables[evidence] = {}
    for row in evidence.of("pg.table"):
        kept = found.get(row.subject)
        if kept is None or _activity(row) > _activity(kept):
            found[row.subject] = row
    return found


def _activity(row: Evidence) -> float:
    return row.metrics.get("seq_scan", 0.0) + row.metrics.get("idx_scan", 0.0)


def tables_of(found: Iterable[Statement]) -> tuple[str, ...]:
    """Every table that some statements touch, once, in their order."""
    return tuple(dict.fromkeys(table for statement in found for table in statement.tables))
