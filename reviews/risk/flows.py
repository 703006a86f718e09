"""Which of the client's flows stand behind a failure, and how much of each meets it.

Shares that nobody measured get a range, so that the severity can be shown as one: a stated share may be off by a fifth,
and a part of a flow that was not measured may be anything from one request in fifty to all.
"""

from collections.abc import Mapping, Sequence

from reviews.intake import Flow
from reviews.risk.matrix import Grade
from reviews.risk.score import Exposure, Quantity
from telemetry.evidence import EvidenceSet
from telemetry.routes import route_of
from telemetry.rules.base import Hit

STATED_TOLERANCE = 0.2
UNKNOWN_LOW = 0.02
UNKNOWN_PART = 0.25
STATED_PART = 0.5
ALL_USE = "all use"
OTHER_USE = "other use"

Traffic = Mapping[str, float]


def traffic_of(evidence: EvidenceSet) -> Traffic:
    """Requests by route: access log first, function log where there is none; never both, they count the same."""
    requests: dict[str, float] = {}
    for kind in ("http.route", "function.route"):
        for row in evidence.having(kind, "requests"):
            requests[row.subject] = requests.get(row.subject, 0.0) + row.metrics["requests"]
        if requests:
            break
    return requests


def same_route(one: str, other: str) -> bool:
    """Whether two addresses name the same route, whatever their placeholders and methods are called."""
    return _template(one) == _template(other)


def _template(route: str) -> str:
    return route_of(route.strip().rsplit(" ", 1)[-1]).lower()


def table_name(name: str) -> str:
    """A table without its quotes, its columns and the schema public."""
    return name.split("(", 1)[0].replace('"', "").strip().lower().removeprefix("public.")


def routes_of(hit: Hit) -> tuple[str, ...]:
    """Routes a hit touches, its subject included."""
    return _with_subject(hit, "route", hit.routes)


def tables_of(hit: Hit) -> tuple[str, ...]:
    """Tables a hit touches, its subject included (which may be "orders(customer_id)" or "orders, payments")."""
    names = [part for name in _with_subject(hit, "table", hit.tables) for part in name.split("(", 1)[0].split(",")]
    return tuple(dict.fromkeys(table_name(name) for name in names))


def queues_of(hit: Hit) -> tuple[str, ...]:
    """Queues a hit touches, its subject included."""
    return _with_subject(hit, "queue", hit.queues)


def _with_subject(hit: Hit, kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    own = (hit.subject.name,) if hit.subject.kind == kind else ()
    return tuple(dict.fromkeys(own + names))


def expose(hit: Hit, flows: Sequence[Flow], traffic: Traffic) -> tuple[Exposure, ...]:
    """The flows behind a hit. Without flows in the intake one assumed flow stands for all use."""
    if not flows:
        return (_all_use(hit, traffic),)
    touched = [(flow, _touched(hit, flow, traffic)) for flow in flows]
    matched = [(flow, part) for flow, part in touched if part is not None]
    if matched:
        return tuple(
            Exposure(flow.name, revenue_of(flow, flows), users_of(flow, flows), part) for flow, part in matched
        )
    if routes_of(hit) or tables_of(hit) or queues_of(hit):
        return (_other_use(hit, flows),)
    part = _measured(hit) or _unknown("nothing links it to a flow")
    return tuple(Exposure(flow.name, revenue_of(flow, flows), users_of(flow, flows), part) for flow in flows)


def _touched(hit: Hit, flow: Flow, traffic: Traffic) -> Quantity | None:
    """Share of the flow's requests that meet the failure; None when the flow does not touch it."""
    if hit.shared:
        return Quantity.exact(1.0, Grade.MEASURED, "a single point that every flow passes")
    on_route = [route for route in flow.routes if any(same_route(route, other) for other in routes_of(hit))]
    mine = {table_name(name) for name in flow.tables}
    shared_tables = [name for name in tables_of(hit) if name in mine]
    shared_queues = [name for name in queues_of(hit) if name in flow.queues]
    if not (on_route or shared_tables or shared_queues):
        return None
    if measured := _measured(hit):
        return measured
    if on_route:
        return _by_requests(on_route, flow, traffic)
    basis = (
        f"the flow uses {', '.join([*shared_tables, *shared_queues][:3])}; the share of its requests is not measured"
    )
    return Quantity(UNKNOWN_LOW, STATED_PART, 1.0, Grade.STATED, basis)


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
    return sum(count for route, count in traffic.items() if any(same_route(route, other) for other in routes))


def _unknown(why: str) -> Quantity:
    return Quantity(UNKNOWN_LOW, UNKNOWN_PART, 1.0, Grade.ASSUMED, f"{why}; one request in four is assumed")


def _all_use(hit: Hit, traffic: Traffic) -> Exposure:
    """No flow was stated: one flow carries everything. What a shared point carries is then all there is."""
    if hit.shared:
        # Everything passes a shared point, whatever the flows turn out to be.
        stands = Quantity.exact(1.0, Grade.DERIVED, "every flow passes it, whatever the flows are")
        return Exposure(ALL_USE, stands, stands, Quantity.exact(1.0, Grade.MEASURED, "a single point for all use"))
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


def _other_use(hit: Hit, flows: Sequence[Flow]) -> Exposure:
    """It touches none of the stated flows: what they leave over stands behind it."""
    left = max(0.0, 1.0 - sum(flow.revenue_share or 0.0 for flow in flows))
    basis = "it touches none of the stated flows; what they leave over is assumed"
    rest = Quantity(0.0, left, left, Grade.ASSUMED, basis)
    return Exposure(OTHER_USE, rest, rest, _measured(hit) or _unknown("use outside the flows is not measured"))


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
    return Quantity(low, share, high, Grade.STATED, f"{share:.0%} {of}, stated by the client")
