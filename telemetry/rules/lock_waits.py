"""Which statements wait for locks: by the log's own word, or by many milliseconds over few blocks."""

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.statements import CHANGING, LOCK, STAT, Statement, statements

# Schema changes that wait have a rule of their own: what they make wait is a symptom.
CHANGES_SCHEMA = frozenset({"ALTER", "CREATE", "DROP", "TRUNCATE", "REINDEX", "LOCK", "CLUSTER", "REFRESH", "VACUUM"})
MANY_WAITS = 5  # pgEdge AI DBA Workbench: more than five blocked sessions
LONG_WAIT_MS = 5_000
# A lock segment below deadlock_timeout is never logged, so silence of the log proves nothing. A cached block costs some
# microseconds; a write that takes 50 ms over blocks that are all in memory was waiting, not working.
SILENT_MS = 50.0
SILENT_CALLS = 50
MS_PER_BLOCK = 0.5
IN_MEMORY = 0.98
# An application whose connections nearly all wait for locks answers nothing, whatever table a page needs.
ALL_HELD = 0.8
ENOUGH_SESSIONS = 5


def is_logged(statement: Statement) -> bool:
    """The log shows waits of this statement that are many or long."""
    waits = statement.number(LOCK, "waits") or 0.0
    return waits > MANY_WAITS or (statement.number(LOCK, "wait_max_ms") or 0.0) > LONG_WAIT_MS


def is_silent(statement: Statement) -> bool:
    """The time of this writing or locking statement is not explained by what it reads."""
    stat = statement.stat
    if stat is None or not (statement.verb in CHANGING or statement.has("for_update")):
        return False
    mean, blocks = stat.metrics.get("mean_ms", 0.0), stat.metrics.get("blocks_per_call")
    if blocks is None or stat.metrics.get("hit_share", 0.0) < IN_MEMORY:
        return False
    return mean > SILENT_MS and stat.metrics.get("calls", 0.0) >= SILENT_CALLS and mean > MS_PER_BLOCK * blocks


def waiting(evidence: EvidenceSet) -> list[Statement]:
    """Statements that wait for locks, longest waits first."""
    found = [
        one for one in statements(evidence) if one.verb not in CHANGES_SCHEMA and (is_logged(one) or is_silent(one))
    ]
    return sorted(found, key=lambda one: -(one.number(LOCK, "wait_total_ms") or one.number(STAT, "total_ms") or 0.0))


def held_application(evidence: EvidenceSet) -> Evidence | None:
    """The application whose connections (five or more) nearly all waited for locks at one moment; None without one."""
    rows = evidence.having("pg.activity.application", "sessions", "waiting_for_lock")
    held = [
        row
        for row in rows
        if row.metrics["sessions"] >= ENOUGH_SESSIONS
        and row.metrics["waiting_for_lock"] >= ALL_HELD * row.metrics["sessions"]
    ]
    return max(held, key=lambda row: (row.metrics["sessions"], row.subject), default=None)
