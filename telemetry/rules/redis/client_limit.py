"""Clients near or at the server's limit, or dropped because they read too slowly."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.managed import SERVICE, as_managed
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.redis_use import latest_servers, may_be_over, over_or_not, recent, redis_subject
from telemetry.rules.reported import NEED, Reported

# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html, maxclients
MANAGED_CLIENTS = 65_000.0


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Refusals decide, then the share of maxclients, then overflowing buffers."""
    for row in latest_servers(evidence):
        clients, most = row.metrics.get("connected_clients", 0.0), row.metrics.get("maxclients")
        counted = recent(evidence, row, "rejected_connections")
        refused = counted.metrics.get("rejected_connections", 0.0) > 0
        if refused and may_be_over(row, counted, clients / most if most else None):
            yield over_or_not(row, "refused connections")
        elif refused:
            yield _refused(evidence, row, counted)
        elif most and clients > threshold.value * most:
            yield _near(evidence, row, threshold.value * most, clients / most)
        elif row.metrics.get("output_buffer_disconnections", 0.0) > 0:
            yield _dropped(evidence, row)
    for row in worst_each(evidence.of(SERVICE), "clients"):
        if row.metrics["clients"] > threshold.value * MANAGED_CLIENTS:
            yield _managed(row, threshold.value * MANAGED_CLIENTS)


def _managed(row: Evidence, limit: float) -> Hit:
    told, share = Told(), row.metrics["clients"] / MANAGED_CLIENTS
    said = f"{told(row, 'clients')} clients were connected to {row.subject} (limit {shown(limit, '1')}: four "
    said += "fifths of what a node accepts); small nodes accept fewer."
    told.also(row, "points", "window_s")
    return Hit(
        subject=as_managed(row),
        title="Redis clients near their limit",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=share >= 1,
        utilisation=share if share < 1 else None,
        shared=True,
    )


def _refused(evidence: EvidenceSet, row: Evidence, counted: Evidence) -> Hit:
    told = Told()
    said = f"Redis refused {told(counted, 'rejected_connections')} connections at its limit of clients (limit none)."
    told.also(row, "connected_clients", "maxclients")
    return Hit(
        subject=redis_subject(evidence, row),
        title="Redis refuses connections",
        said=said,
        cites=told.cites,
        limit=0,
        breach=True,
        shared=True,
    )


def _near(evidence: EvidenceSet, row: Evidence, limit: float, share: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, 'connected_clients')} of {told(row, 'maxclients')} possible clients are connected (limit "
        f"{shown(limit, '1')}); beyond them Redis refuses connections."
    )
    return Hit(
        subject=redis_subject(evidence, row),
        title="Redis clients near their limit",
        said=said,
        cites=told.cites,
        limit=limit,
        utilisation=min(1.0, share),
        shared=True,
    )


def _dropped(evidence: EvidenceSet, row: Evidence) -> Hit:
    told = Told()
    said = (
        f"Redis cut off {told(row, 'output_buffer_disconnections')} clients whose output buffers overflowed (limit "
        "none): they read more slowly than they were sent to."
    )
    return Hit(
        subject=redis_subject(evidence, row),
        title="Slow Redis readers are cut off",
        said=said,
        cites=told.cites,
        limit=0,
        breach=True,
        degradation=0.3,
    )


RULE = Rule(
    id="RD007",
    slug="client-limit",
    area="redis",
    mechanism="client-limit",
    title="Redis clients near their limit",
    needs=(),
    needs_any=(("redis.server", "connected_clients"), (SERVICE, "clients"), NEED),
    threshold=Threshold(
        0.8,
        "share",
        "At 80 % of maxclients one deployment, when old and new instances run side by side, can reach the limit.",
        "awesome-prometheus-alerts, RedisTooManyConnections (90 %) and RedisRejectedConnections (above 0)",
    ),
    degradation=0.6,
    why="Redis accepts only so many connections. At the limit new instances of your application cannot start, just "
    "when the load calls for them.",
    fix=(
        "Count clients by name and address (CLIENT LIST).",
        "Share one client per process, and close those of finished workers.",
        "Set timeout for idle clients, and maxclients to what the file limit allows.",
    ),
    first_slice=FirstSlice("Share one client per process in the largest consumer", 5),
    effort=Effort(0.5, 1, 2),
    removes=0.8,
    verify="connected_clients stays below 60 % of maxclients over a deployment at peak.",
    rollback="Revert the client's construction; CONFIG SET restores timeout and maxclients.",
    references=("Redis, Client handling https://redis.io/docs/latest/develop/reference/clients/",),
    check=Reported(
        check=check,
        witnesses=(("redis.server", "connected_clients"), (SERVICE, "clients")),
        cause="redis_clients",
        subject=Subject("server", "redis"),
        title="Redis refuses connections",
        said="Redis refused a connection at its limit of clients",
    ),
)
