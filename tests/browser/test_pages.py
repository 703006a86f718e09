"""Every main page: nothing that axe calls serious, nothing wider than a phone, no script error, no breach of policy."""

import pytest
from playwright.sync_api import Browser, Page

from reviews.models import Brand, Engagement, Finding, PortalAccess
from reviews.report.context import build
from tests.cast import make_deliverable, make_upload, make_user
from tests.reviews.harbor import open_harbor, review_harbor
from tests.visitor import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

E = "/engagements/HB-2026"
WORKSPACE = (
    "/admin/", f"{E}/", f"{E}/intake/", f"{E}/evidence/", f"{E}/findings/", f"{E}/findings/{{code}}/",
    f"{E}/findings/{{code}}/edit/", f"{E}/findings/{{code}}/override/", f"{E}/runs/", f"{E}/runs/1/",
    f"{E}/compare/run-1/report-1/",
    f"{E}/capacity/burst/?station=queue:emails&shape=herd&rate=1&count=20&again=0&failing=0&first=0",
    f"{E}/risk-map/", f"{E}/capacity/", f"{E}/capacity/outlook/", f"{E}/plan/", f"{E}/tickets/", f"{E}/report/",
    "/rules/", "/rules/PG001/", "/admin/reviews/engagement/", "/admin/reviews/engagement/add/",
    "/admin/reviews/finding/",
    "/admin/telemetry/upload/", "/admin/tickets/ticket/", "/admin/reviews/deliverable/", "/admin/reviews/client/",
    "/admin/reviews/brand/add/",
)  # fmt: skip
PORTAL = ("/portal/HB-2026/", "/accounts/password/change/", "/accounts/2fa/", "/accounts/logout/")
STRANGER = ("/accounts/login/", "/accounts/password/reset/")
UNFOLD = "for (const fold of document.querySelectorAll('details')) fold.open = true"  # what is folded must be fit too
LOOKS = {"wide and light": (1440, "light"), "narrow and dark": (390, "dark")}


@pytest.fixture
def harbor() -> Engagement:
    """The sample review with names wider than a phone, half published, with a report, a failed and a waiting file."""
    ann = make_user("ann", is_staff=True)
    engagement = review_harbor(lead=ann)
    engagement.findings.filter(severity="high").update(status=Finding.Status.PUBLISHED)
    engagement.findings.filter(rule="PG001").update(title="orders_by_customer_" * 6, narrative="`" + "x" * 200 + "`")
    type(engagement).objects.filter(pk=engagement.pk).update(title="Wordwithoutspaces" * 7)
    Brand.objects.create(name="Northgate Scaling")
    PortalAccess.objects.create(user=make_user("cleo"), client=engagement.client)
    make_deliverable(engagement, issued_by=ann, context=build(engagement, published_only=True))
    make_upload(engagement, file_name="empty.csv", sha256="1" * 64, state="failed", format="", error="It is empty.")
    make_upload(engagement, file_name="next.log", sha256="2" * 64, state="reading", format="", finished_at=None)
    return engagement


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_can_be_read_by_everybody(look: str, harbor: Engagement, site: Site, browser: Browser) -> None:
    width, scheme = LOOKS[look]
    code = harbor.findings.get(rule="PG001").code  # the one with the longest quotes
    wrong: list[str] = []
    for name, paths in (("", STRANGER), ("ann", WORKSPACE), ("cleo", PORTAL)):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        visitor = site.with_page(context.new_page())
        listen(visitor.page, wrong)
        if name:
            visitor.sign_in(name)
        for path in paths:
            visitor.open(path.format(code=code))
            visitor.page.wait_for_load_state()
            visitor.page.evaluate(UNFOLD)
            wrong += [f"{path}: {problem}" for problem in visitor.problems()]
        context.close()
    assert not wrong, "\n".join(wrong)


def listen(page: Page, wrong: list[str]) -> None:
    """Write down script errors and breaches of the content policy."""
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: "Content Security" in line.text and wrong.append(line.text))


def test_the_check_itself_sees_what_is_wrong(site: Site, page: Page) -> None:
    page.set_content("<html lang=en><title>x</title><main style='width:3000px'><h1>x</h1><input type=text></main>")
    found = site.problems()
    assert any("label" in text for text in found)
    assert "scrolls sideways" in found


def test_the_keyboard_reaches_the_content_first(site: Site, page: Page) -> None:
    open_harbor(lead=make_user("ann", is_staff=True))
    site.sign_in("ann")
    for path, target in ((f"{E}/", "#content"), ("/accounts/2fa/", "#main")):
        site.open(path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == target
        assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
