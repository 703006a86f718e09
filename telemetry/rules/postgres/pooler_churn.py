"""The pooler itself opens connections to the database all the time."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown

ENOUGH_S = 60.0


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """By the pooler's log: server connections over its time."""
    row = largest(evidence.having("pool.log", "window_s"), "server_connections")
    if row is None or row.metrics["window_s"] < ENOUGH_S:
        return
    limit = threshold.value * row.metrics["window_s"] / 60
    if row.metrics["server_connections"] > limit:
        yield _hit(row, limit)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"The pooler opened {told(row, 'server_connections')} connections to the database in {told(row, 'window_s')} "
        f"(limit {shown(limit, '1')})"
    )
    if row.metrics.get("server_login_failures"):
        said += f", {told(row, 'server_login_failures')} of them refused"
    told.also(row, "logins", "logins_per_min")
    return Hit(
        subject=Subject("application", "pgbouncer"),
        title="The pooler reconnects all the time",
        said=said + ".",
        cites=told.cites,
        limit=limit,
    )


RULE = Rule(
    id="PG057",
    slug="pooler-churn",
    area="postgres",
    mechanism="connection-churn",
    title="The pooler reconnects all the time",
    needs=(("pool.log", "server_connections"), ("pool.log", "window_s")),
    threshold=Threshold(
        60,
        "1/min",
        "A pooler keeps its connections for minutes (server_idle_timeout 600 s); one a second is none.",
        "House limit, as for connection churn; PgBouncer default server_idle_timeout",
    ),
    degradation=0.3,
    why="The pooler should hand out connections that are already open. It opens new ones for most requests, so that "
    "each pays for a new database process.",
    fix=(
        "Raise server_idle_timeout and server_lifetime to ten minutes or more.",
        "See whether many users or databases share it: each pair is a pool of its own.",
        "Look for servers closed as unclean: clients that leave inside a transaction.",
    ),
    first_slice=FirstSlice("Raise server_idle_timeout and count again", 2),
    effort=Effort(0.1, 0.5, 1),
    removes=0.85,
    verify="The log shows fewer than ten new server connections a minute at the peak.",
    rollback="Set the values back and RELOAD.",
    references=("PgBouncer, Configuration https://www.pgbouncer.org/config.html",),
    check=check,
)
