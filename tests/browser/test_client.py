"""The client's journey: one page on a phone, and not a word of what was not published."""

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast, make_cast, make_deliverable, make_finding, make_plan_item
from tests.visitor import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HIDDEN = ("Undecided", "Discarded", "Draftwork", "HB-1-internal")


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    people = make_cast()
    engagement = people.engagement
    make_finding(engagement, "f1", status="published")
    make_finding(engagement, "f2", title="Undecided table", said="Undecided words.")
    make_finding(engagement, "f3", status="dismissed", title="Discarded table", said="Discarded words.")
    make_plan_item(engagement, finding_keys=["f1"])
    make_plan_item(engagement, key="rule:X", title="Draftwork", finding_keys=["f2"])
    make_deliverable(engagement)
    type(engagement).objects.filter(pk=engagement.pk).update(notes="HB-1-internal note")
    return people


def test_a_client_reads_along(cast: Cast, site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    site.sign_in("cleo")
    expect(page).to_have_url(f"{site.url}/portal/HB-1/")
    cards = page.get_by_role("navigation", name="On this page")
    for words in ("1 high", "1 step in 72 hours", "things", "1 to download"):
        expect(cards).to_contain_text(words)
    page.get_by_text("Table f1 has no index", exact=True).click()
    expect(page.get_by_text("Create the index.")).to_be_visible()
    expect(page.get_by_text("a.csv:2")).to_be_visible()
    assert not site.scrolls_sideways()
    assert [word for word in HIDDEN if word in page.content()] == []
    href = page.get_by_role("link", name="Report 1").get_attribute("href")
    assert page.request.get(site.url + str(href)).body().startswith(b"%PDF")


def test_a_mark_on_the_grid_opens_its_finding(cast: Cast, site: Site, page: Page) -> None:
    site.sign_in("cleo")
    expect(page.get_by_text("Create the index.")).to_be_hidden()
    page.locator(".p-only-wide a").click()
    expect(page.get_by_text("Create the index.")).to_be_visible()


def test_the_workspace_does_not_exist_for_a_client(cast: Cast, site: Site, page: Page) -> None:
    site.sign_in("cleo")
    for path in ("/engagements/HB-1/", "/engagements/OT-1/", "/portal/OT-1/", "/admin/reviews/finding/", "/rules/"):
        answer = page.goto(site.url + path)
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading")).to_have_text("There is no such page for you.")
