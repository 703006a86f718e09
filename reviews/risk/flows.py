"""Which of the client's flows stand behind a failure, and how much of each meets it.

Shares that nobody measured get a range, so that the severity can be shown as one: a stated share may be off by a fifth,
and a part of a flow that was not measured may be anything from one request in fifty to all.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviews.intake import Flow
from reviews.report.figures import percent
from reviews.risk.joins import Join, Joins, Reached
from reviews.risk.matrix import Grade
from reviews.risk.names import route_name, routes_of, same_table
from reviews.risk.score import Exposure, Quantity
from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Hit

STATED_TOLERANCE = 0.2
UNKNOWN_LOW = 0.02
UNKNOWN_PART = 0.25
STATED_PART = 0.5
ALL_USE = "all use"
OTHER_USE = "other use"
NO_JOINS = Joins()
# Asked by load balancers and monitors: its requests are nobody's use.
_CHECKED = re.compile(r"/(?:_?health(?:z|[-_]?checks?)?|livez?|readyz?|ping|up)/?\Z")
# What a file's queues, functions or events are called together, or one that it does not name.
UNNAMED = frozenset({"queue", "function", "sidekiq", "payment events"})

Traffic = Mapping[str, float]  # requests by route; in `expose` by the route's name, as `named` gives it


def traffic_of(evidence: EvidenceSet) -> Traffic:
    """Requests by route: access log first, function log where there is none; never both, they count the same."""
    requests: dict[str, float] = {}
    for kind in ("http.route", "function.route"):
        for row in evidence.having(kind, "requests"):
            requests[row.subject] = requests.get(row.subject, 0.0) + row.metrics["requests"]
        if requests:
            break
    return requests


def named(traffic: Traffic) -> Traffic:
    """Requests by the routes' names, as hits and flows are compared."""
    found: dict[str, float] = {}
    for route, count in traffic.items():
        found[route_name(route)] = found.get(route_name(route), 0.0) + count
    return found


@dataclass(frozen=True, slots=True)
class Reach:
    """What a hit touches, by name, each with the join that leads there."""

    routes: Reached
    tables: Reached
    queues: Reached

    @classmethod
    def of(cls, hit: Hit, joins: Joins) -> "Reach":
        """By the hit's own words and by what the files join to them."""
        return cls(joins.routes(hit), joins.tables(hit), joins.queues_of(hit))

    def is_outside(self, flows: Sequence[Flow]) -> bool:
        """Whether the flows, which touch none of it, deny it: who lists no tables at all does not say none is used."""
        pairs = (
            (self.routes, any(flow.routes for flow in flows)),
            (self.tables, any(flow.tables for flow in flows)),
            (self.queues, any(flow.queues for flow in flows)),
        )
        return any(stated and any(name not in UNNAMED for name in names) for names, stated in pairs)


def expose(hit: Hit, flows: Sequence[Flow], traffic: Traffic, joins: Joins = NO_JOINS) -> tuple[Exposure, ...]:
    """The flows behind a hit. Without flows in the intake one assumed flow stands for all use."""
    if not flows:
        return (_all_use(hit, traffic),)
    reach = Reach.of(hit, joins)
    touched = [(flow, found) for flow in flows if (found := _touched(hit, flow, traffic, reach))]
    if known := [(flow, found) for flow, found in touched if not _needs_trust(flow, found[1])] or touched:
        return tuple(_exposure(flow, flows, *found) for flow, found in known)
    if reach.is_outside(flows):
        return (_other_use(hit, flows, traffic), *_unlisted(hit, flows, reach))
    part = _measured(hit) or _unknown("nothing links it to a flow")
    nothing = Join("assumption", Grade.ASSUMED, "nothing links it to a flow; each may meet it")
    return tuple(_exposure(flow, flows, part, nothing) for flow in flows)


def _exposure(flow: Flow, flows: Sequence[Flow], part: Quantity, join: Join) -> Exposure:
    return Exposure(flow.name, revenue_of(flow, flows), users_of(flow, flows), part, join)


