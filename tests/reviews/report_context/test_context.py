"""The review's document: the same as the command's, and for a client nothing but what was published."""

import json
import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from reviews.assessment import assess
from reviews.exports import read_exports
from reviews.intake import parse_intake
from reviews.models import Engagement, Finding
from reviews.pipeline import analyse
from reviews.report.compose import compose_assessment
from reviews.report.context import build
from reviews.services.findings import update_finding
from reviews.services.overrides import set_override
from tests.cast import Cast, machine, make_cast, make_finding, make_plan_item, make_ticket, make_upload
from tests.reviews.harbor import EXPORTS, SAMPLE, review_harbor

pytestmark = pytest.mark.django_db

MARK = "zqx"


def marked(code: str) -> dict[str, Any]:
    """A finding whose every text tells whose it is."""

    def mark(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: mark(entry, key) for key, entry in value.items()}
        if isinstance(value, list):
            return [mark(entry, name) for entry in value]
        free = isinstance(value, str) and name not in KEPT
        return f"{MARK}{code} {value}" if free else value

    return mark(machine(code, causes=["f1"], symptoms=["f1"], routes=["/r"], tables=["t"], queues=["q"]))


KEPT = {
    "id", "key", "rule", "area", "mechanism", "severity", "severity_range", "confidence", "kind", "status", "causes",
    "symptoms", "grade",
}  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    people = make_cast()
    make_upload(people.engagement)
    cap = f"Raised from low: it is behind “{MARK}f2 Table f2 has no index”, which already stands there."
    make_finding(people.engagement, "f1", status="published", causes=["f2"], symptoms=["f3"], severity_cap=cap)
    for code, status in (("f2", "draft"), ("f3", "dismissed"), ("f4", "confirmed")):
        hide(people.engagement, code, status)
    hide(people.engagement, "f5", "published")
    Finding.objects.filter(code="f5").update(present=False)
    people.engagement.notes = f"{MARK} our notes"
    people.engagement.save()
    people.engagement.client.notes = f"{MARK} their notes"
    people.engagement.client.save()
    return people


def hide(engagement: Engagement, code: str, status: str) -> None:
    """A finding with marks all over it, its ticket and its place in the plan."""
    facts = {name: value for name, value in marked(code).items() if name != "status"}
    finding = make_finding(engagement, code, status, **facts)
    Finding.objects.filter(pk=finding.pk).update(title=f"{MARK} title", narrative=f"{MARK} words", set_severity="low")
    ledger = {"value": "low", "reason": f"{MARK} is the reason of this override.", "reason_code": "other"}
    finding.overrides.create(field="severity", note=MARK, author_name=MARK, **ledger)
    make_plan_item(engagement, key=code, title=f"{MARK} entry", finding_keys=[code])
    ticket = make_ticket(engagement, key=code, title=f"{MARK} ticket", note=f"{MARK} note")
    ticket.findings.add(finding)


def test_no_word_of_an_unpublished_finding_is_in_what_a_client_gets(cast: Cast) -> None:
    document = build(cast.engagement, published_only=True, number=1, issued_at=timezone.now())
    assert [finding["id"] for finding in document["findings"]] == ["f1"]
    assert (document["findings"][0]["causes"], document["findings"][0]["symptoms"]) == ([], [])
    assert MARK not in json.dumps(document)
    assert MARK in json.dumps(build(cast.engagement))


def test_no_word_of_an_unpublished_finding_is_in_the_portal(cast: Cast) -> None:
    browser = Browser()
    browser.force_login(cast.cleo)
    # The token is random text, in which a code may stand by chance.
    page = re.sub(r"csrf[^>]*|X-CSRFToken[^}]*", "", browser.get("/portal/HB-1/").content.decode())
    assert "Table f1 has no index" in page
    assert MARK not in page
    for code in ("f2", "f3", "f4", "f5"):
        assert code not in page
    for hidden in ("Other Shop", "OT-1", "ben@example.com", "ann@example.com", "Review by"):
        assert hidden not in page


def test_a_cause_is_explained_without_the_title_of_what_is_not_published(cast: Cast) -> None:
    (shown,) = build(cast.engagement, published_only=True)["findings"]
    assert shown["severity_cap"] == "Raised from low: it is behind one of its consequences, which already stands there."


def test_in_harbor_books_no_published_finding_names_another() -> None:
    engagement = review_harbor()
    titles = {row.machine["title"] for row in engagement.findings.all()}
    for finding in engagement.findings.all():
        Finding.objects.update(status="draft")
        Finding.objects.filter(pk=finding.pk).update(status="published")
        document = build(engagement, published_only=True)
        del document["method"]  # the rules that were asked, hit or not, have titles as well
        text = json.dumps(document, ensure_ascii=False)
        others = titles - {finding.machine["title"]}
        assert not [title for title in others if title in text], finding.machine["title"]


