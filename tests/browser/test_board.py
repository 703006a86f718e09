"""The board by keyboard, on a phone and without JavaScript; the plan and the drop zone by dragging."""

import pytest
from playwright.sync_api import Browser, Page, expect

from reviews.models import Finding
from tests.cast import Cast, make_cast, make_finding, make_plan_item
from tests.visitor import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BOARD = "/engagements/HB-1/findings/"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    people = make_cast()
    for rank, code in enumerate(("f1", "f2", "f3"), start=1):
        make_finding(people.engagement, code, rank=rank, severity="high" if code == "f1" else "low")
    make_plan_item(people.engagement)
    return people


def test_keys_walk_the_list_and_decide(cast: Cast, site: Site, page: Page) -> None:
    site.sign_in("ann")
    site.open(BOARD)
    title = page.locator("#finding-title")
    for key, code in (("j", "f2"), ("j", "f3"), ("j", "f3"), ("k", "f2")):
        page.keyboard.press(key)
        expect(title).to_have_text(f"Table {code} has no index")
    page.keyboard.press("e")
    expect(page.locator("[name=title]")).to_be_focused()
    page.keyboard.type("jx")
    expect(page.locator("[name=title]")).to_have_value("jxTable f2 has no index")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("button", name="Dismiss")).to_be_visible()
    page.keyboard.press("x")
    expect(page.locator("#row-f2")).to_contain_text("Dismissed")
    assert Finding.objects.get(code="f2").status == "dismissed"


def test_filters_keep_their_address(cast: Cast, site: Site, page: Page) -> None:
    site.sign_in("ann")
    site.open(BOARD)
    page.get_by_role("link", name="Low 2").click()
    expect(page.locator("[data-row]")).to_have_count(2)
    page.locator("[data-row]").last.click()
    expect(page).to_have_url(f"{site.url}{BOARD}f3/?severity=low")
    page.reload()
    expect(page.locator("[data-row]")).to_have_count(2)


def test_on_a_phone_list_and_finding_are_two_pages(cast: Cast, site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    site.sign_in("ann")
    site.open(BOARD)
    expect(page.locator("#finding")).to_be_hidden()
    page.locator("[data-row]").nth(1).click()
    expect(page.locator("#finding-title")).to_have_text("Table f2 has no index")
    expect(page.locator("#findings")).to_be_hidden()
    page.get_by_role("link", name="All findings").click()
    expect(page.locator("#findings")).to_be_visible()


def test_without_javascript_everything_is_a_link_or_a_form(cast: Cast, site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    plain = site.with_page(page)
    plain.sign_in("ann")
    plain.open(BOARD)
    page.get_by_role("link", name="Table f2 has no index").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Narrative").fill("Written without a script.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".ll-prose")).to_have_text("Written without a script.")
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.locator("#finding .ll-state")).to_have_text("Confirmed")
    page.locator("#steps").get_by_role("link", name="Plan").click()
    page.get_by_label("Day of: Create the index").select_option("1")
    page.get_by_role("button", name="Move").click()
    expect(page.locator(".ll-day--1")).to_contain_text("Create the index")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


def test_a_dragged_card_lands_on_its_day(cast: Cast, site: Site, page: Page) -> None:
    site.sign_in("ann")
    site.open("/engagements/HB-1/plan/")
    page.drag_and_drop(".ll-card", ".ll-day--2")
    expect(page.locator(".ll-day--2 .ll-card")).to_have_count(1)
    assert cast.engagement.plan_items.get().shown_day == 2


def test_dropped_files_are_sent(cast: Cast, site: Site, page: Page) -> None:
    site.sign_in("ann")
    site.open("/engagements/HB-1/evidence/")
    files = page.evaluate_handle(
        """() => {
             const data = new DataTransfer();
             for (const name of ["one.log", "two.log"]) data.items.add(new File([name], name));
             return data;
           }"""
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": files})
    expect(page.locator(".ll-upload")).to_have_count(2)
    expect(page.locator(".ll-upload").first).to_contain_text("Waiting for its turn")
    assert cast.engagement.uploads.count() == 2


def test_a_mark_and_its_row_light_up_together(cast: Cast, site: Site, page: Page) -> None:
    site.sign_in("ann")
    site.open("/engagements/HB-1/risk-map/")
    page.locator(".ll-only-wide a").first.hover()
    expect(page.locator(".ll-risk.ll-lit")).to_have_count(1)
    page.locator(".ll-risk").last.hover()
    expect(page.locator(".ll-only-wide .ll-lit")).to_have_count(1)


def test_what_was_refused_is_said_and_stands(cast: Cast, site: Site, page: Page) -> None:
    site.sign_in("ann")
    site.open(BOARD)
    trouble = page.locator("#trouble")
    Finding.objects.filter(code="f2").delete()
    page.keyboard.press("j")
    expect(trouble).to_have_text("This is no longer there. Reload the page to see what is.")
    page.keyboard.press("j")
    expect(page.locator("#finding-title")).to_have_text("Table f3 has no index")
    expect(trouble).to_be_hidden()


def test_signing_in_again_in_another_tab_saves_what_was_typed(cast: Cast, site: Site, page: Page) -> None:
    site.sign_in("ann")
    site.open(f"{BOARD}f1/edit/")
    page.get_by_label("Narrative").fill("Long thought.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#trouble")).to_contain_text("You are signed out.")
    site.with_page(page.context.new_page()).sign_in("ann")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#finding .ll-prose")).to_have_text("Long thought.")
    expect(page.locator("#trouble")).to_be_hidden()
