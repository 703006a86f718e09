"""A severity set by hand, a second upload that moves what it rests on, one click to confirm; then two runs compared."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reviews.models import Engagement, RiskOverride
from reviews.pipeline import read_and_analyse
from tests.cast import make_user
from tests.reviews.harbor import EXPORTS, open_harbor
from tests.visitor import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REASON = "The shop moves this table to an archive before the busy season."


@pytest.fixture
def harbor(transactional_db: None) -> Engagement:
    return open_harbor(lead=make_user("ann", is_staff=True, first_name="Ann", last_name="Reed"))


def send(site: Site, page: Page, harbor: Engagement, name: str) -> None:
    """Through the page; read here, as a worker would."""
    site.open("/engagements/HB-2026/evidence/")
    page.locator("#files").set_input_files([Path(EXPORTS / name)])
    page.get_by_role("button", name="Send files").click()
    expect(page.locator(".ll-upload", has_text=name)).to_be_visible()
    for upload_id in harbor.uploads.filter(state="received").values_list("pk", flat=True):
        read_and_analyse(upload_id)


def test_an_override_is_asked_for_again_when_the_evidence_moves(harbor: Engagement, site: Site, page: Page) -> None:
    site.sign_in("ann")
    send(site, page, harbor, "pg_stat_statements.csv")
    site.open("/engagements/HB-2026/findings/")
    page.locator("[data-row]").first.click()
    expect(page.locator(".ll-board-back")).to_be_attached()
    expect(page).to_have_url(re.compile("/findings/F"))
    page.get_by_role("link", name="Override", exact=True).click()
    page.locator("[name=value]").select_option("low")
    page.get_by_label("Kind of reason").select_option("planned")
    page.get_by_label("Reason", exact=True).fill("Too short.")
    page.get_by_role("button", name="Set by hand").click()
    expect(page.get_by_text("Say in at least 30 characters")).to_be_visible()
    page.get_by_label("Reason", exact=True).fill(REASON)
    page.get_by_role("button", name="Set by hand").click()
    note = page.locator(".ll-overrides .ll-note")
    expect(note).to_contain_text("Low, set by Ann Reed (computed:")
    expect(page.locator(".ll-list-row--here .ll-severity--set")).to_have_text("Low")
    here = page.url.split("?")[0]

    send(site, page, harbor, "postgresql.log")
    page.goto(here)
    expect(note).to_contain_text("Stale.")
    expect(page.locator(".ll-list-row--here")).to_contain_text("override stale")
    page.keyboard.press("p")
    expect(page.locator("#finding [role=alert]")).to_contain_text("confirm the override or withdraw it")
    page.get_by_role("button", name="Confirm again").click()
    expect(note).not_to_contain_text("Stale.")
    page.keyboard.press("p")
    expect(page.locator(".ll-list-row--here")).to_contain_text("Published")
    assert list(RiskOverride.objects.order_by("pk").values_list("act", flat=True)) == ["set", "confirmed"]

    page.get_by_role("link", name="Runs and comparison").click()
    page.get_by_label("Before").select_option("run-1")
    page.get_by_label("After").select_option("run-2")
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(f"{site.url}/engagements/HB-2026/compare/run-1/run-2/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("risks")
