"""Which routes carry the load, in which mix: measured by an access or function log, else as the intake states flows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reviews.capacity.cells import cited
from reviews.intake import Flow
from reviews.risk.names import route_name
from reviews.risk.served import with_served
from telemetry.evidence import Evidence, EvidenceSet

Machine = dict[str, Any]

MOST_ROUTES = 20
NEEDS = "an access log or a function log, to know the share of each route"


@dataclass(frozen=True, slots=True)
class _Part:
    """Requests of one method on one route; "" when nobody says which methods it takes."""

    row: Evidence
    method: str
    requests: float


def traffic_of(evidence: EvidenceSet, flows: Sequence[Flow] = ()) -> Machine:
    """{"grade", "covered", "routes", "needs"}

    `routes`: at most 20, most requests first, each {route, method ("" unknown), share, flow ("" none), p95_ms (or
    absent), evidence}; shares add up to 1 and `covered` says of how much of all requests. What every visitor was
    refused (scanners) is left out. Without a log the routes of the flows, each flow by its share of users where all
    are stated, else alike: `grade` is then "stated" or "assumed".
    `evidence`: {file, line, metric, value, unit}, without the quoted line: a client's copy holds none.
    """
    kind = next((kind for kind in ("http.route", "function.route") if evidence.has(kind, "requests")), "")
    return _measured(evidence, kind, with_served(flows, evidence)) if kind else _stated(flows)


def _measured(evidence: EvidenceSet, kind: str, flows: Sequence[Flow]) -> Machine:
    rows = [row for row in evidence.having(kind, "requests") if row.metrics["requests"] > 0]
    parts = [part for row in rows if answered(row) for part in _methods(row)]
    parts.sort(key=lambda part: (-part.requests, part.row.subject, part.method))
    kept = parts[:MOST_ROUTES]
    # What was folded into "other" is no route, but it is traffic.
    every = [row.metrics.get("requests", 0.0) for row in evidence.rows if row.kind == kind]
    whole, shown = sum(every), sum(part.requests for part in kept)
    return {
        "grade": "measured",
        "covered": shown / whole if whole else 0.0,
        "routes": [_route(part, part.requests / shown, flows) for part in kept],
        "needs": [],
    }


def answered(row: Evidence) -> bool:
    """No scanner's target: known to the inventory where there is one, and not refused every time."""
    if row.attrs.get("inventory") is False:
        return False
    return row.metrics.get("status_4xx", 0.0) < row.metrics["requests"]


def flow_of(route: str, flows: Sequence[Flow]) -> str:
    """The flow that a route belongs to, "" when none names it."""
    name = route_name(route)
    return next((flow.name for flow in flows if name in map(route_name, flow.routes)), "")


def _methods(row: Evidence) -> Iterable[_Part]:
    """Reads and writes apart, as far as the log counts them apart."""
    methods = [str(name).upper() for name in row.attrs.get("methods", ())]
    requests = row.metrics["requests"]
    posts = min(row.metrics.get("post_requests", 0.0), requests)
    if row.kind == "function.route" and not methods:
        reads = min(row.metrics.get("get_requests", 0.0), requests)
        told = [_Part(row, "GET", reads), _Part(row, "", requests - reads)]
    elif "POST" in methods and len(methods) > 1:
        other = "GET" if "GET" in methods else next(name for name in methods if name != "POST")
        told = [_Part(row, other, requests - posts), _Part(row, "POST", posts)]
    else:
        told = [_Part(row, methods[0] if methods else "", requests)]
    return [part for part in told if part.requests > 0]


def _route(part: _Part, share: float, flows: Sequence[Flow]) -> Machine:
    found = {
        "route": part.row.subject,
        "method": part.method,
        "share": share,
        "flow": flow_of(part.row.subject, flows),
        "evidence": cited(part.row, "requests"),
    }
    return found | ({"p95_ms": part.row.metrics["p95_ms"]} if "p95_ms" in part.row.metrics else {})


def _stated(flows: Sequence[Flow]) -> Machine:
    """Routes of the flows; which method they take is not known."""
    named = [flow for flow in flows if flow.routes]
    stated = bool(named) and all((flow.user_share or 0.0) > 0 for flow in named)
    pairs = [
        (flow, route, (flow.user_share or 0.0) / len(flow.routes) if stated else 1.0)
        for flow in named
        for route in flow.routes
    ][:MOST_ROUTES]
    whole = sum(weight for _, _, weight in pairs)
    routes = [
        {"route": route, "method": "", "share": weight / whole, "flow": flow.name, "evidence": None}
        for flow, route, weight in pairs
    ]
    return {"grade": "stated" if stated else "assumed", "covered": None, "routes": routes, "needs": [NEEDS]}
