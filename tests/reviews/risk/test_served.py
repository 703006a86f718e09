"""Addresses that a flow's routes serve count for the flow; what the application serves apart does not."""

import pytest

from reviews.capacity.traffic import traffic_of
from reviews.intake import Flow
from reviews.risk.flows import expose, named
from reviews.risk.flows import traffic_of as requests_of
from reviews.risk.served import with_served
from telemetry.evidence import EvidenceSet
from tests.reviews.risk.making import make_hit, make_row

SHOP = Flow("shop", 0.6, 0.6, ("/products/[slug]", "/cart/*"))
BLOG = Flow("blog", 0.1, 0.3, ("/products/new", "/[page]"))


@pytest.mark.parametrize(
    ("seen", "flow"),
    [
        ("/products/blue-shirt", "shop"),
        ("/products/[slug]", "shop"),
        ("/products/new", "blog"),  # listed by its own name
        ("/products/compare", None),  # a route of its own
        ("/products", None),
        ("/products/blue-shirt/reviews", None),
        ("/cart/pay/card", "shop"),
        ("/cart/settings", "shop"),  # a route of its own, which the catch-all means to include
        ("/imprint", None),  # "/[page]" would serve nearly every address
    ],
)
def test_an_address_belongs_to_the_flow_whose_route_serves_it(seen: str, flow: str | None) -> None:
    evidence = EvidenceSet([
        make_row("http.route", seen, requests=10),
        *(make_row("route", name, listed=1) for name in ("/products/compare", "/cart/settings", "/products/[slug]")),
    ])  # fmt: skip
    traffic = traffic_of(evidence, (SHOP, BLOG))
    assert [row["flow"] for row in traffic["routes"]] == [flow or ""]


def test_the_shares_of_a_flow_count_every_address_it_serves() -> None:
    evidence = EvidenceSet([
        make_row("http.route", "/products/blue-shirt", requests=30),
        make_row("http.route", "/products/red-shirt", requests=10),
        make_row("http.route", "/cart/pay", requests=60),
    ])  # fmt: skip
    hit = make_hit(("route", "/products/blue-shirt"))
    (one,) = expose(hit, with_served([SHOP, BLOG], evidence), named(requests_of(evidence)))
    assert (one.flow, one.touched.point) == ("shop", 0.3)


def test_flows_that_serve_nothing_else_stay_as_they_are() -> None:
    flows = (SHOP, BLOG)
    assert with_served(flows, EvidenceSet([])) == flows
