"""Which addresses a flow's routes serve: the client lists `/products/[slug]`, a log names `/products/blue-shirt`."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from reviews.intake import Flow
from reviews.risk.names import route_name
from telemetry.evidence import EvidenceSet
from telemetry.routes import REST, serving

SEEN = ("http.route", "function.route", "trace.route", "har.route")
INVENTORY = "route"


def with_served(flows: Sequence[Flow], evidence: EvidenceSet) -> tuple[Flow, ...]:
    """The flows, each with the addresses that files saw and its own routes serve, besides the routes it lists."""
    listed = {route_name(route) for flow in flows for route in flow.routes}
    apart = {route_name(row.subject) for row in evidence.of(INVENTORY)}
    seen = {route_name(row.subject) for kind in SEEN for row in evidence.of(kind)} - listed
    served: dict[str, list[str]] = defaultdict(list)
    for name in sorted(seen):
        if template := _template(name, listed, apart):
            served[template].append(name)
    return tuple(_widened(flow, served) for flow in flows)


def _template(name: str, listed: Collection[str], apart: Collection[str]) -> str | None:
    """The listed route that serves an address.

    None where that would hold for nearly every address (`/[slug]`), and where the application has a route of this very
    name, which only a catch-all was meant to include.
    """
    template = serving(name, listed)
    if template is None or (name in apart and REST not in template):
        return None
    return template if any(not part.startswith("[") for part in template.strip("/").split("/")) else None


def _widened(flow: Flow, served: dict[str, list[str]]) -> Flow:
    own = dict.fromkeys(map(route_name, flow.routes))
    more = tuple(name for route in own for name in served.get(route, ()))
    return replace(flow, routes=(*flow.routes, *more)) if more else flow