def _needs_trust(flow: Flow, join: Join) -> bool:
    """What only an assumption leads to, or the code to a flow without shares: taken where nothing better is known."""
    silent = flow.revenue_share is None and flow.user_share is None
    return join.grade is Grade.ASSUMED or (join.grade is Grade.DERIVED and silent)


def _touched(hit: Hit, flow: Flow, traffic: Traffic, reach: Reach) -> tuple[Quantity, Join] | None:
    """Share of the flow's requests that meet the failure, and how we know; None when the flow does not touch it.

    Measured joins first, then the code where its routes are counted, then what the client stated, then assumptions.
    """
    if hit.shared:
        said = "a single point that every flow passes"
        return _measured(hit) or Quantity.exact(1.0, Grade.MEASURED, said), Join("shared", Grade.MEASURED, said)
    names = {route: reach.routes[route_name(route)] for route in flow.routes if route_name(route) in reach.routes}
    sure = [route for route, join in names.items() if join.grade is Grade.MEASURED]
    if sure:
        return _measured(hit) or _by_requests(sure, flow, traffic), names[sure[0]]
    coded = _measured(hit) or _through_code(list(names), flow, traffic)
    if names and coded:
        return coded, next(iter(names.values()))
    if stated := _stated_parts(flow, reach):
        basis = f"the flow uses {', '.join(stated[:3])}; the share of its requests is not measured"
        part = _measured(hit) or Quantity(UNKNOWN_LOW, STATED_PART, 1.0, Grade.STATED, basis)
        return part, Join("intake", Grade.STATED, f"the client says that the flow uses {', '.join(stated[:3])}")
    if names:
        return _by_requests(list(names), flow, traffic), next(iter(names.values()))
    owned = [join for name, join in reach.tables.items() if join.by != "finding" and _uses(flow, name)]
    return (_measured(hit) or _unknown(owned[0].said), owned[0]) if owned else None


def _stated_parts(flow: Flow, reach: Reach) -> list[str]:
    tables = [name for name, join in reach.tables.items() if join.by == "finding" and _uses(flow, name)]
    return [*tables, *(name for name in reach.queues if name in flow.queues)]


def _uses(flow: Flow, table: str) -> bool:
    return any(same_table(table, name) for name in flow.tables)


def _through_code(routes: Sequence[str], flow: Flow, traffic: Traffic) -> Quantity | None:
    """At most the requests of the routes whose code touches it; None where they are not counted."""
    total, here = _requests(flow.routes, traffic), _requests(routes, traffic)
    if here <= 0:
        return None
    share = min(1.0, here / total)
    basis = f"{here:,.0f} of the flow's {total:,.0f} requests are on routes whose code touches it"
    return Quantity(min(UNKNOWN_LOW, share), share, share, Grade.DERIVED, basis)


def _measured(hit: Hit) -> Quantity | None:
    if hit.exposure is None:
        return None
    return Quantity.exact(hit.exposure, Grade.MEASURED, "measured share of the requests that meet it")


def _by_requests(on_route: Sequence[str], flow: Flow, traffic: Traffic) -> Quantity:
    """Requests of the failing routes divided by those of all the flow's routes."""
    total = _requests(flow.routes, traffic)
    hit = _requests(on_route, traffic)
    if hit <= 0:
        return Quantity(
            UNKNOWN_LOW, len(on_route) / len(flow.routes), 1.0, Grade.ASSUMED, "the flow's requests are not measured"
        )
    basis = f"{hit:,.0f} of the flow's {total:,.0f} requests"
    return Quantity.exact(min(1.0, hit / total), Grade.DERIVED, basis)


def _requests(routes: Sequence[str], traffic: Traffic) -> float:
    return sum(traffic.get(name, 0.0) for name in dict.fromkeys(map(route_name, routes)))


def _unknown(why: str) -> Quantity:
    return Quantity(UNKNOWN_LOW, UNKNOWN_PART, 1.0, Grade.ASSUMED, f"{why}; one request in four is assumed")


