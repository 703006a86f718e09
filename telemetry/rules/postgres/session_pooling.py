"""A pooler in session mode: every client keeps a connection for as long as it is there."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

DEFAULT_POOL = 20  # PgBouncer's default_pool_size


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per pool in session mode whose clients take most of its connections, or wait."""
    mode = next((row for row in evidence.of("pool.setting") if row.subject == "pool_mode"), None)
    default = str(mode.attrs.get("setting") or "") if mode is not None else ""
    sizes = [row for row in evidence.having("pool.setting", "value") if row.subject == "default_pool_size"]
    size = sizes[0] if sizes else None
    limit = threshold.value * (size.metrics["value"] if size is not None else DEFAULT_POOL)
    for row in worst_each(evidence.of("pool.show"), "clients_active"):
        is_session = str(row.attrs.get("pool_mode") or default).lower() == "session"
        if is_session and row.metrics["clients_active"] + row.metrics.get("clients_waiting", 0.0) > limit:
            yield _hit(row, size, limit)


def _hit(row: Evidence, size: Evidence | None, limit: float) -> Hit:
    told = Told()
    said = (
        f"Pool {row.subject} works in session mode and {told(row, 'clients_active')} clients hold a connection each "
        f"(limit {shown(limit, '1')})"
    )
    if row.metrics.get("clients_waiting"):
        said += f", {told(row, 'clients_waiting')} more wait"
    told.also(row, "servers_active", "servers_idle")
    if size is not None:
        told.also(size, "value")
    return Hit(
        subject=Subject("pool", row.subject),
        title=f"Pool {row.subject} binds connections to clients",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=row.metrics.get("clients_waiting", 0.0) > 0,
        shared=True,
    )


RULE = Rule(
    id="PG056",
    slug="session-pooling",
    area="postgres",
    mechanism="pool-exhaustion",
    title="The pooler binds connections to clients",
    needs=(("pool.show", "clients_active"),),
    threshold=Threshold(
        0.8,
        "share",
        "In session mode the pool is full when as many clients are there as it has connections, busy or not; the last "
        "fifth goes with one more instance. Its size is 20 unless it was set.",
        "PgBouncer documentation, pool_mode and default_pool_size",
    ),
    degradation=0.3,
    why="The pooler was put there so that many visitors share few connections, but in this mode each keeps one, idle "
    "or not. It protects from nothing.",
    fix=(
        "List what needs a session: temporary tables, advisory locks, LISTEN, SET; move it to a pool of its own.",
        "Set pool_mode = transaction for the application's database.",
        "From PgBouncer 1.21 on set max_prepared_statements; below, switch prepared statements off in the driver.",
    ),
    first_slice=FirstSlice("Try transaction mode with one instance of the application", 6),
    effort=Effort(0.5, 1, 3),
    removes=0.85,
    verify="SHOW POOLS shows more active clients than servers at the peak, and none waiting.",
    rollback="Set pool_mode = session and RELOAD.",
    references=("PgBouncer, Features https://www.pgbouncer.org/features.html",),
    check=check,
)
