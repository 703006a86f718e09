"""A table that nothing knows: sent, mapped on its page, read; the next one with the same columns reads itself."""

import pytest
from playwright.sync_api import Page, expect

from reviews.models import Engagement
from reviews.serve.service import Process
from tests.cast import Cast, make_cast, make_mapping, make_table
from tests.visitor import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABLE = (
    "Start;End;Service;Duration;Owner\n"
    "03/04/2026 10:00;03/04/2026 11:30;checkout;90 min;Jane Doe\n"
    "05/06/2026 09:00;;search;;John Roe\n"
)
LATER = TABLE + "07/08/2026 09:00;07/08/2026 09:05;search;5 min;Jane Doe\n"
WIDE = "Endpoint,Requests,P95,Errors\n" + "".join(f"/api/route/{at},{at * 100},{at}.5 ms,x\n" for at in range(1, 30))


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def send(page: Page, name: str, text: str) -> None:
    page.locator("#files").set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_role("button", name="Send files").click()


def test_from_an_unknown_table_to_evidence(cast: Cast, celery_worker_process: Process, site: Site, page: Page) -> None:
    site.sign_in("ann")
    site.open("/engagements/HB-1/evidence/")
    send(page, "sheet.csv", TABLE)
    row = page.locator(".ll-upload", has_text="sheet.csv")
    expect(row.get_by_text("Needs an answer")).to_be_visible()
    expect(page.locator("#answers [role=status]")).to_contain_text("Judged")  # without it
    row.get_by_role("link", name="say what it is").click()
    expect(page.get_by_label("What is this table?")).to_have_value("incidents")
    expect(page.get_by_text("Does 03/04/2026 10:00 begin with the day or with the month?")).to_be_visible()
    expect(page.get_by_text("Jane Doe")).to_have_count(0)
    page.get_by_label("Start", exact=True).select_option("started:dmy")
    expect(page.get_by_text("Probably start")).to_have_count(0)
    page.get_by_label("End", exact=True).focus()
    page.get_by_label("End", exact=True).select_option("resolved:dmy")
    expect(page.get_by_text("2 would be read")).to_be_visible()
    expect(page.get_by_label("End", exact=True)).to_have_value("resolved:dmy")
    assert page.evaluate("document.activeElement.id") == page.get_by_label("End", exact=True).get_attribute("id")
    page.get_by_role("button", name="Read it so").click()
    expect(page.locator(".ll-upload", has_text="sheet.csv").get_by_text("Read", exact=True)).to_be_visible()
    send(page, "later.csv", LATER)
    later = page.locator(".ll-upload", has_text="later.csv")
    expect(later.get_by_text("Read", exact=True)).to_be_visible()
    expect(later).to_contain_text("Read with the mapping of")
    upload = cast.engagement.uploads.get(file_name="later.csv")
    assert upload.evidence.filter(kind="ops.incident").count() == 3


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_page_can_be_read_and_used_by_everybody(
    width: int, scheme: str, cast: Cast, site: Site, page: Page
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    upload = make_table(cast.engagement, WIDE)
    site.sign_in("ann")
    for path in (f"{upload.pk}/mapping/", ""):
        site.open(f"/engagements/HB-1/evidence/{path}")
        page.wait_for_load_state()
        assert site.problems() == []
    make_mapping(cast.engagement, upload, cast.ann)
    site.open(f"/engagements/HB-1/evidence/{upload.pk}/mapping/")
    assert site.problems() == []


def test_without_a_script_the_page_is_a_plain_form(cast: Cast, site: Site, page: Page) -> None:
    upload = make_table(cast.engagement, TABLE)
    site.sign_in("ann")
    cookies = page.context.cookies()
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(f"{site.url}/engagements/HB-1/evidence/{upload.pk}/mapping/")
    plain.get_by_label("What is this table?").select_option("tenants")
    plain.get_by_role("button", name="Show its columns").click()
    expect(plain.get_by_label("What is this table?")).to_have_value("tenants")
    plain.get_by_label("What is this table?").select_option("incidents")
    plain.get_by_role("button", name="Show its columns").click()
    plain.get_by_role("button", name="Read it so").click()
    expect(plain.get_by_text("No column is given for: start.")).to_be_visible()
    plain.get_by_label("Start", exact=True).select_option("started:dmy")
    plain.get_by_role("button", name="Read it so").click()
    expect(plain.get_by_text("Kept for Harbor Books")).to_be_visible()
    context.close()
    assert Engagement.objects.get(code="HB-1").client.column_mappings.get().target == "incidents"
