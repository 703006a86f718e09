"""Connections near the number the server accepts, or so many that they cost by themselves."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import setting
from telemetry.rules.numbers import Told, largest, shown

MANY = 500.0  # PgHero, total connections


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """The larger count of the two views decides; refused connections in the log are another rule's."""
    refused = largest(evidence.of("pg.log.server"), "too_many_connections")
    if refused is not None and refused.metrics["too_many_connections"] > 0:
        return
    counted = _counted(evidence)
    if counted is None:
        return
    row, metric, count = counted
    maximum = setting(evidence, "max_connections")
    if maximum is not None and maximum.metrics.get("value"):
        limit = threshold.value * maximum.metrics["value"]
        if count > limit:
            yield _near(row, metric, maximum, limit)
            return
    elif count <= MANY:
        yield CannotTell("pg_settings: how many connections the server accepts")
    if count > MANY:
        yield _many(row, metric)


def _counted(evidence: EvidenceSet) -> tuple[Evidence, str, float] | None:
    """(row, metric, count): sessions of clients, or the backends of one database where sessions were not listed."""
    counts = [
        (row, metric, row.metrics[metric])
        for kind, metric in (("pg.activity", "sessions"), ("pg.database", "backends"))
        for row in evidence.having(kind, metric)
    ]
    return max(counts, key=lambda one: (one[2], one[0].kind), default=None)


def _near(row: Evidence, metric: str, maximum: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, metric)} of {told(maximum, 'value')} connections were in use at one moment (limit "
        f"{shown(limit, '1')})"
    )
    said += f", {told(row, 'active')} of them at work" if "active" in row.metrics else ""
    told.also(row, "idle", "idle_in_transaction")
    used = row.metrics[metric] / maximum.metrics["value"]
    return _hit(told, said, limit, "Connections are near their limit", used)


def _many(row: Evidence, metric: str) -> Hit:
    told = Told()
    said = f"{told(row, metric)} connections were open at one moment (limit {shown(MANY, '1')}), each a process"
    said += f"; {told(row, 'active')} were at work" if "active" in row.metrics else ""
    told.also(row, "idle", "idle_in_transaction")
    return _hit(told, said, MANY, "Hundreds of connections are open", None)


def _hit(told: Told, said: str, limit: float, title: str, used: float | None) -> Hit:
    return Hit(
        subject=Subject("server", "postgres"),
        title=title,
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=used is not None and used >= 1,
        utilisation=used if used is not None and used < 1 else None,
        shared=True,
        snippet="SELECT application_name, usename, state, count(*) AS connections\n"
        "    FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY connections DESC;",
    )


RULE = Rule(
    id="PG040",
    slug="connections-near-limit",
    area="postgres",
    mechanism="connection-exhaustion",
    title="Connections are close to their limit",
    needs=(),
    needs_any=(("pg.activity", "sessions"), ("pg.database", "backends")),
    threshold=Threshold(
        0.8,
        "share",
        "One more instance or a short burst takes the last fifth; without max_connections known, 500 connections are "
        "too many for any server that has no pooler.",
        "awesome-prometheus-alerts, PostgresqlTooManyConnections (80 %); PgHero, total connections (500)",
    ),
    degradation=0.6,
    why="When the last connection is taken the next visitor gets an error, whatever page it is. At the moment of "
    "looking little was left.",
    fix=(
        "Count connections by application, and compare instances x pool size with max_connections.",
        "Put a transaction pooler between the application and the database.",
        "Lower the pool of each instance, and end sessions that stay idle for long.",
        "Alert at 80 % of max_connections.",
    ),
    first_slice=FirstSlice("Cap the pool of each instance", 4),
    effort=Effort(0.5, 1, 3),
    removes=0.85,
    verify="Connections stay under 60 % of the limit over a business peak.",
    rollback="Point the application back to the database's own port.",
    references=(
        "PostgreSQL, Connections https://www.postgresql.org/docs/current/runtime-config-connection.html",
        "PgBouncer, Features https://www.pgbouncer.org/features.html",
    ),
    check=check,
)
