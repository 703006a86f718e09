"""A second report says what changed since the first, where somebody wants it, and nothing of what is unpublished."""

import json
from typing import Any

import pytest

from reviews.models import Brand, Deliverable, Finding
from reviews.report import child, sections
from reviews.services.deliverables import issue_report, keep_pdf
from tests.cast import Cast, machine, make_cast, make_finding, make_upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    people = make_cast()
    make_upload(people.engagement)
    for rank, code in enumerate(("f1", "f2", "f3", "f4"), start=1):
        make_finding(people.engagement, code, "published", rank=rank)
    return people


def issued(cast: Cast) -> Deliverable:
    cast.engagement.save()
    report = issue_report(engagement=cast.engagement, user=cast.ann)
    keep_pdf(report.pk, b"%PDF", 1, [])
    return report


def change(cast: Cast) -> None:
    """f1 got better, f2 is resolved, f3 dismissed, f4 not measured, f5 new, f6 a draft."""
    findings = cast.engagement.findings
    less = {"metric": "blocks_per_call", "value": 1000, "unit": "blocks", "limit": 100}
    findings.filter(code="f1").update(machine=machine("f1", measured=less))
    findings.filter(code="f2").update(standing="resolved", present=False)
    findings.filter(code="f3").update(status=Finding.Status.DISMISSED)
    findings.filter(code="f4").update(standing="unmeasured", present=False)
    make_finding(cast.engagement, "f5", "published", rank=5)
    make_finding(cast.engagement, "f6", rank=6)


def test_only_who_wants_it_gets_it(cast: Cast) -> None:
    cast.engagement.compares = True
    assert "comparison" not in issued(cast).context, "there is nothing to compare the first with"
    cast.engagement.compares = None
    assert "comparison" not in issued(cast).context
    cast.engagement.brand = Brand.objects.create(name="B", compares=True)
    assert "comparison" in issued(cast).context
    cast.engagement.compares = False
    assert "comparison" not in issued(cast).context


def test_each_risk_that_the_client_read_of_is_accounted_for(cast: Cast) -> None:
    cast.engagement.compares = True
    issued(cast)
    change(cast)
    context = issued(cast).context
    compared = context["comparison"]
    assert {row["id"]: row["verdict"] for row in compared["rows"]} == {
        "f1": "better",
        "f2": "fixed",
        "f4": "not measured",
        "f5": "new",
    }
    assert compared["withdrawn"] == 1
    assert compared["sentence"] == ("1 of 3 risks is fixed, 1 is better, 1 is new, 1 was not measured this time.")
    assert "f6" not in json.dumps(context)
    assert "Table f3" not in json.dumps(context)


def test_the_report_prints_it_first_line_first(cast: Cast) -> None:
    cast.engagement.compares = True
    issued(cast)
    change(cast)
    report = issued(cast)
    page = render(report.context)
    section = page[page.index('id="changes"') :][:4000]
    assert "1 of 3 risks is fixed" in section
    assert "Against report 1 of" in section
    assert "−75 %" in section
    assert "1 risk of that report withdrawn since" in section
    without = {name: value for name, value in report.context.items() if name != "comparison"}
    assert 'id="changes"' not in render(without)


def render(context: dict[str, Any]) -> str:
    return child.write(sections.build(context, {}))
