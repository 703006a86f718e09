"""The evidence that has to meet before one finding is called the cause of another: same table, route, queue, time.

Each condition answers for a cause and a symptom. None of them is about how bad either is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reviews.intake import Flow
from reviews.risk.clock import after_a_start, deploy_times, first_error_at, minutes_of, peak_minute
from reviews.risk.confidence import is_written
from reviews.risk.joins import Joins
from reviews.risk.names import fingerprints, route_name, routes_of, table_name, tables_of
from reviews.risk.timing import EXPLAINING_PART, Timing
from telemetry.evidence import Evidence
from telemetry.rules.base import Hit, Rule, Subject

# A statement below a quarter of all query time does not fill a pool by itself.
HEAVY_SHARE = 0.25
# Settings by what they can be behind: PostgreSQL's documentation of each.
SETTINGS = {
    "checkpoint-pressure": ("wal_size", "checkpoint", "wal_buffers"),
    "temp-file-spill": ("work_mem", "hash_mem", "temp_"),
    "cache-misses": ("shared_buffers", "effective_cache"),
    "table-bloat": ("autovacuum", "vacuum_"),
    "stale-statistics": ("autovacuum", "statistics_target"),
    "connection-exhaustion": ("max_connections",),
    "memory-saturation": ("work_mem", "max_connections", "shared_buffers"),
}
# What BullMQ and Redis say of jobs whose keys were evicted, and of writes that were refused.
LOST = ("missing key for job", "missing lock for job", "could not renew lock", "oom command not allowed")


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with the rule that made it."""

    rule: Rule
    hit: Hit

    @property
    def rows(self) -> list[Evidence]:
        """The rows it cites."""
        return [cite.evidence for cite in self.hit.cites]


Token = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Touch:
    """What one finding touches, by name, worked out once: it is compared with every other finding."""

    tables: frozenset[str]
    queues: frozenset[str]
    statements: frozenset[str]
    routes: frozenset[str]  # that it is about
    reached: frozenset[str]  # with those that the files join to it
    flow_tables: frozenset[str]  # of the flows that its routes belong to
    flow_queues: frozenset[str]
    words: frozenset[str]  # parts of its routes' paths
    name: Subject
    everywhere: bool  # holds for every route

    def above(self) -> set[Token]:
        """What a symptom may share with it."""
        sides = (
            ("table", self.tables),
            ("queue", self.queues),
            ("statement", self.statements),
            ("route", self.reached),
        )
        return {(side, name) for side, names in sides for name in names} | self._named(self.everywhere)

    def below(self) -> set[Token]:
        """What a cause may share with it."""
        tables, queues = self.tables | self.flow_tables | self.words, self.queues | self.flow_queues
        sides = (("table", tables), ("queue", queues), ("statement", self.statements), ("route", self.routes))
        return {(side, name) for side, names in sides for name in names} | self._named(True)

    def _named(self, everywhere: bool) -> set[Token]:
        name = ("subject", f"{self.name.kind}:{self.name.name}")
        return {name, ("everywhere", "")} if everywhere else {name}


@dataclass(frozen=True, slots=True)
class Scene:
    """What a link is judged by besides the two findings: the client's flows, how long things took, what is joined."""

    flows: Sequence[Flow]
    timing: Timing
    joins: Joins = field(default_factory=Joins)
    _touches: dict[int, tuple[Found, Touch]] = field(default_factory=dict, compare=False)

    def touch(self, found: Found) -> Touch:
        """What a finding touches."""
        known = self._touches.get(id(found))
        if known is None or known[0] is not found:
            known = self._touches[id(found)] = found, self._touch(found.hit)
        return known[1]

    def _touch(self, hit: Hit) -> Touch:
        routes = frozenset(map(route_name, routes_of(hit)))
        used = [flow for flow in self.flows if any(route_name(route) in routes for route in flow.routes)]
        return Touch(
            tables=frozenset(tables_of(hit)),
            queues=frozenset(self.joins.queues_of(hit)),
            statements=frozenset(fingerprints(hit)),
            routes=routes,
            reached=frozenset(self.joins.routes(hit)),
            flow_tables=frozenset(table_name(name) for flow in used for name in flow.tables),
            flow_queues=frozenset(name for flow in used for name in flow.queues),
            words=frozenset(part for route in routes_of(hit) for part in route.lower().split("/")),
            name=hit.subject,
            everywhere=hit.shared and not routes,
        )


Condition = Callable[[Found, Found, Scene], bool]

PRECAUTION = 0.1  # cost or toil, as a hit says of itself


