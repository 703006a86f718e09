"""Which finding is behind which: a table of mechanisms, and the resource that has to be the same for a link.

The table only says what may cause what. A link needs the resource as well: a missing index explains a slow route when
the route's flow uses that table, not because both are slow. The table has no cycle, so links have none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from reviews.intake import Flow
from reviews.risk.joins import Joins
from reviews.risk.names import fingerprints, queues_of, routes_of, same_route, table_name, tables_of
from reviews.risk.timing import EXPLAINING_PART, Timing
from telemetry.rules.base import Hit, Rule

# A statement below a quarter of all query time does not fill a pool by itself.
HEAVY_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with the rule that made it."""

    rule: Rule
    hit: Hit


@dataclass(frozen=True, slots=True)
class Scene:
    """What a link is judged by besides the two findings: the client's flows, and how long things took."""

    flows: Sequence[Flow]
    timing: Timing
    joins: Joins = field(default_factory=Joins)


Condition = Callable[[Found, Found, Scene], bool]


def same_table(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both touch the table."""
    return bool(set(tables_of(cause.hit)) & set(tables_of(symptom.hit)))


def same_statement(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both cite the statement; where one of them cites none, both touch the table."""
    mine, others = fingerprints(cause.hit), fingerprints(symptom.hit)
    if cause.hit.subject == symptom.hit.subject or mine & others:
        return True
    return not (mine and others) and same_table(cause, symptom, scene)


def same_route_or_flow(cause: Found, symptom: Found, scene: Scene) -> bool:
    """The symptom's route is the cause's, belongs to a flow that uses its table or queue, or names its table."""
    routes = routes_of(symptom.hit)
    if any(same_route(a, b) for a in routes_of(cause.hit) for b in routes):
        return True
    tables, queues = set(tables_of(cause.hit)), set(queues_of(cause.hit))
    used = [flow for flow in scene.flows if any(same_route(a, b) for a in flow.routes for b in routes)]
    if any(tables & {table_name(name) for name in flow.tables} or queues & set(flow.queues) for flow in used):
        return True
    return any(part in tables for route in routes for part in route.lower().split("/"))


def slows_route(cause: Found, symptom: Found, scene: Scene) -> bool:
    """The route may use the table, and the statement takes a relevant part of its time, where that is known."""
    if not same_route_or_flow(cause, symptom, scene):
        return False
    return scene.timing.explains(cause.rule.mechanism, cause.hit, routes_of(symptom.hit)) is not False


def fails_route(cause: Found, symptom: Found, scene: Scene) -> bool:
    """The route may use the table, and it failed so often that a relevant part of the errors can be this."""
    errors = scene.timing.errors_on(routes_of(symptom.hit))
    if errors is not None and cause.hit.cites[0].value < EXPLAINING_PART * errors:
        return False
    return same_route_or_flow(cause, symptom, scene)


def same_queue(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both are about the queue."""
    return bool(set(queues_of(cause.hit)) & set(queues_of(symptom.hit)))


def same_route_only(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both are about the route, or the cause holds for every route."""
    shared = any(same_route(a, b) for a in routes_of(cause.hit) for b in routes_of(symptom.hit))
    return shared or (cause.hit.shared and not routes_of(cause.hit))


def same_server(cause: Found, symptom: Found, scene: Scene) -> bool:
    """There is one such server in a review: its parts share it."""
    return True


def heavy_on_server(cause: Found, symptom: Found, scene: Scene) -> bool:
    """The statement takes so much of the server's time that it keeps connections busy."""
    return any(cite.evidence.metrics.get("share", 0.0) >= HEAVY_SHARE for cite in cause.hit.cites)


_SQL_FAULTS = (
    "missing-index",
    "n-plus-one",
    "offset-pagination",
    "unbounded-query",
    "reporting-on-primary",
    "lock-contention",
    "table-bloat",
    "stale-statistics",
    "temp-file-spill",
    "slow-query",
)
_ROUTE_SYMPTOMS = ("slow-route", "function-timeout", "error-burst")
_POOL = ("connection-exhaustion", "pool-exhaustion")


def _links() -> dict[tuple[str, str], Condition]:
    """(cause, symptom) → what must be the same."""
    table: dict[tuple[str, str], Condition] = {}

    def link(causes: Sequence[str], symptoms: Sequence[str], condition: Condition) -> None:
        table.update({(cause, symptom): condition for cause in causes for symptom in symptoms if cause != symptom})

    explained = ("missing-index", "n-plus-one", "offset-pagination", "unbounded-query", "reporting-on-primary")
    link(("missing-index",), ("cache-misses", "lock-contention"), same_table)
    link((*explained, "temp-file-spill", "table-bloat", "stale-statistics"), ("slow-query",), same_statement)
    link(("missing-index", "stale-statistics"), ("temp-file-spill",), same_statement)
    link(("lock-contention",), ("slow-query",), same_statement)
    link(("long-transaction",), ("lock-contention", "table-bloat"), same_table)
    link(_SQL_FAULTS, ("slow-route", "function-timeout"), slows_route)
    link(("deadlock",), ("error-burst",), fails_route)
    link((*explained, "slow-query", "lock-contention"), _POOL, heavy_on_server)
    link(("connection-churn", "missing-timeouts", "long-transaction"), _POOL, same_server)
    link(("missing-timeouts",), ("long-transaction",), same_server)
    link(_POOL, _ROUTE_SYMPTOMS, same_route_only)
    link(("misconfiguration",), ("checkpoint-pressure", "temp-file-spill"), same_server)
    link(("stalled-consumers", "failing-jobs", "long-jobs", "retry-storm"), ("backlog",), same_queue)
    link(("failing-jobs",), ("no-dead-letter", "retry-storm"), same_queue)
    link(("long-jobs",), ("overlapping-schedule", "duplicate-delivery"), same_queue)
    link(("missing-idempotency",), ("duplicate-delivery",), same_route_or_flow)
    redis_full = ("memory-growth", "eviction-of-durable-keys", "writes-rejected")
    link(("no-expiry", "unbounded-retention"), (*redis_full, "low-hit-rate"), same_server)
    link(("mixed-namespaces",), ("eviction-of-durable-keys",), same_server)
    link(("memory-growth",), ("eviction-of-durable-keys", "writes-rejected"), same_server)
    link(("big-key", "hot-key"), ("blocking-command",), same_server)
    link(("slow-dependency", "cold-starts", "uncached-route", "work-in-request"), ("slow-route",), same_route_only)
    link(("slow-dependency", "slow-route", "work-in-request"), ("function-timeout",), same_route_only)
    link(("function-timeout", "throttling", "payload-too-large"), ("error-burst",), same_route_only)
    link(("no-rate-limit",), ("brute-force", "bot-traffic"), same_route_only)
    return table


CAUSES: Mapping[tuple[str, str], Condition] = _links()


def causes_of(found: Sequence[Found], scene: Scene) -> dict[int, tuple[int, ...]]:
    """For each position in `found` the positions of its direct causes; positions without one are left out."""
    links = {
        place: tuple(other for other in range(len(found)) if other != place and _behind(found[other], symptom, scene))
        for place, symptom in enumerate(found)
    }
    return {place: causes for place, causes in links.items() if causes}


def _behind(cause: Found, symptom: Found, scene: Scene) -> bool:
    condition = CAUSES.get((cause.rule.mechanism, symptom.rule.mechanism))
    return condition is not None and condition(cause, symptom, scene)
