"""The numbers behind the capacity page, by keyboard: unfold what is not known, state one, take it back."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from reviews.services.engagements import apply_intake, intake_of
from tests.cast import Cast, make_cast
from tests.reviews.capacity.stress_audit import audit
from tests.visitor import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/engagements/HB-1/capacity/"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    people = make_cast()
    stated = replace(intake_of(people.engagement), capacity=audit().capacity, stack=audit().stack)
    apply_intake(engagement=people.engagement, intake=stated)
    return people


@pytest.mark.parametrize("width", [1440, 390])
def test_a_number_that_was_not_known_is_stated_and_focus_stays(cast: Cast, site: Site, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    site.sign_in("ann")
    site.open(PAGE)
    fold = page.locator("#gaps-database")
    field, button = page.locator("#value-postgresmax_connections"), page.locator("#set-postgresmax_connections")
    expect(field).to_be_hidden()
    for closed in (page.locator("#fold-database > summary"), fold.locator("summary")):
        closed.focus()
        page.keyboard.press("Enter")
    field.fill("1000")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#undo")).to_be_visible()
    expect(fold.locator("#set-postgresmax_connections")).to_have_count(0)
    expect(button).to_be_focused()
    expect(fold).to_have_attribute("open", "")
    page.locator("#undo").focus()
    page.keyboard.press("Enter")
    expect(fold.locator("#set-postgresmax_connections")).to_be_visible()
    expect(page.locator("#inputs-title")).to_be_focused()
    assert not site.scrolls_sideways()


def test_a_link_to_a_folded_scenario_unfolds_it(cast: Cast, site: Site, page: Page) -> None:
    site.sign_in("ann")
    site.open(PAGE)
    expect(page.locator("#scenario-2")).to_be_hidden()
    page.locator('a[href="#scenario-2"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("#scenario-2")).to_be_visible()
    expect(page.locator("#scenario-1")).to_be_hidden()
