"""Saving an edit: kept, refused with what was typed, or shown as two versions."""

import pytest
from django.test import Client as Browser

from reviews.models import Finding, FindingChange
from tests.cast import Cast, make_finding

URL = "/engagements/HB-1/findings/f1/save/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def finding(cast: Cast) -> Finding:
    return make_finding(cast.engagement)


def typed(finding: Finding, **changes: str) -> dict[str, str]:
    """What the form sends."""
    form = {"title": finding.shown_title, "narrative": ""}
    return form | {"version": str(finding.version), "status": finding.status} | changes


def test_a_plain_form_is_kept_and_leads_to_the_finding(browser: Browser, finding: Finding) -> None:
    answer = browser.post(URL, typed(finding, narrative="Ours."))
    assert (answer.status_code, answer.url) == (302, "/engagements/HB-1/findings/f1/")  # type: ignore[attr-defined]
    finding.refresh_from_db()
    assert (finding.narrative, finding.version, finding.edited_by.username) == ("Ours.", 1, "ann")


def test_htmx_gets_the_finding_the_row_and_the_saved_state(browser: Browser, finding: Finding) -> None:
    page = browser.post(URL, typed(finding, title="Orders are slow"), headers=HTMX).content.decode()
    assert page.lstrip().startswith('<article id="finding"')
    assert page.count("hx-swap-oob") == 2
    assert "Saved " in page
    assert "Orders are slow" in page


def test_an_empty_title_is_refused(browser: Browser, finding: Finding) -> None:
    answer = browser.post(URL, typed(finding, title=""))
    assert answer.status_code == 422
    assert "This field is required" in answer.content.decode()


def test_a_lost_update_shows_both_versions_and_writes_nothing(browser: Browser, finding: Finding) -> None:
    opened = typed(finding)
    browser.post(URL, opened | {"narrative": "Theirs."})
    answer = browser.post(URL, opened | {"narrative": "Mine."}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs." in page
    assert "Mine." in page
    assert 'name="version" value="1"' in page
    finding.refresh_from_db()
    assert finding.narrative == "Theirs."


def test_mine_can_replace_theirs_after_the_conflict(browser: Browser, finding: Finding) -> None:
    opened = typed(finding)
    browser.post(URL, opened | {"narrative": "Theirs."})
    browser.post(URL, opened | {"narrative": "Mine.", "version": "1"})
    finding.refresh_from_db()
    assert finding.narrative == "Mine."
    assert FindingChange.objects.filter(finding=finding, field="narrative").count() == 2


def test_typed_markup_stays_text(browser: Browser, finding: Finding) -> None:
    words = "<script>alert(1)</script> {{ secret }} {% now 'Y' %}"
    page = browser.post(URL, typed(finding, narrative=words, title="<b>{{ x }}</b>"), headers=HTMX).content.decode()
    assert "<script>" not in page
    assert "{{ secret }}" in page
    assert "&lt;b&gt;{{ x }}&lt;/b&gt;" in page
