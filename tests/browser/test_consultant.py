"""The consultant's journey, with a real worker: files in, findings, an edit, a conflict, a report out."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reviews.models import Engagement
from reviews.serve.service import Process
from tests.cast import make_user
from tests.reviews.harbor import EXPORTS, open_harbor
from tests.visitor import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILES: list[str | Path] = [EXPORTS / "pg_stat_statements.csv", EXPORTS / "redis-info.txt"]


@pytest.fixture
def harbor(transactional_db: None) -> Engagement:
    return open_harbor(lead=make_user("ann", is_staff=True))


def test_from_upload_to_report(harbor: Engagement, celery_worker_process: Process, site: Site, page: Page) -> None:
    site.sign_in("ann")
    send_files(page)
    edit_and_meet_a_conflict(site, page)
    publish(page)
    issue(site, page)


def send_files(page: Page) -> None:
    """From the dashboard to files that were read and judged."""
    page.get_by_role("link", name="Harbor Books").click()
    page.get_by_role("link", name="Add the client's exports").first.click()
    page.locator("#files").set_input_files(FILES)
    page.get_by_role("button", name="Send files").click()
    for path in FILES:
        row = page.locator(".ll-upload", has_text=Path(path).name)
        expect(row.get_by_text("Read", exact=True)).to_be_visible()
        expect(row.locator("progress")).to_have_count(0)
    expect(page.locator("#answers [role=status]")).to_contain_text("Judged")
    expect(page.locator("#steps")).to_contain_text("2 files read")
    assert page.locator("[hx-trigger*=every]").count() == 0, "polling goes on after the reading"


def edit_and_meet_a_conflict(site: Site, page: Page) -> None:
    """The first finding is edited twice at the same time; nothing is lost."""
    page.get_by_role("link", name="Look at the findings").click()
    page.locator("[data-row]").first.click()
    expect(page.locator(".ll-board-back")).to_be_attached()
    other = page.context.new_page()
    site.with_page(other).open(page.url.removeprefix(site.url))
    for window in (page, other):
        window.keyboard.press("e")
        expect(window.locator("[name=title]")).to_be_focused()
    save(page, "What we saw **first**.")
    expect(page.locator("#board-status")).to_contain_text("Saved")
    expect(page.locator("#finding strong").filter(has_text="first")).to_be_visible()
    save(other, "What I saw.")
    versions = other.locator(".ll-versions")
    expect(versions).to_contain_text("What we saw **first**.")
    expect(versions).to_contain_text("What I saw.")
    expect(other.get_by_label("Narrative")).to_have_value("What I saw.")
    other.get_by_role("button", name="Save mine over theirs").click()
    expect(other.locator("#finding .ll-prose")).to_contain_text("What I saw.")
    other.close()


def save(window: Page, narrative: str) -> None:
    window.get_by_label("Narrative").fill(narrative)
    window.locator("#finding button[type=submit]").click()


def publish(page: Page) -> None:
    """One finding is confirmed, published and marked so in the list."""
    page.reload()
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.locator(".ll-list-row--here")).to_contain_text("Confirmed")
    page.keyboard.press("p")
    expect(page.locator(".ll-list-row--here")).to_contain_text("Published")


def issue(site: Site, page: Page) -> None:
    """The report is issued, rendered by the worker and can be downloaded."""
    page.get_by_role("link", name="Report not issued").click()
    page.get_by_role("button", name="Issue report with 1 finding").click()
    link = page.locator(".ll-report").get_by_role("link", name="PDF")
    expect(link).to_be_visible()
    answer = page.request.get(site.url + str(link.get_attribute("href")))
    assert answer.body().startswith(b"%PDF")
