"""Could this statement be what makes this route slow? Time answers what names cannot.

Nothing in the exports says which request ran which statement. But a statement cannot explain a route when all its time
together is a small part of the route's, or one call of it a small part of one request.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reviews.risk.names import fingerprints, route_name
from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Hit

# What takes less than a fifth of the time does not explain why it is long.
EXPLAINING_PART = 0.2
# One statement for each row of another: its single call is short by nature.
REPEATED = frozenset({"n-plus-one"})


@dataclass(frozen=True, slots=True)
class Load:
    """How often something ran and how long in all, in milliseconds; `errors` are answers with 5xx."""

    count: float
    total_ms: float
    errors: float = 0.0

    @property
    def mean_ms(self) -> float:
        """Time of one."""
        return self.total_ms / self.count if self.count else 0.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Loads of statements by fingerprint and of routes by template."""

    statements: dict[str, Load]
    routes: dict[str, Load]

    def explains(self, mechanism: str, cause: Hit, routes: Iterable[str]) -> bool | None:
        """Whether a statement behind the cause takes a relevant part of a route; None when times are not known."""
        loads = [self.statements[name] for name in fingerprints(cause) if name in self.statements]
        slow = [self.routes[name] for name in map(route_name, routes) if name in self.routes]
        if not loads or not slow:
            return None
        return any(_fits(load, route, mechanism in REPEATED) for load in loads for route in slow)

    def errors_on(self, routes: Iterable[str]) -> float | None:
        """Answers with 5xx on these routes; None when none of them was measured."""
        known = [self.routes[name].errors for name in map(route_name, routes) if name in self.routes]
        return sum(known) if known else None


def timing_of(evidence: EvidenceSet) -> Timing:
    """Statements from the statistics, else from the log (which may hold slow ones only); routes from access logs."""
    statements = _loads(evidence, "pg.log.statement", "count")
    statements |= _loads(evidence, "pg.stat.statement", "calls")
    routes: dict[str, Load] = {}
    for row in evidence.having("http.route", "requests", "total_ms"):
        before = routes.get(route_name(row.subject), Load(0.0, 0.0))
        errors = before.errors + row.metrics.get("status_5xx", 0.0)
        count = before.count + row.metrics["requests"]
        routes[route_name(row.subject)] = Load(count, before.total_ms + row.metrics["total_ms"], errors)
    return Timing(statements, routes)


def _loads(evidence: EvidenceSet, kind: str, count: str) -> dict[str, Load]:
    loads: dict[str, Load] = {}
    for row in evidence.having(kind, count, "total_ms"):
        before = loads.get(row.subject, Load(0.0, 0.0))
        loads[row.subject] = Load(before.count + row.metrics[count], before.total_ms + row.metrics["total_ms"])
    return loads


def _fits(statement: Load, route: Load, repeated: bool) -> bool:
    if statement.total_ms < EXPLAINING_PART * route.total_ms:
        return False
    return repeated or statement.mean_ms >= EXPLAINING_PART * route.mean_ms
