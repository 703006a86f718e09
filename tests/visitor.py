"""What a person does on the site, in the words of the tests."""

from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.services import PATIENCE_S

AXE = Axe()
# A colour that is still changing has another contrast than the one that stays.
AT_REST = """document.getAnimations().forEach(
  (moving) => moving.effect.getComputedTiming().endTime === Infinity || moving.finish())"""


@dataclass
class Site:
    """The address of the site and the page that looks at it."""

    url: str
    page: Page

    def __post_init__(self) -> None:
        self.page.set_default_timeout(1000 * PATIENCE_S)

    def sign_in(self, name: str) -> None:
        """As a person does it, through the form."""
        self.open("/accounts/login/")
        self.page.get_by_label("User name or email").fill(name)
        self.page.get_by_label("Password", exact=True).fill(f"a long password of {name}")
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page).not_to_have_url(f"{self.url}/accounts/login/")

    def open(self, path: str) -> None:
        """Go to a path of the site; anything but a page is a failure."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def with_page(self, page: Page) -> "Site":
        """The same site seen by another page."""
        return Site(self.url, page)

    def problems(self) -> list[str]:
        """What axe finds serious or critical, and a page that is wider than its window."""
        self.page.evaluate(AT_REST)
        found = [
            f"{rule['impact']} {rule['id']}: {rule['nodes'][0]['html'][:200]}"
            for rule in AXE.run(self.page).response["violations"]
            if rule["impact"] in ("serious", "critical")
        ]
        return [*found, "scrolls sideways"] if self.scrolls_sideways() else found

    def scrolls_sideways(self) -> bool:
        """Whether the page is wider than its window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
