"""The questions of the review and the message to the client: on a phone, and without a script."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.cast import make_user
from tests.reviews.harbor import review_harbor
from tests.visitor import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

E = "/engagements/HB-2026/evidence/"


@pytest.mark.parametrize("script", [True, False])
def test_what_to_ask_for_is_read_on_a_phone(script: bool, site: Site, browser: Browser, tmp_path: Path) -> None:
    review_harbor(lead=make_user("ann", is_staff=True))
    context = browser.new_context(viewport={"width": 390, "height": 900}, java_script_enabled=script)
    visitor = site.with_page(context.new_page())
    visitor.sign_in("ann")
    visitor.open(E)
    page = visitor.page
    expect(page.get_by_label("Message to the client")).to_contain_text("pg_dump --schema-only")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as text").click()
    assert "questions are answered" in download.value.path().read_text()
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    if script:
        assert visitor.problems() == []
    context.close()
