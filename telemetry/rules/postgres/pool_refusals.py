"""The pooler turned clients away: they waited too long, or there were too many."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest
from telemetry.rules.reported import NEED, Reported

_METRICS = ("query_wait_timeouts", "max_client_conn_hits")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per database that the log names, else one for the pooler."""
    named = [row for row in evidence.of("pool.log.database") if _refused(row) > threshold.value]
    told_of = set()
    for row in sorted(named, key=_refused, reverse=True):
        if row.subject not in told_of:
            told_of.add(row.subject)
            yield _hit(row.subject, row, threshold.value)
    if named:
        return
    for metric in _METRICS:
        whole = largest(evidence.of("pool.log"), metric)
        if whole is not None and whole.metrics[metric] > threshold.value:
            yield _hit("pgbouncer", whole, threshold.value)
            return


def _refused(row: Evidence) -> float:
    return sum(row.metrics.get(metric, 0.0) for metric in _METRICS)


def _hit(pool: str, row: Evidence, limit: float) -> Hit:
    told, parts = Told(), []
    if row.metrics.get("query_wait_timeouts"):
        parts.append(f"{told(row, 'query_wait_timeouts')} clients waited for a connection until their time was up")
    if row.metrics.get("max_client_conn_hits"):
        parts.append(f"{told(row, 'max_client_conn_hits')} were refused because the pooler had too many")
    told.also(row, "logins", "closings")
    return Hit(
        subject=Subject("pool", pool),
        title=f"Pool {pool} turns clients away",
        said=f"In pool {pool} {' and '.join(parts)} (limit none).",
        cites=told.cites,
        limit=limit,
        breach=True,
        shared=True,
    )


RULE = Rule(
    id="PG055",
    slug="pool-refusals",
    area="postgres",
    mechanism="pool-exhaustion",
    title="The pooler turns clients away",
    needs=(),
    needs_any=(
        ("pool.log", "query_wait_timeouts"),
        ("pool.log", "max_client_conn_hits"),
        ("pool.log.database", "query_wait_timeouts"),
        NEED,
    ),
    threshold=Threshold(
        0,
        "1",
        "Each is a request that failed without reaching the database; there is no healthy number.",
        "PgBouncer documentation, query_wait_timeout and max_client_conn",
    ),
    degradation=0.6,
    why="The queue in front of the database was so long that requests were thrown out of it. Those customers saw an "
    "error, whatever page they were on.",
    fix=(
        "See what holds connections at that time: long transactions, slow statements.",
        "Shorten that; then raise default_pool_size if the database was idle meanwhile.",
        "Raise max_client_conn (and the file limit) if clients were refused at the door: waiting clients cost little.",
    ),
    first_slice=FirstSlice("Name the statements at that minute, and raise max_client_conn", 4),
    effort=Effort(0.5, 1.5, 3),
    removes=0.85,
    verify="No query_wait_timeout and no refusal in the pooler's log over a business peak.",
    rollback="Set the values back and RELOAD.",
    references=("PgBouncer, Configuration https://www.pgbouncer.org/config.html",),
    check=Reported(
        check=check,
        witnesses=(("pool.log", "query_wait_timeouts"), ("pool.log", "max_client_conn_hits")),
        cause="pool_timeout",
        subject=Subject("pool", "application"),
        title="Requests find no free connection",
        said="no connection of the pool became free in time",
    ),
)
