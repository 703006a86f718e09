"""Two hands write a finding, the machine's and the consultant's, and neither overwrites the other."""

import json

import pytest
from django.db import connection

from reviews.models import Engagement, Finding, FindingChange
from reviews.services.edits import EditConflict
from reviews.services.findings import (
    Refreshed,
    publish_confirmed,
    refresh_findings,
    refresh_outcomes,
    update_finding,
)
from tests.cast import Cast, machine, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def engagement(cast: Cast) -> Engagement:
    return cast.engagement


def refreshed(engagement: Engagement, *machines: dict[str, object]) -> Refreshed:
    return refresh_findings(engagement=engagement, findings=machines)


def finding(engagement: Engagement, code: str = "f1") -> Finding:
    return engagement.findings.get(code=code)


def edit(cast: Cast, version: int = 0, code: str = "f1", **changes: str) -> Finding:
    return update_finding(finding=finding(cast.engagement, code), version=version, user=cast.ann, changes=changes)


def test_the_first_run_makes_drafts(engagement: Engagement) -> None:
    assert refreshed(engagement, machine("f1"), machine("f2")) == Refreshed(created=2)
    assert set(engagement.findings.values_list("status", "present", "version")) == {("draft", True, 0)}


def test_the_same_evidence_twice_writes_nothing(engagement: Engagement) -> None:
    refreshed(engagement, machine())
    before = list(Finding.objects.values())
    assert refreshed(engagement, machine()) == Refreshed(untouched=1)
    assert list(Finding.objects.values()) == before
    assert not FindingChange.objects.exists()


@pytest.mark.parametrize(
    "value",
    [
        1,
        1.0,
        0.1,
        -0.0,
        1e16,
        1e22,
        1e23,
        1.7976931348623157e308,
        5e-324,
        2**63,
        123456789.123456789,
        True,
        None,
        "1",
        (),
    ],
)
def test_what_the_database_gives_back_counts_as_the_same(engagement: Engagement, value: object) -> None:
    computed = machine(measured={"metric": "m", "value": value, "nested": (value, [value]), 7: {"x": value}})
    refreshed(engagement, computed)
    assert refreshed(engagement, computed) == Refreshed(untouched=1)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (1, True), (0, False), (None, 0), ([1], [1, 2]), ({}, {"a": None})])
def test_what_differs_is_written(engagement: Engagement, old: object, new: object) -> None:
    refreshed(engagement, machine(measured={"value": old}))
    assert refreshed(engagement, machine(measured={"value": new})) == Refreshed(updated=1)
    assert finding(engagement).machine["measured"] == {"value": new}


def test_new_telemetry_changes_the_machines_fields_and_leaves_the_consultants(cast: Cast) -> None:
    refreshed(cast.engagement, machine())
    edit(
        cast,
        title="My title",
        narrative="My **words**",
        status="published",
    )
    mine = ("title", "narrative", "status", "version", "edited_at", "edited_by")
    before = Finding.objects.values(*mine).get()
    assert refreshed(cast.engagement, machine(severity="medium", rank=7, title="Theirs")) == Refreshed(updated=1)
    now = finding(cast.engagement)
    assert Finding.objects.values(*mine).get() == before
    assert (now.severity, now.rank, now.machine["title"]) == ("medium", 7, "Theirs")
    assert (now.shown_title, now.shown_severity) == ("My title", "medium")
    assert ("computed severity", "high", "medium", None) in now.changes.values_list("field", "old", "new", "by")


def test_what_is_no_longer_shown_stays_and_comes_back(cast: Cast) -> None:
    refreshed(cast.engagement, machine("f1"), machine("f2"))
    edit(cast, status="confirmed", narrative="Mine")
    assert refreshed(cast.engagement, machine("f2")) == Refreshed(unmeasured=1, untouched=1)
    assert refreshed(cast.engagement, machine("f2")) == Refreshed(untouched=1)
    gone = finding(cast.engagement)
    assert (gone.present, gone.status, gone.narrative) == (False, "confirmed", "Mine")
    assert refreshed(cast.engagement, machine("f1"), machine("f2")) == Refreshed(reopened=1, untouched=1)
    back = finding(cast.engagement)
    assert (back.present, back.status, back.narrative) == (True, "confirmed", "Mine")
    assert list(back.changes.filter(field="standing").values_list("old", "new")) == [
        ("unmeasured", "shown"),
        ("shown", "unmeasured"),
    ]


def test_text_that_a_database_refuses_does_not_stop_a_run(engagement: Engagement) -> None:
    hostile = machine(title="a\x00b", measured={"value": float("nan")})
    assert refreshed(engagement, hostile) == Refreshed(created=1)
    assert refreshed(engagement, hostile) == Refreshed(untouched=1)
    refresh_outcomes(engagement=engagement, not_assessed=[{"rule": "PG001", "title": "\x00"}], clear=[])


def test_an_edit_is_kept_with_who_when_and_why(cast: Cast) -> None:
    refreshed(cast.engagement, machine())
    saved = edit(cast, narrative="  Words ", status="confirmed")
    assert (saved.version, saved.edited_by) == (1, cast.ann)
    changes = set(saved.changes.values_list("field", "old", "new", "by"))
    assert changes == {("narrative", "", "Words", cast.ann.pk), ("status", "draft", "confirmed", cast.ann.pk)}


def test_the_machines_title_typed_again_is_no_title_of_ones_own(cast: Cast) -> None:
    refreshed(cast.engagement, machine())
    assert edit(cast, title="Table f1 has no index").version == 0
    refreshed(cast.engagement, machine(title="Two tables have no index"))
    assert finding(cast.engagement).shown_title == "Two tables have no index"


def test_a_stale_edit_is_refused_before_the_write(cast: Cast) -> None:
    refreshed(cast.engagement, machine())
    edit(cast, narrative="Ann's words")
    with pytest.raises(EditConflict) as conflict:
        edit(cast, version=0, narrative="Ben's words")
    assert conflict.value.current.narrative == "Ann's words"
    assert finding(cast.engagement).narrative == "Ann's words"
    assert finding(cast.engagement).changes.count() == 1


def test_saving_what_stands_there_already_is_no_conflict_and_no_write(cast: Cast) -> None:
    refreshed(cast.engagement, machine())
    edit(cast, narrative="The same words")
    assert edit(cast, version=0, narrative="The same words").version == 1
    assert finding(cast.engagement).changes.count() == 1


def test_only_what_is_confirmed_and_still_shown_is_published(cast: Cast) -> None:
    refreshed(cast.engagement, machine("f1"), machine("f2"), machine("f3"))
    edit(cast, code="f1", status="confirmed")
    edit(cast, code="f2", status="confirmed")
    refreshed(cast.engagement, machine("f1"), machine("f3"))
    assert publish_confirmed(engagement=cast.engagement, user=cast.ann) == 1
    assert [row.code for row in cast.engagement.findings.published()] == ["f1"]


def test_what_is_stored_is_plain_json(engagement: Engagement) -> None:
    refreshed(engagement, machine(measured={"value": float("inf")}))
    with connection.cursor() as cursor:
        cursor.execute("SELECT machine::text FROM reviews_finding")
        (text,) = cursor.fetchone()
    assert json.loads(text)["measured"] == {"value": None}
