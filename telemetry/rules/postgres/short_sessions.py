"""Sessions of a database end within a second on average: each request connects anew."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.postgres import connection_churn

ENOUGH = 10_000  # sessions


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per database; silent where the log names the application."""
    named = connection_churn.RULE
    if any(isinstance(answer, Hit) for answer in named.check(evidence, named.threshold)):
        return
    changed = worst_each(evidence.of("pg.database.change"), "sessions")
    recent = {row.subject for row in changed}
    since_reset = [row for row in worst_each(evidence.of("pg.database"), "sessions") if row.subject not in recent]
    for row in [*changed, *since_reset]:
        sessions, total = row.metrics["sessions"], row.metrics.get("session_ms")
        if total is not None and sessions >= ENOUGH and total < threshold.value * sessions:
            yield _hit(row, threshold.value * sessions)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"All sessions of {row.subject} together lasted {told(row, 'session_ms')} (limit at least "
        f"{shown(limit, 'ms')} for {told(row, 'sessions')} sessions): each ends within a second"
    )
    if row.metrics.get("sessions_abandoned"):
        said += f", and {told(row, 'sessions_abandoned')} were dropped by the client"
    return Hit(
        subject=Subject("application", row.subject),
        title=f"Each request to {row.subject} connects anew",
        said=said + ".",
        cites=told.cites,
        limit=limit,
    )


RULE = Rule(
    id="PG047",
    slug="short-sessions",
    area="postgres",
    mechanism="connection-churn",
    title="Sessions end within a second",
    needs=(),
    needs_any=(("pg.database", "session_ms"), ("pg.database.change", "session_ms")),
    threshold=Threshold(
        1_000,
        "ms",
        "A pool's connections live for minutes; a mean under a second over 10,000 sessions is one for each request.",
        "House limit over pg_stat_database (PostgreSQL 14 and later), as for connection churn in the log",
    ),
    degradation=0.3,
    why="Opening a database connection costs more than most queries. Each page pays for it, and a burst of visitors "
    "can "
    "use up all connections at once.",
    fix=(
        "Create one pool per process at start-up and lease connections from it.",
        "On serverless functions use the provider's pooled address.",
        "Set an idle timeout of minutes, so that connections outlive a request.",
    ),
    first_slice=FirstSlice("Switch the connection string to the pooled address", 3),
    effort=Effort(0.25, 0.75, 2),
    removes=0.9,
    verify="Between two snapshots session_time grows by minutes for each new session.",
    rollback="Point the connection string back to the direct address.",
    references=(
        "PostgreSQL, How Connections Are Established https://www.postgresql.org/docs/current/connect-estab.html",
    ),
    check=check,
)
