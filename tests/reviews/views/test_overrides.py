"""Setting a finding by hand on the board: forms for every field, refusals in place, one click to confirm."""

from typing import Any

import pytest
from django.test import Client as Browser

from reviews.models import Finding, RiskOverride
from reviews.services.findings import refresh_findings
from reviews.views import overrides
from tests.cast import Cast, machine, make_finding, make_override

URL = "/engagements/HB-1/findings/f1/"
HTMX = {"HX-Request": "true"}
REASON = "The client runs this at night only, nobody waits."


@pytest.fixture(autouse=True)
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Engagements that are sent to be judged again."""
    sent: list[int] = []
    monkeypatch.setattr(overrides, "send_on_commit", lambda task, row_id: sent.append(row_id))
    return sent


@pytest.fixture
def finding(cast: Cast) -> Finding:
    return make_finding(cast.engagement)


def typed(**changes: Any) -> dict[str, Any]:
    return {"version": 0, "field": "severity", "value": "low", "reason_code": "business", "reason": REASON} | changes


@pytest.mark.parametrize(
    ("field", "computed"),
    [
        ("severity", "High"),
        ("proximity", "5 of 5"),
        ("degradation", "1 (stops, loses or duplicates money or rows)"),
        ("exposure", "100 %"),
        ("effort", "1 engineer-day"),
        ("hide", "shown"),
        ("nonsense", "High"),
    ],
)
def test_the_form_says_what_is_computed(field: str, computed: str, browser: Browser, finding: Finding) -> None:
    for headers in ({}, HTMX):
        page = browser.get(f"{URL}override/?field={field}", headers=headers).content.decode()
        assert f"Computed: <strong>{computed}</strong>" in page


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [("severity", "low", "low"), ("proximity", "2", 2), ("degradation", "0.3", 0.3), ("exposure", "12.5", 0.125),
     ("effort", "4", 4.0), ("hide", "", True)],
)  # fmt: skip
def test_each_field_is_stored_as_it_is_computed(
    field: str, value: str, stored: object, browser: Browser, finding: Finding, judged: list[int]
) -> None:
    answer = browser.post(f"{URL}override/save/", typed(field=field, value=value))
    assert (answer.status_code, answer.url) == (302, URL)  # type: ignore[attr-defined]
    assert RiskOverride.objects.get().value == stored
    assert judged == [finding.engagement_id]


def test_it_is_printed_beside_the_computed_value(browser: Browser, finding: Finding) -> None:
    page = browser.post(f"{URL}override/save/", typed(), headers=HTMX).content.decode()
    assert "<strong>Low, set by ann</strong> (computed: High): The client runs this" in page
    assert 'll-severity--low ll-severity--set">Low' in page
    assert page.count("hx-swap-oob") == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": "Short."}, "at least 30 characters"),
        ({"value": "huge"}, "Select a valid choice"),
        ({"field": "exposure", "value": "120"}, "less than or equal to 100"),
        ({"field": "effort", "value": "0"}, "greater than or equal to 0.125"),
        ({"review_by": "soon"}, "Enter a valid date"),
    ],
)
def test_what_is_incomplete_comes_back_with_what_was_typed(
    change: dict[str, str], words: str, browser: Browser, finding: Finding
) -> None:
    answer = browser.post(f"{URL}override/save/", typed(**change), headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert change.get("reason", REASON) in page
    assert not RiskOverride.objects.exists()


def test_a_lost_update_is_said(browser: Browser, finding: Finding) -> None:
    browser.post(f"{URL}override/save/", typed())
    answer = browser.post(f"{URL}override/save/", typed(value="medium"))
    assert answer.status_code == 409
    assert "Somebody else saved this finding" in answer.content.decode()


def test_a_stale_override_is_confirmed_with_one_click(browser: Browser, cast: Cast, finding: Finding) -> None:
    entry = make_override(finding, cast.ann)
    refresh_findings(engagement=cast.engagement, findings=[machine(severity="low")])
    page = browser.get(URL).content.decode()
    assert "override stale" in page
    assert "1 override stale: what it was set against" in page
    assert "Severity was high, is low" in page
    answer = browser.post(f"{URL}overrides/{entry.pk}/confirm/", {"version": 1, "note": "It holds."}, headers=HTMX)
    assert "Stale." not in answer.content.decode()
    assert browser.post(f"{URL}overrides/{entry.pk}/confirm/", {"version": 2, "note": "x"}).status_code == 404


def test_it_is_withdrawn(browser: Browser, cast: Cast, finding: Finding) -> None:
    entry = make_override(finding, cast.ann)
    assert browser.post(f"{URL}overrides/{entry.pk}/withdraw/", {"version": 1}).status_code == 302
    finding.refresh_from_db()
    assert finding.shown_severity == "high"
    assert RiskOverride.objects.count() == 2


def test_hidden_findings_have_a_list_of_their_own(browser: Browser, cast: Cast, finding: Finding) -> None:
    make_finding(cast.engagement, "f2")
    make_override(finding, cast.ann, "hide", True)
    board = browser.get("/engagements/HB-1/findings/").content.decode()
    assert 'id="row-f1"' not in board
    assert "1 hidden by an override" in board
    hidden = browser.get("/engagements/HB-1/findings/?hidden=1").content.decode()
    assert 'id="row-f1"' in hidden
    assert 'id="row-f2"' not in hidden
    assert "finding-f1" not in browser.get("/engagements/HB-1/risk-map/").content.decode()


def test_the_client_reads_nothing_of_it(cast: Cast, finding: Finding) -> None:
    Finding.objects.update(status="published")
    make_override(finding, cast.ann, "proximity", 2)
    make_override(make_finding(cast.engagement, "f2", "published"), cast.ann, "hide", True)
    reader = Browser()
    reader.force_login(cast.cleo)
    page = reader.get("/portal/HB-1/").content.decode()
    assert "Table f1" in page
    for secret in ("Table f2", "archived in May", "planned", "overrid", "hidden by", "ann"):
        assert secret not in page.replace("planned</", ""), secret
