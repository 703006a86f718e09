"""The client's page: what was published and nothing else, at a price that does not grow."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from tests.cast import Cast, make_finding, make_plan_item

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


def test_no_style_or_script_stands_in_the_page(reader: Browser, cast: Cast) -> None:
    make_finding(cast.engagement, "f1", status="published")
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
