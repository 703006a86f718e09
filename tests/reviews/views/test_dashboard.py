"""What needs me now: right numbers, from one look at each table."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.test import RequestFactory

from reviews.views.dashboard import dashboard_context
from telemetry.models import Upload
from tests.cast import Cast, make_deliverable, make_finding, make_upload

COUNTED = ("drafts", "high", "published", "asking", "failed", "files", "missing", "reports")


def test_each_number_counts_its_own_rows(cast: Cast, rf: RequestFactory) -> None:
    """Joined, two findings would make each of three files count twice."""
    make_finding(cast.engagement, "f1", status="published")
    make_finding(cast.engagement, "f2")
    make_finding(cast.engagement, "f3", severity="low")
    for number, state in enumerate(["done", "done", "failed", "asks"]):
        error = "It is empty." if state == "failed" else ""
        make_upload(cast.engagement, file_name=f"{number}.log", sha256=str(number) * 64, state=state, error=error)
    for number in (1, 2):
        make_deliverable(cast.engagement, number=number)
    request = rf.get("/admin/")
    request.user = cast.ann
    mine = list(dashboard_context(request, {})["engagements"])
    assert [{name: getattr(row, name) for name in COUNTED} for row in mine] == [
        dict(zip(COUNTED, (2, 2, 1, 1, 1, 2, 9 - 1, 2), strict=True))
    ]


def test_no_table_meets_another(cast: Cast, rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = cast.ada
    joined = dashboard_context(request, {})["engagements"].query.alias_map.values()
    assert not {join.table_name for join in joined} & {"reviews_finding", Upload._meta.db_table, "reviews_buyerinput"}


@pytest.mark.parametrize("table", ["reviews/finding", "telemetry/upload", "tickets/ticket"])
def test_a_list_of_the_admin_asks_as_often_for_many_rows(
    table: str, cast: Cast, browser: Browser, price: Callable[[Browser, str], int]
) -> None:
    make_finding(cast.engagement, "f0", title="Found first")
    make_upload(cast.engagement)
    before = price(browser, f"/admin/{table}/")
    for number in range(1, 6):
        make_finding(cast.engagement, f"f{number}")
        make_upload(cast.engagement, file_name=f"{number}.log", sha256=str(number) * 64)
    assert price(browser, f"/admin/{table}/") == before
    if table == "reviews/finding":
        assert "Found first" in browser.get(f"/admin/{table}/").content.decode()
