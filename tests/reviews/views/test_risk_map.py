"""The grid beside the ranked table."""

from collections.abc import Callable

from django.test import Client as Browser
from django.utils import timezone

from tests.cast import Cast, make_finding

URL = "/engagements/HB-1/risk-map/"
MOST = 18


def test_marks_and_rows_share_their_numbers(browser: Browser, cast: Cast) -> None:
    make_finding(cast.engagement, "f1", rank=1, area="redis")
    make_finding(cast.engagement, "f2", rank=2, severity="low")
    make_finding(cast.engagement, "f3", rank=3, status="dismissed")
    page = browser.get(URL).content.decode()
    assert page.count('data-mark="1"') == page.count('data-mark="2"') == 1
    assert page.count('data-number="1"') == page.count('data-number="2"') == 2
    assert 'data-mark="3"' not in page
    assert 'role="img"' not in page, "an image hides the links in it from a screen reader"


def test_nothing_judged_and_nothing_found_are_two_things(browser: Browser, cast: Cast) -> None:
    """Silence never reads as health."""
    pages = ("", "findings/", "risk-map/")
    for path in pages:
        page = browser.get(f"/engagements/HB-1/{path}").content.decode()
        assert "not the same as health" not in page
        assert "Every question was answered" not in page
    type(cast.engagement).objects.update(analysed_at=timezone.now())
    for path in pages:
        assert "not the same as health" in browser.get(f"/engagements/HB-1/{path}").content.decode()


def test_a_symptom_stands_at_its_cause(browser: Browser, cast: Cast) -> None:
    make_finding(cast.engagement, "f1", rank=1, symptoms=["f2"])
    make_finding(cast.engagement, "f2", rank=2, causes=["f1"])
    make_finding(cast.engagement, "f3", rank=3, causes=["f9"])
    page = browser.get(URL).content.decode()
    assert 'data-number="2"' not in page
    assert page.count('data-mark="2"') == 1, "the table lists it"
    assert page.count('data-number="3"') == 2, "its cause is not on the map"


def test_queries_do_not_grow_with_the_findings(
    cast: Cast, browser: Browser, price: Callable[[Browser, str], int]
) -> None:
    make_finding(cast.engagement, "f1")
    before = price(browser, URL)
    for number in range(20):
        make_finding(cast.engagement, f"g{number}", rank=10 + number)
    assert price(browser, URL) == before <= MOST


def test_the_overview_shows_where_the_risks_stand_and_leads_to_each(browser: Browser, cast: Cast) -> None:
    make_finding(cast.engagement, "f1", rank=1, area="redis")
    make_finding(cast.engagement, "f2", rank=2, status="dismissed")
    page = browser.get("/engagements/HB-1/").content.decode()
    assert page.count('data-number="1"') == 1
    assert page.count('href="/engagements/HB-1/findings/f1/"') == 2, "in the list and on the grid"
    assert "findings/f2/" not in page, "what was dismissed is no top risk"
    assert 'role="img"' not in page