def _all_use(hit: Hit, traffic: Traffic) -> Exposure:
    """No flow was stated: one flow carries everything. What a shared point carries is then all there is."""
    if hit.shared:
        # Everything passes a shared point, whatever the flows turn out to be.
        stands = Quantity.exact(1.0, Grade.DERIVED, "every flow passes it, whatever the flows are")
        whole = Quantity.exact(1.0, Grade.MEASURED, "a single point for all use")
        return Exposure(ALL_USE, stands, stands, _measured(hit) or whole)
    basis = "no flows were stated; one flow stands for all use"
    part = _measured(hit) or _share_of_traffic(hit, traffic)
    if part is None:
        # One unknown is enough: the range of the part says how little is known.
        whole = Quantity.exact(1.0, Grade.ASSUMED, basis)
        return Exposure(ALL_USE, whole, whole, _unknown("nothing links it to a flow"))
    stands = Quantity(UNKNOWN_LOW, 1.0, 1.0, Grade.ASSUMED, basis)
    return Exposure(ALL_USE, stands, stands, part)


def _share_of_traffic(hit: Hit, traffic: Traffic) -> Quantity | None:
    """Share of all requests on the failing routes. Revenue need not follow requests, hence the wide upper end."""
    here, total = _requests(routes_of(hit), traffic), sum(traffic.values())
    if not here:
        return None
    share = here / total
    basis = f"{here:,.0f} of {total:,.0f} requests; revenue is assumed to follow requests"
    return Quantity(min(share, UNKNOWN_LOW), share, 1.0, Grade.ASSUMED, basis)


def _other_use(hit: Hit, flows: Sequence[Flow], traffic: Traffic) -> Exposure:
    """It touches none of the stated flows: what they leave over stands behind it, or as much as its requests are."""
    left = max(0.0, 1.0 - sum(flow.revenue_share or 0.0 for flow in flows))
    basis = "it touches none of the stated flows; what they leave over is assumed"
    used = [route for route in routes_of(hit) if not _CHECKED.search(route)]
    here, total = _requests(used, traffic), sum(traffic.values())
    if here > left * total:
        left = here / total
        basis = f"no flow lists it; use is assumed to follow its {here:,.0f} of {total:,.0f} requests"
    rest = Quantity(0.0, left, left, Grade.ASSUMED, basis)
    return Exposure(OTHER_USE, rest, rest, _measured(hit) or _unknown("use outside the flows is not measured"))


def _unlisted(hit: Hit, flows: Sequence[Flow], reach: Reach) -> Iterator[Exposure]:
    """No list of tables or queues claims to be whole: each flow may meet what is on none, at the least that is assumed.

    The route of a schedule and the name of a function are on no client's list of routes. Other routes are: one that no
    flow lists is no flow's.
    """
    if any(name.startswith("/") for name in reach.routes) and hit.subject.kind != "schedule":
        return
    part = Quantity(0.0, UNKNOWN_LOW, 1.0, Grade.ASSUMED, "no flow lists it; one request in fifty is assumed")
    for flow in flows:
        yield _exposure(
            flow, flows, part, Join("assumption", Grade.ASSUMED, "no flow lists it; lists may not be whole")
        )


def revenue_of(flow: Flow, flows: Sequence[Flow]) -> Quantity:
    """The flow's share of revenue as stated, else an equal part of what the others leave over."""
    if flow.revenue_share is not None:
        return _stated(flow.revenue_share, "of revenue")
    left = max(0.0, 1.0 - sum(other.revenue_share or 0.0 for other in flows))
    silent = sum(1 for other in flows if other.revenue_share is None)
    return Quantity(0.0, left / silent, left, Grade.ASSUMED, "not stated; an equal part of the rest is assumed")


def users_of(flow: Flow, flows: Sequence[Flow]) -> Quantity:
    """The flow's share of users as stated, else its share of revenue as a stand-in."""
    if flow.user_share is not None:
        return _stated(flow.user_share, "of users")
    return Quantity(0.0, revenue_of(flow, flows).point, 1.0, Grade.ASSUMED, "not stated; its revenue share is assumed")


def _stated(share: float, of: str) -> Quantity:
    low, high = share * (1 - STATED_TOLERANCE), min(1.0, share * (1 + STATED_TOLERANCE))
    return Quantity(low, share, high, Grade.STATED, f"{percent(share)} {of}, stated by the client")
