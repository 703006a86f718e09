"""From a hit to the flows behind it, and how much of each is known."""

from dataclasses import replace

import pytest

from reviews.intake import Flow
from reviews.risk.flows import expose, traffic_of
from reviews.risk.matrix import Grade
from reviews.risk.names import route_name, table_name, tables_of
from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Hit
from tests.reviews.risk.making import make_hit, make_row

CHECKOUT = Flow("checkout", 0.5, 0.2, ("/api/checkout", "/api/orders/[id]"), ("orders",), ("emails",))
SEARCH = Flow("search", 0.3, 0.6, ("/api/search",), ("books",))
FLOWS = (CHECKOUT, SEARCH)
TRAFFIC = {"/api/checkout": 300.0, "/api/orders/[id]": 100.0, "/api/search": 600.0}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/api/orders/[id]", "/api/orders/:orderId", True),
        ("/api/orders/[id]", "POST /api/orders/{id}/", True),
        ("/api/orders/17", "/api/orders/[id]", True),
        ("/api/orders", "/api/orders/[id]", False),
        ("/api/cart", "/api/checkout", False),
    ],
)
def test_routes_are_the_same_whatever_their_placeholders(one: str, other: str, same: bool) -> None:
    assert (route_name(one) == route_name(other)) is same


@pytest.mark.parametrize("name", ["orders", "public.orders", '"Orders"', "orders(customer_id, status)"])
def test_table_names_lose_schema_quotes_and_columns(name: str) -> None:
    assert table_name(name) == "orders"


def test_a_subject_may_name_several_tables() -> None:
    assert tables_of(make_hit(("table", "orders, payments"))) == ("orders", "payments")


def test_a_route_is_measured_by_its_requests() -> None:
    [exposure] = expose(make_hit(("route", "/api/checkout")), FLOWS, TRAFFIC)
    assert exposure.flow == "checkout"
    assert (exposure.touched.point, exposure.touched.grade) == (0.75, Grade.DERIVED)
    assert exposure.revenue.grade is Grade.STATED
    assert (exposure.revenue.low, exposure.revenue.high) == pytest.approx((0.4, 0.6))


def test_a_measured_share_of_the_hit_comes_first() -> None:
    [exposure] = expose(make_hit(("route", "/api/checkout"), exposure=0.05), FLOWS, TRAFFIC)
    assert (exposure.touched.point, exposure.touched.grade) == (0.05, Grade.MEASURED)


def test_a_route_without_requests_is_assumed() -> None:
    [exposure] = expose(make_hit(("route", "/api/checkout")), FLOWS, {})
    assert exposure.touched.grade is Grade.ASSUMED
    assert (exposure.touched.low, exposure.touched.high) == (0.02, 1.0)


@pytest.mark.parametrize("hit", [make_hit(("table", "orders(customer_id)")), make_hit(("queue", "emails"))])
def test_a_table_or_queue_of_a_flow_is_stated(hit: object) -> None:
    [exposure] = expose(hit, FLOWS, TRAFFIC)  # type: ignore[arg-type]
    assert exposure.flow == "checkout"
    assert exposure.touched.grade is Grade.STATED


def test_a_shared_point_stands_behind_every_flow() -> None:
    exposures = expose(make_hit(("server", "postgres"), shared=True), FLOWS, TRAFFIC)
    assert [(entry.flow, entry.touched.point) for entry in exposures] == [("checkout", 1.0), ("search", 1.0)]


def test_what_touches_no_flow_has_what_the_flows_leave_over() -> None:
    [exposure] = expose(make_hit(("route", "/api/admin")), FLOWS, TRAFFIC)
    assert exposure.flow == "other use"
    assert exposure.revenue.point == pytest.approx(0.2)
    assert exposure.revenue.grade is Grade.ASSUMED


def test_what_nothing_links_to_a_flow_may_touch_all() -> None:
    exposures = expose(make_hit(("command", "keys")), FLOWS, TRAFFIC)
    assert [entry.flow for entry in exposures] == ["checkout", "search"]
    assert {entry.touched.grade for entry in exposures} == {Grade.ASSUMED}


@pytest.mark.parametrize("hit", [make_hit(("table", "books")), make_hit(("queue", "exports"))], ids=["table", "queue"])
def test_flows_that_list_no_tables_deny_none(hit: Hit) -> None:
    """An intake with routes and shares alone: what happens to a table may meet each flow, as far as anybody knows."""
    routes = tuple(replace(flow, tables=(), queues=()) for flow in FLOWS)
    exposures = expose(hit, routes, TRAFFIC)
    assert [entry.flow for entry in exposures] == ["checkout", "search"]
    assert {entry.touched.grade for entry in exposures} == {Grade.ASSUMED}


