"""Runs, the preview of what would be resolved, and two judgings side by side."""

import pytest
from django.test import Client as Browser

from reviews.models import Finding
from tests.cast import Cast, machine, make_deliverable, make_finding, make_run

E = "/engagements/HB-1/"


@pytest.fixture
def compared(cast: Cast) -> Cast:
    """Two runs: f1 got better, f2 is clear, f3 is new."""
    first, second = make_finding(cast.engagement, "f1"), make_finding(cast.engagement, "f2")
    make_run(cast.engagement, number=1)
    less = {"metric": "blocks_per_call", "value": 1000, "unit": "blocks", "limit": 100}
    Finding.objects.filter(pk=first.pk).update(machine=machine("f1", measured=less))
    Finding.objects.filter(pk=second.pk).update(standing="clear")
    make_finding(cast.engagement, "f3")
    run = make_run(cast.engagement, number=2, new_files=["stats.csv"])
    fields = [{"field": "measured.value", "before": 4000, "after": 1000}]
    run.changes.create(finding=first, outcome="updated", fields=fields, numbers=True)
    make_deliverable(cast.engagement, context={"findings": [machine("f1"), machine("f2")]})
    return cast


def test_runs_say_why_they_were_made_and_what_would_be_resolved(browser: Browser, compared: Cast) -> None:
    page = browser.get(f"{E}runs/").content.decode()
    assert "1 finding would be resolved" in page
    assert "stats.csv" in page
    assert 'value="f2" checked' in page
    assert "1 finding would be resolved" in browser.get(f"{E}findings/").content.decode()


def test_a_person_confirms_what_is_resolved(browser: Browser, compared: Cast) -> None:
    browser.post(f"{E}findings/resolve/", {"finding": ["f1", "f2"]})
    assert dict(Finding.objects.values_list("code", "standing")) == {"f1": "shown", "f2": "resolved", "f3": "shown"}
    answer = browser.post(f"{E}findings/resolve/", follow=True)
    assert "Nothing was resolved" in answer.content.decode()


def test_a_run_shows_each_field_before_and_after(browser: Browser, compared: Cast) -> None:
    page = browser.get(f"{E}runs/2/").content.decode()
    assert "4,000" in page
    assert "1,000" in page
    assert "before=run-1&amp;after=run-2" in page


def test_a_finding_has_its_history_by_run(browser: Browser, compared: Cast) -> None:
    page = browser.get(f"{E}findings/f1/").content.decode()
    assert "Measured value: 4,000 → 1,000" in page
    assert "Untouched" in page


def test_the_newest_report_is_offered_against_the_newest_run(browser: Browser, compared: Cast) -> None:
    page = browser.get(f"{E}runs/").content.decode()
    assert page.count('value="report-1" selected') == page.count('value="run-2" selected') == 1
    compared.engagement.deliverables.all().delete()
    assert 'value="run-1" selected' in browser.get(f"{E}runs/").content.decode()


def test_what_was_fixed_stands_before_what_stayed_and_says_what_was_measured(browser: Browser, compared: Cast) -> None:
    make_finding(compared.engagement, "f4")
    make_run(compared.engagement, number=3)
    make_run(compared.engagement, number=4)
    page = browser.get(f"{E}compare/run-1/run-4/").content.decode()
    assert page.index(">New <") < page.index(">Fixed <") < page.index(">Better <")
    assert "was blocks per call 4,000" in page.split(">Fixed <")[1].split(">Better <")[0]


def test_two_runs_side_by_side_open_with_a_sentence(browser: Browser, compared: Cast) -> None:
    answer = browser.get(f"{E}compare/?before=run-1&after=run-2")
    assert answer.url == f"{E}compare/run-1/run-2/"  # type: ignore[attr-defined]
    page = browser.get(f"{E}compare/run-1/run-2/").content.decode()
    assert "<h1>1 of 2 risks is fixed, 1 is better, 1 is new.</h1>" in page
    assert "−75 %" in page
    assert "to be confirmed" in page


def test_a_report_is_compared_with_a_run(browser: Browser, compared: Cast) -> None:
    compared_json = browser.get(f"{E}compare/report-1/run-2.json").json()
    assert compared_json["schema"] == "loadline.comparison/1"
    assert compared_json["counts"] == {"worse": 0, "new": 1, "better": 1, "same": 0, "fixed": 1, "not measured": 0}
    assert compared_json["before"]["name"] == "report-1"


def test_a_report_that_is_not_issued_is_compared_with_nothing(browser: Browser, compared: Cast) -> None:
    make_deliverable(compared.engagement, number=2, state="failed")
    assert browser.get(f"{E}compare/report-2/run-1/").status_code == 404


def test_without_two_names_the_choice_is_shown(browser: Browser, compared: Cast) -> None:
    assert browser.get(f"{E}compare/?before=run-1").url == f"{E}runs/"  # type: ignore[attr-defined]


def test_the_portal_knows_no_runs(compared: Cast) -> None:
    Finding.objects.update(status="published")
    reader = Browser()
    reader.force_login(compared.cleo)
    page = reader.get("/portal/HB-1/").content.decode()
    for word in ("Run 1", "stats.csv", "would be resolved", "clear now"):
        assert word not in page
    for path in ("runs/", "runs/1/", "compare/run-1/run-2/", "compare/run-1/run-2.json"):
        assert reader.get(f"{E}{path}").status_code == 404
        assert reader.get(f"/portal/HB-1/{path}").status_code == 404
