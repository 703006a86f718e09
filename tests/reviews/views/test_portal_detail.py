"""The client's page: what was published and nothing else, at a price that does not grow."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client as Browser

from reviews.models import Deliverable
from reviews.services.engagements import apply_intake, intake_of
from tests.cast import Cast, make_deliverable, make_finding, make_plan_item
from tests.reviews.capacity.stress_audit import audit
from tests.reviews.report.model import make_model

URL = "/portal/HB-1/"
MOST = 12


@pytest.fixture
def reader(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.cleo)
    return browser


def test_before_anything_is_published_each_place_says_what_will_stand_there(reader: Browser) -> None:
    page = reader.get(URL).content.decode()
    for words in ("Nothing published yet", "The plan is being made", "None issued yet"):
        assert words in page


def test_drafts_do_not_exist(reader: Browser, cast: Cast) -> None:
    make_finding(cast.engagement, "f1", status="published", title="Published title")
    make_finding(cast.engagement, "f2", title="Draft title", said="Draft words")
    make_plan_item(cast.engagement, title="Draft work", finding_keys=["f1", "f2"])
    page = reader.get(URL).content.decode()
    assert "Published title" in page
    assert "1 high" in page
    assert "Draft" not in page


ROADMAP = {"said": "2 tickets.", "windows": [
    {"title": "Weeks 1 and 2", "tickets": [{"title": "Pool the connections", "days": 1.5}]},
    {"title": "Later", "tickets": []},
]}  # fmt: skip


def told(first: str = "Postgres connections") -> dict[str, Any]:
    """The parts of an issued document that speak of capacity; `first` is what breaks first."""
    document = make_model()
    document["capacity"]["breaking_points"] = [document["capacity"]["breaking_points"][0] | {"title": first}]
    document["capacity"]["roadmap"] = ROADMAP
    return document


def test_what_the_newest_issued_report_says_of_capacity_is_there(reader: Browser, cast: Cast) -> None:
    make_deliverable(cast.engagement, context=told("Memory of old"))
    make_deliverable(cast.engagement, number=2, context=told())
    page = reader.get(URL).content.decode()
    assert "First to break: Postgres connections, at 1.4 × today&#x27;s load" in page
    assert "As report 2 says" in page
    assert "Memory of old" not in page
    assert "Complete failure" in page
    assert "Pool the connections" in page
    assert 'class="ll-chart' in page


@pytest.mark.parametrize("state", [Deliverable.State.RENDERING, Deliverable.State.FAILED])
def test_of_capacity_nothing_is_shown_that_was_not_issued(state: str, reader: Browser, cast: Cast) -> None:
    apply_intake(engagement=cast.engagement, intake=replace(intake_of(cast.engagement), capacity=audit().capacity))
    make_deliverable(cast.engagement, number=2, state=state, context=told())
    assert "What breaks first?" not in reader.get(URL).content.decode()
    make_deliverable(cast.engagement, number=1, context=told("Memory of old"))
    page = reader.get(URL).content.decode()
    assert "Memory of old" in page
    for draft in ("Postgres connections, at", "stats worker", "connection pool"):
        assert draft not in page


def test_another_client_sees_neither_the_page_nor_its_capacity(cast: Cast) -> None:
    make_deliverable(cast.engagement, context=told())
    browser = Browser()
    browser.force_login(cast.dov)
    assert browser.get(URL).status_code == 404
    assert "What breaks first?" not in browser.get("/portal/OT-1/").content.decode()


def test_a_report_of_before_the_model_has_nothing_to_say(reader: Browser, cast: Cast) -> None:
    make_deliverable(cast.engagement)
    assert "What breaks first?" not in reader.get(URL).content.decode()


def test_no_style_or_script_stands_in_the_page(reader: Browser, cast: Cast) -> None:
    make_finding(cast.engagement, "f1", status="published")
    make_deliverable(cast.engagement, context=told("<script>alert(1)</script>"))
    page = reader.get(URL).content.decode()
    assert "<script" not in page
    assert " style=" not in page
    assert "<style" not in page


def test_queries_do_not_grow_with_the_findings(
    reader: Browser, cast: Cast, price: Callable[[Browser, str], int]
) -> None:
    make_finding(cast.engagement, "f1", status="published")
    before = price(reader, URL)
    for number in range(20):
        make_finding(cast.engagement, f"g{number}", rank=10 + number, status="published")
    assert price(reader, URL) == before <= MOST