@pytest.mark.parametrize("kind", ["table", "queue", "schedule"])
def test_what_is_on_no_list_may_meet_each_flow_a_little(kind: str) -> None:
    """Lists of tables and queues do not claim to be whole, and no client lists the routes of schedules."""
    hit = make_hit((kind, "audit"), routes=("/api/cron/audit",) if kind == "schedule" else ())
    other, *unlisted = expose(hit, FLOWS, TRAFFIC)
    assert other.flow == "other use"
    assert [entry.flow for entry in unlisted] == ["checkout", "search"]
    assert {(entry.touched.low, entry.touched.point, entry.touched.high) for entry in unlisted} == {(0.0, 0.02, 1.0)}


def test_a_function_is_on_no_list_of_routes() -> None:
    _, *unlisted = expose(make_hit(("route", "checkout-worker")), FLOWS, TRAFFIC)
    assert [entry.touched.point for entry in unlisted] == [0.02, 0.02]


def test_a_route_on_no_list_is_as_much_as_its_requests() -> None:
    whole = (replace(CHECKOUT, revenue_share=0.6), replace(SEARCH, revenue_share=0.4))
    [exposure] = expose(make_hit(("route", "/api/upload")), whole, TRAFFIC | {"/api/upload": 250.0})
    assert (exposure.flow, exposure.revenue.low, exposure.revenue.point) == ("other use", 0.0, 0.2)
    [checked] = expose(make_hit(("route", "/healthz")), whole, TRAFFIC | {"/healthz": 250.0})
    assert checked.revenue.point == 0.0, "load balancers are no use"
    [quiet] = expose(make_hit(("route", "/api/upload")), FLOWS, TRAFFIC | {"/api/upload": 10.0})
    assert quiet.revenue.point == pytest.approx(0.2), "what the flows leave over is more than its requests are"


def test_what_no_file_names_is_not_outside() -> None:
    exposures = expose(make_hit(("queue", "queue")), FLOWS, TRAFFIC)
    assert [entry.flow for entry in exposures] == ["checkout", "search"]


def test_a_model_of_the_code_is_the_table_of_a_flow() -> None:
    [exposure] = expose(make_hit(("table", "Book(isbn)")), FLOWS, TRAFFIC)
    assert exposure.flow == "search"


def test_without_flows_requests_stand_in_but_stay_assumed() -> None:
    [exposure] = expose(make_hit(("route", "/api/search")), (), TRAFFIC)
    assert exposure.touched.point == pytest.approx(0.6)
    assert exposure.touched.grade is Grade.ASSUMED
    assert exposure.touched.high == 1.0


def test_without_flows_a_shared_point_still_carries_everything() -> None:
    [exposure] = expose(make_hit(("server", "postgres"), shared=True), (), {})
    assert (exposure.revenue.point, exposure.revenue.grade) == (1.0, Grade.DERIVED)


def test_a_flow_without_shares_gets_an_equal_part_of_the_rest_as_assumed() -> None:
    flows = (CHECKOUT, Flow("search", routes=("/api/search",)), Flow("login", routes=("/api/login",)))
    [exposure] = expose(make_hit(("route", "/api/search")), flows, TRAFFIC)
    assert exposure.revenue.point == pytest.approx(0.25)
    assert exposure.revenue.grade is Grade.ASSUMED
    assert exposure.users.high == 1.0


def test_traffic_is_counted_once() -> None:
    rows = [make_row("http.route", "/a", requests=5.0), make_row("http.route", "/a", requests=2.0)]
    both = [*rows, make_row("function.route", "/a", requests=7.0)]
    assert traffic_of(EvidenceSet(both)) == {"/a": 7.0}
    assert traffic_of(EvidenceSet(both[2:])) == {"/a": 7.0}


def test_without_flows_and_requests_only_the_part_is_unknown() -> None:
    [exposure] = expose(make_hit(("command", "keys")), (), {})
    assert (exposure.revenue.low, exposure.revenue.high, exposure.revenue.grade) == (1.0, 1.0, Grade.ASSUMED)
    assert (exposure.touched.low, exposure.touched.point, exposure.touched.high) == (0.02, 0.25, 1.0)
