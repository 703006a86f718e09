"""One program opens connections and leaves them."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

OF_MOST = 0.2  # of maxclients
DEFAULT_MOST = 10_000  # maxclients, as Redis ships it
UNUSED = 0.8  # of the name's connections


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Connections that nobody has used for minutes, not those that wait for a message or a job."""
    most = max((row.metrics["maxclients"] for row in evidence.having("redis.server", "maxclients")), default=None)
    limit = min(threshold.value, OF_MOST * most) if most else threshold.value
    for row in worst_each(evidence.having("redis.clients", "clients", "idle"), "idle"):
        waiting = row.metrics.get("blocked", 0.0) + row.metrics.get("subscribed", 0.0)
        idle = row.metrics["idle"]
        if idle - waiting > limit and idle >= UNUSED * row.metrics["clients"]:
            yield _hit(row, limit, idle / (most or DEFAULT_MOST))


def _hit(row: Evidence, limit: float, share: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, 'idle')} of {told(row, 'clients')} connections of {row.subject} were not used for five minutes "
        f"(limit {shown(limit, '1')})"
    )
    if "idle_max_s" in row.metrics:
        said += f", one for {told(row, 'idle_max_s')}"
    return Hit(
        subject=Subject("server", "redis"),
        title="Redis connections are left open",
        said=said + "; each counts against maxclients.",
        cites=told.cites,
        limit=limit,
        utilisation=min(1.0, share),
        shared=True,
        snippet="# redis.conf: hang up on clients that were silent for ten minutes (not on subscribers)\ntimeout 600",
    )


RULE = Rule(
    id="RD029",
    slug="idle-clients",
    area="redis",
    mechanism="client-limit",
    title="Connections to Redis are left open",
    needs=(("redis.clients", "idle"), ("redis.clients", "clients")),
    threshold=Threshold(
        500,
        "1",
        "A pool of ten for each of fifty processes; more idle connections of one name, or a fifth of maxclients, leak.",
        "House limit; RedisInsight recommends a look from 100 clients on",
    ),
    degradation=0.1,
    why="A program opens connections to Redis and forgets them. They add up until Redis accepts no more, and then new "
    "copies of the application cannot start.",
    fix=(
        "Create the client once in the process, not in each request or job.",
        "Close it when the worker ends (quit on SIGTERM).",
        "Set timeout, so that forgotten ones end by themselves.",
    ),
    first_slice=FirstSlice("Create the client once in the named program", 4),
    effort=Effort(0.25, 0.5, 1.5),
    removes=0.9,
    verify="CLIENT LIST shows no more connections of the name than processes times their pool.",
    rollback="CONFIG SET timeout 0; revert the client's construction.",
    references=("Redis, Client handling https://redis.io/docs/latest/develop/reference/clients/",),
    check=check,
)
