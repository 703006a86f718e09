"""Deciding with one key."""

import pytest
from django.test import Client as Browser

from reviews.models import Finding
from tests.cast import Cast, make_finding

URL = "/engagements/HB-1/findings/f1/status/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def finding(cast: Cast) -> Finding:
    return make_finding(cast.engagement)


@pytest.mark.parametrize("status", ["confirmed", "published", "dismissed"])
def test_a_decision_is_kept(status: str, browser: Browser, finding: Finding) -> None:
    answer = browser.post(URL, {"version": 0, "status": status})
    assert answer.status_code == 302
    finding.refresh_from_db()
    assert finding.status == status


@pytest.mark.parametrize(
    ("posted", "status", "words"),
    [
        ({"version": 0, "status": "forgotten"}, 422, "not a state a finding can have"),
        ({"version": "x", "status": "published"}, 422, "not a state a finding can have"),
        ({"version": 7, "status": "published"}, 409, "Somebody else saved this finding"),
    ],
)
def test_what_cannot_be_decided_says_why(
    posted: dict[str, object], status: int, words: str, browser: Browser, finding: Finding
) -> None:
    answer = browser.post(URL, posted, headers=HTMX)
    assert answer.status_code == status
    assert words in answer.content.decode()
    finding.refresh_from_db()
    assert finding.status == "draft"


def test_publish_confirmed_leaves_drafts_alone(browser: Browser, finding: Finding, cast: Cast) -> None:
    make_finding(cast.engagement, "f2", status="confirmed")
    page = browser.post("/engagements/HB-1/findings/publish/", follow=True).content.decode()
    assert "Published: 1." in page
    assert dict(Finding.objects.values_list("code", "status")) == {"f1": "draft", "f2": "published"}
