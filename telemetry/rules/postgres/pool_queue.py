"""Clients wait in the pooler's queue for a connection."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown, worst_each

MANY_WAITING = 20  # awesome-prometheus-alerts, PGBouncerActiveConnections
ENOUGH_TRANSACTIONS = 10_000
MEAN_WAIT_US = 50_000.0  # half the time in which a page feels instant
WAITING_LINES = 0.10
ENOUGH_LINES = 10


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per pool at the moment of SHOW POOLS; else per database by its sums; else the pooler by its log."""
    found = False
    for hit in (*_by_pools(evidence, threshold.value), *_by_sums(evidence)):
        found = True
        yield hit
    row = largest(evidence.of("pool.log"), "stats_lines_waiting")
    if found or row is None or row.metrics.get("stats_lines", 0.0) < ENOUGH_LINES:
        return
    limit = WAITING_LINES * row.metrics["stats_lines"]
    if row.metrics["stats_lines_waiting"] > limit:
        yield _by_log(row, limit)


def _by_pools(evidence: EvidenceSet, limit: float) -> Iterator[Hit]:
    timed = worst_each(evidence.of("pool.show"), "maxwait_s")
    names = {row.subject for row in timed}
    counted = [row for row in worst_each(evidence.of("pool.show"), "clients_waiting") if row.subject not in names]
    for row in [*timed, *counted]:
        waits = row.metrics.get("clients_waiting", 0.0)
        is_full = row.metrics.get("servers_idle", 0.0) == 0  # with an idle server the queue is gone by now
        if row.metrics.get("maxwait_s", 0.0) > limit and waits > 0 and is_full:
            yield _of_pool(row, "maxwait_s", limit)
        elif waits > MANY_WAITING and is_full:
            yield _of_pool(row, "clients_waiting", MANY_WAITING)


def _of_pool(row: Evidence, metric: str, limit: float) -> Hit:
    told = Told()
    if metric == "maxwait_s":
        said = f"A client of pool {row.subject} had waited {told(row, metric)} for a connection (limit "
        said += f"{shown(limit, 's')}); {told(row, 'clients_waiting')} waited"
    else:
        said = f"{told(row, metric)} clients of pool {row.subject} waited for a connection (limit {shown(limit, '1')})"
    if "servers_active" in row.metrics:
        said += f" while all {told(row, 'servers_active')} connections were in use"
    told.also(row, "clients_active", "servers_idle")
    return _hit(row.subject, told, said, limit)


def _by_sums(evidence: EvidenceSet) -> Iterator[Hit]:
    """By all waits since the pooler started, or between two snapshots, over all transactions."""
    changed = worst_each(evidence.of("pool.stats.change"), "wait_us")
    recent = {row.subject for row in changed}
    rest = [row for row in worst_each(evidence.of("pool.stats"), "wait_us") if row.subject not in recent]
    known = {str(row.attrs.get("database")) for row in evidence.of("pool.show") if row.metrics.get("maxwait_s")}
    for row in [*changed, *rest]:
        transactions = row.metrics.get("transactions", 0.0)
        limit = MEAN_WAIT_US * transactions
        if transactions >= ENOUGH_TRANSACTIONS and row.metrics["wait_us"] > limit and row.subject not in known:
            told = Told()
            said = (
                f"Clients of {row.subject} waited {told(row, 'wait_us')} for connections in "
                f"{told(row, 'transactions')} "
                f"transactions (limit {shown(limit, 'us')})"
            )
            told.also(row, "query_us", "transaction_us")
            yield _hit(row.subject, told, said, limit)


def _by_log(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"Clients waited for a connection in {told(row, 'stats_lines_waiting')} of {told(row, 'stats_lines')} "
        f"statistics lines of the pooler (limit {shown(limit, '1')})"
    )
    if "wait_us_max" in row.metrics:
        said += f", {told(row, 'wait_us_max')} on average in the worst"
    return _hit("pgbouncer", told, said, limit)


def _hit(pool: str, told: Told, said: str, limit: float) -> Hit:
    return Hit(
        subject=Subject("pool", pool),
        title=f"Clients of pool {pool} wait",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=True,
        shared=True,
    )


RULE = Rule(
    id="PG054",
    slug="pool-queue",
    area="postgres",
    mechanism="pool-exhaustion",
    title="Requests wait for a pooled connection",
    needs=(),
    needs_any=(
        ("pool.show", "maxwait_s"),
        ("pool.show", "clients_waiting"),
        ("pool.stats", "wait_us"),
        ("pool.log", "stats_lines_waiting"),
    ),
    threshold=Threshold(
        1,
        "s",
        "A second in the queue is lost before the query starts. Also: more than 20 clients in the queue, 50 ms on "
        "average "
        "over 10,000 transactions, or waits in a tenth of the pooler's statistics lines.",
        "awesome-prometheus-alerts, PgBouncer (20 waiting, 15 s); house limit for the mean",
    ),
    degradation=0.3,
    why="Requests stand in front of the database and wait for a free connection before any work is done. At the peak "
    "the queue is longer than visitors are patient.",
    fix=(
        "See what holds connections: long transactions, slow statements, external calls inside a transaction.",
        "Shorten that first: a larger pool only moves the queue into the database.",
        "If the database is idle meanwhile, raise default_pool_size towards twice its cores plus disks.",
        "Bound the wait with query_wait_timeout of a few seconds.",
    ),
    first_slice=FirstSlice("Name what holds the connections, and shorten the longest", 6),
    effort=Effort(0.5, 1.5, 3),
    removes=0.8,
    verify="maxwait stays 0 in SHOW POOLS over a business peak, taken every ten seconds.",
    rollback="Set default_pool_size back and RELOAD.",
    references=("PgBouncer, SHOW POOLS https://www.pgbouncer.org/usage.html",),
    check=check,
)
