"""The database server as rules see it: its settings, how much it is used, and for how long its counters have run."""

import re
from collections.abc import Iterable
from datetime import datetime

from telemetry.evidence import Evidence, EvidenceSet

BUSY_TRANSACTIONS = 100_000
BUSY_CALLS = 10_000
BUSY_SESSIONS = 10
BUSY_LOGGED = 1_000
DAY_S = 86_400.0
_OF_DATABASE = re.compile(r"(?:^|[^a-z])(?:db|pg|postgres(?:ql)?|database|primary)(?:[^a-z]|$)", re.I)


def setting(evidence: EvidenceSet, name: str) -> Evidence | None:
    """A setting by its name; of several files the first in their order by name. None when no file holds it."""
    rows = [row for row in evidence.of("pg.setting") if row.subject == name]
    return min(rows, key=lambda row: (row.file, row.place.line)) if rows else None


def is_used(evidence: EvidenceSet) -> bool:
    """Whether any file shows that people or programs work on this server: a development database is not reviewed."""
    return (
        _total(evidence.of("pg.database"), "commits") >= BUSY_TRANSACTIONS
        or _total(evidence.of("pg.stat.statement"), "calls") >= BUSY_CALLS
        or _total(evidence.of("pg.log.server"), "queries") >= BUSY_LOGGED
        or _total(evidence.of("pg.activity"), "sessions") >= BUSY_SESSIONS
    )


def _total(rows: Iterable[Evidence], metric: str) -> float:
    return sum(row.metrics.get(metric, 0.0) for row in rows)


def counted_days(evidence: EvidenceSet) -> float | None:
    """For how many days the counters have run at least: from the last reset to the newest time in the statistics.

    None when no file says when they were reset, or holds a later time.
    """
    resets = [moment for row in evidence.of("pg.database") if (moment := _moment(row.attrs.get("stats_reset")))]
    times = [
        moment
        for kind in ("pg.table", "pg.index")
        for row in evidence.of(kind)
        for name, value in row.attrs.items()
        if name.startswith("last_") and (moment := _moment(value))
    ]
    if not resets or not times:
        return None
    days = (max(times) - max(resets)).total_seconds() / DAY_S
    return days if days > 0 else None


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def idle_holder(evidence: EvidenceSet) -> Evidence | None:
    """The application whose session is idle inside a transaction; of several the one with the oldest transaction."""
    rows = evidence.having("pg.activity.application", "longest_transaction_s")
    idle = [row for row in rows if row.metrics.get("idle_in_transaction", 0.0) > 0]
    return max(idle, key=lambda row: (row.metrics["longest_transaction_s"], row.subject), default=None)


def machine_memory(evidence: EvidenceSet) -> Evidence | None:
    """The memory of the only machine that was sent; of several, one that is named after the database, else None."""
    rows = [row for row in evidence.having("host.memory", "total_bytes") if row.metrics["total_bytes"] > 0]
    hosts = {row.subject for row in rows}
    if len(hosts) > 1:
        rows = [row for row in rows if _OF_DATABASE.search(row.subject)]
    return rows[0] if len({row.subject for row in rows}) == 1 else None


def data_bytes(evidence: EvidenceSet) -> Evidence | None:
    """The size of the largest table, None when no file tells sizes."""
    return max(
        evidence.having("pg.size", "total_bytes"),
        key=lambda row: (row.metrics["total_bytes"], row.subject),
        default=None,
    )