def test_lines_that_nobody_understood_are_not_shown_to_a_client(cast: Cast) -> None:
    sample = {"line": 3, "quote": f"{MARK} password=hunter2"}
    row = {"file": "pg.log", "format": "postgres-log", "totals": {}, "rejected_samples": [sample]}
    cast.engagement.uploads.update(coverage=row)
    assert MARK in json.dumps(build(cast.engagement)["coverage"])
    assert MARK not in json.dumps(build(cast.engagement, published_only=True))


def test_a_dismissed_finding_is_in_no_document(cast: Cast) -> None:
    assert "f3" not in [finding["id"] for finding in build(cast.engagement)["findings"]]


def test_the_consultants_words_stand_over_the_machines(cast: Cast) -> None:
    reason = "The table is archived in May, the customer says."
    finding = cast.engagement.findings.get(code="f1")
    changes = {"title": "Mine", "narrative": "Words"}
    saved = update_finding(finding=finding, version=0, user=cast.ann, changes=changes)
    set_override(
        finding=saved, version=1, user=cast.ann, field="severity", value="low", reason_code="planned", reason=reason
    )
    (shown,) = build(cast.engagement, published_only=True)["findings"]
    assert (shown["title"], shown["narrative"], shown["severity"]) == ("Mine", "Words", "low")
    (entry,) = shown["overrides"]
    assert (entry["from"], entry["to"], entry["reason"], entry["author"]) == ("High", "Low", reason, "")
    assert "planned" not in json.dumps(entry)


def test_a_hidden_finding_is_in_no_document(cast: Cast) -> None:
    finding = cast.engagement.findings.get(code="f1")
    reason = f"{MARK}: the client asked not to print this one."
    set_override(
        finding=finding, version=0, user=cast.ann, field="hide", value=True, reason_code="business", reason=reason
    )
    assert build(cast.engagement, published_only=True)["findings"] == []
    assert MARK not in json.dumps(build(cast.engagement, published_only=True))
    assert "f1" not in [row["id"] for row in build(cast.engagement)["findings"]]


def test_login_names_are_nobodys_business(cast: Cast) -> None:
    assert build(cast.engagement, published_only=True)["engagement"]["consultants"] == []
    cast.ann.first_name, cast.ann.last_name = "Ann", "Fictional"
    cast.ann.save()
    assert build(cast.engagement, published_only=True)["engagement"]["consultants"] == ["Ann Fictional"]


def by_command() -> dict[str, Any]:
    """What `manage.py review` writes for the sample."""
    intake = parse_intake((SAMPLE / "intake.toml").read_text())
    return compose_assessment(intake, assess(intake, read_exports([EXPORTS], lambda line: None)))


def sorted_coverage(document: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(document["coverage"], key=lambda row: str(row["file"]))


def test_the_workspace_says_what_the_command_says() -> None:
    command, workspace = by_command(), json.loads(json.dumps(build(review_harbor())))
    command = json.loads(json.dumps(command))
    assert sorted_coverage(workspace) == sorted_coverage(command)
    people = {"narrative": ""}
    assert workspace["findings"] == [finding | people for finding in command["findings"]]
    for part in ("not_assessed", "clear", "plan", "method", "schema", "scorecard", "scenarios", "capacity"):
        assert workspace[part] == command[part], part
    assert [{**ticket, "state": "open", "owner": ""} for ticket in command["tickets"]] == workspace["tickets"]
    ours = {"code", "number", "issued_at", "version", "consultants", "stage", "inputs"}
    facts = {name: value for name, value in workspace["engagement"].items() if name not in ours}
    assert facts == {name: value for name, value in command["engagement"].items() if name not in ours}


def test_what_is_published_in_full_is_what_was_judged() -> None:
    engagement = review_harbor()
    Finding.objects.update(status="published")
    document = build(engagement, published_only=True)
    stored = build(engagement)
    assert [finding["id"] for finding in document["findings"]] == [finding["id"] for finding in stored["findings"]]
    assert [ticket["id"] for ticket in document["tickets"]] == [ticket["id"] for ticket in stored["tickets"]]
    assert document["plan"] == stored["plan"]


def test_what_people_moved_stays_where_they_put_it() -> None:
    engagement = review_harbor()
    item = engagement.plan_items.exclude(day=5).filter(kind="fix").first()
    item.moved_to = 5
    item.save()
    analyse(engagement)
    for published_only in (False, True):
        Finding.objects.update(status="published")
        plan = build(engagement, published_only=published_only)["plan"]
        days = {entry["key"]: window["day"] for window in plan for entry in window["entries"]}
        assert days[item.key] == 5
