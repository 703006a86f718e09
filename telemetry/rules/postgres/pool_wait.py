"""Requests wait for one of few connections while the database has little to do."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown, worst_each

IDLE_SHARE = 0.5  # of the time that connections are open: what holds them otherwise is no statement
ENOUGH_REQUESTS = 10
SEVERAL = 3  # routes: one that waits alone waits for something of its own
WAIT_MS = 100.0  # Nielsen: until here an answer seems to come at once
TAIL = 5.0  # p95 over p50: a route that must wait now and then, not one that is slow as a rule


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit, for the application with the most connections."""
    server = largest(evidence.of("http.server"), "in_flight")
    application = largest(evidence.of("pg.activity.application"), "sessions")
    waiting, at_once = _waiting(evidence), _at_once(evidence)
    if server is None or application is None or len(waiting) < SEVERAL or at_once is None:
        return
    limit = threshold.value * application.metrics["sessions"]
    if server.metrics["in_flight"] <= limit:
        return
    if (idle := _idle(evidence, application)) is None:
        yield CannotTell("pg_stat_database of PostgreSQL 14 or newer: whether the connections are at work")
    elif idle.metrics[_work(idle)] <= IDLE_SHARE * idle.metrics[_whole(idle)]:
        yield _hit(server, application, idle, waiting, at_once, limit)


def _waiting(evidence: EvidenceSet) -> list[Evidence]:
    """Routes that answer at once as a rule, and late now and then; the latest first."""
    timed = evidence.having("http.route", "requests", "p50_ms", "p95_ms")
    return [
        row
        for row in worst_each(timed, "p95_ms")
        if row.metrics["requests"] >= ENOUGH_REQUESTS
        and row.metrics["p95_ms"] > max(WAIT_MS, TAIL * row.metrics["p50_ms"])
    ]


def _at_once(evidence: EvidenceSet) -> Evidence | None:
    """The busiest route that never waits, which shows that the machine itself is not what holds the others."""
    timed = evidence.having("http.route", "requests", "p95_ms")
    quick = [row for row in timed if row.metrics["p95_ms"] <= WAIT_MS]
    row = largest(quick, "requests")
    return row if row and row.metrics["requests"] >= ENOUGH_REQUESTS else None


def _idle(evidence: EvidenceSet, application: Evidence) -> Evidence | None:
    """What tells how much the connections work: the database's own clock, else the moment of the list."""
    clocks = [row for row in evidence.having("pg.database", "active_ms", "session_ms") if row.metrics["session_ms"] > 0]
    clock = largest(clocks, "session_ms")
    return clock or (application if "active" in application.metrics else None)


def _work(row: Evidence) -> str:
    return "active_ms" if row.kind == "pg.database" else "active"


def _whole(row: Evidence) -> str:
    return "session_ms" if row.kind == "pg.database" else "sessions"


def _hit(
    server: Evidence, application: Evidence, idle: Evidence, waiting: list[Evidence], at_once: Evidence, limit: float
) -> Hit:
    told, route = Told(), waiting[0]
    said = (
        f"{told(server, 'in_flight')} requests were under way on average for {told(application, 'sessions')} "
        f"connections of {application.subject} (limit {shown(limit, '1')}), which worked for {told(idle, _work(idle))} "
        f"of {told(idle, _whole(idle))}; {route.subject} takes {told(route, 'p50_ms')} in the middle and "
        f"{told(route, 'p95_ms')} at the 95th percentile, while {at_once.subject} never waits."
    )
    told.also(at_once, "p95_ms")
    for other in waiting[1:]:
        told.also(other, "p95_ms", "p50_ms")
    return Hit(
        subject=Subject("application", application.subject),
        title=f"Requests of {application.subject} wait for connections",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=tuple(row.subject for row in waiting),
    )


RULE = Rule(
    id="PG085",
    slug="pool-wait",
    area="postgres",
    mechanism="pool-exhaustion",
    title="Requests wait while the database is idle",
    needs=(("http.server", "in_flight"), ("pg.activity.application", "sessions")),
    threshold=Threshold(
        0.7,
        "1",
        "From seven requests under way for ten connections on, some find none free, and the wait grows steeply. Only "
        "if three or more routes that are fast as a rule (5 times, 100 ms) are late now and then, another never is, "
        "and the connections work for less than half of their time.",
        "Little's law; Erlang C with 10 servers: the mean wait is 1 % of the hold time at 0.5, 7 % at 0.7, 67 % at 0.9",
    ),
    degradation=0.3,
    why="Pages that need the database for a few milliseconds stand in line for a connection, because others keep "
    "theirs while they do something else. A bigger database changes nothing; at the peak the line is the whole answer.",
    fix=(
        "Find what keeps a connection without a statement: calls of other services, mails, files, waiting for locks.",
        "Do that before the connection is taken or after it is given back; keep transactions to statements only.",
        "Then size the pool by the requests under way times their share of database time; let it give up after 2 s.",
        "Show the pool's use and its waits as metrics, and alert on waits.",
    ),
    first_slice=FirstSlice("Log how long each route keeps its connection, and mend the longest", 6),
    effort=Effort(0.5, 1.5, 3),
    removes=0.8,
    verify="The p95 of routes that were late now and then falls below five times their median over a business peak.",
    rollback="Take the connection where it was taken before; the pool's size is one setting.",
    references=(
        "HikariCP, About Pool Sizing https://github.com/brettwooldridge/HikariCP/wiki/About-Pool-Sizing",
        "PostgreSQL, pg_stat_database "
        "https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-DATABASE-VIEW",
    ),
    check=check,
)