def same_server(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both are about the one database; of several Redis servers, about the same."""
    mine, other = cause.hit.subject, symptom.hit.subject
    several = mine.kind == other.kind == "server" and mine.name.startswith("redis (")
    return mine.name == other.name or not several


def takes_connections(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both are about the one database, and the cause is more than a precaution that nothing has missed yet."""
    return same_server(cause, symptom, scene) and cause.hit.degradation != PRECAUTION


def same_table(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both touch the table."""
    return not scene.touch(cause).tables.isdisjoint(scene.touch(symptom).tables)


def holds_lock(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both touch the table; of a holder whose tables nobody knows, that sessions waited for locks meanwhile."""
    if scene.touch(cause).tables:
        return same_table(cause, symptom, scene)
    return any(row.metrics.get("waiting_for_lock", 0.0) > 0 for row in cause.rows)


def same_statement(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both cite the statement; where one of them cites none, both touch the table."""
    mine, others = scene.touch(cause).statements, scene.touch(symptom).statements
    if cause.hit.subject == symptom.hit.subject or mine & others:
        return True
    return not (mine and others) and same_table(cause, symptom, scene)


def same_table_or_statement(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both touch the table or cite the statement."""
    shared = scene.touch(cause).statements & scene.touch(symptom).statements
    return bool(shared) or same_table(cause, symptom, scene)


def same_route(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both are about the route, by their own words or by what the files join, or the cause holds for every route."""
    above = scene.touch(cause)
    return bool(above.reached & scene.touch(symptom).routes) or above.everywhere


def measured_on_route(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both are about the route, and the cause was measured: a call without a limit in the code need not be slow."""
    return same_route(cause, symptom, scene) and not is_written(cause.hit.cites[0].evidence.kind)


def same_route_or_flow(cause: Found, symptom: Found, scene: Scene) -> bool:
    """The symptom's route is the cause's, belongs to a flow that uses its table or queue, or names its table."""
    above, below = scene.touch(cause), scene.touch(symptom)
    return not (
        above.reached.isdisjoint(below.routes)
        and above.tables.isdisjoint(below.flow_tables)
        and above.queues.isdisjoint(below.flow_queues)
        and above.tables.isdisjoint(below.words)
    )


def slows_route(cause: Found, symptom: Found, scene: Scene) -> bool:
    """The route may use the table, and the statement takes a relevant part of its time, where that is known."""
    if scene.touch(cause).everywhere:
        return True  # it takes every connection, so that time of one statement says nothing
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
    """Both are about the queue, or about the task."""
    same_task = cause.hit.subject == symptom.hit.subject and cause.hit.subject.kind == "task"
    return same_task or not scene.touch(cause).queues.isdisjoint(scene.touch(symptom).queues)


def lost_in_redis(cause: Found, symptom: Found, scene: Scene) -> bool:
    """What stands with the failed jobs is what a queue says when its keys are gone or cannot be written."""
    quotes = " ".join(cite.evidence.place_of(cite.metric).quote for cite in symptom.hit.cites).lower()
    return any(words in quotes for words in LOST)


def heavy_on_server(cause: Found, symptom: Found, scene: Scene) -> bool:
    """The statement takes at least a quarter of all query time."""
    return any(row.metrics.get("share", 0.0) >= HEAVY_SHARE for row in cause.rows)


def setting_of(cause: Found, symptom: Found, scene: Scene) -> bool:
    """The setting is one that decides this; a finding about several settings has to name one of them."""
    words = f"{cause.hit.subject.name} {' '.join(row.subject for row in cause.rows)} {cause.hit.said}".lower()
    return any(name in words for name in SETTINGS.get(symptom.rule.mechanism, ()))


def same_subject(cause: Found, symptom: Found, scene: Scene) -> bool:
    """Both are about the same thing, by its name."""
    return cause.hit.subject == symptom.hit.subject


def began_after_deploy(cause: Found, symptom: Found, scene: Scene) -> bool:
    """The first failed request came within minutes of a deployment of the cause, and deployments are rare enough."""
    times = deploy_times(cause.rows)
    began = first_error_at(symptom.hit)
    return began is not None and after_a_start(began, times)


def at_schedule(cause: Found, symptom: Found, scene: Scene) -> bool:
    """The peak came when the schedule starts, and it starts in few enough minutes that this is no chance."""
    peak = next((minute for row in symptom.rows if (minute := peak_minute(row)) is not None), None)
    starts = {minute for row in cause.rows for minute in minutes_of(str(row.attrs.get("schedule", "")))}
    return peak is not None and 0 < len(starts) <= 4 and any((peak - start) % 60 <= 3 for start in starts)


# Conditions that can hold only between findings that share a name: they need not be asked about all others.
BY_NAME: frozenset[Condition] = frozenset(
    {same_table, same_statement, same_table_or_statement, same_route, same_route_or_flow, slows_route, fails_route}
    | {same_queue, same_subject}
)
