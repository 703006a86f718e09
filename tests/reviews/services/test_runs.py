"""Each judging is kept; what is gone is resolved only after it was measured again and a person said so."""

from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from reviews.models import AnalysisRun, Finding, RunChange
from reviews.pipeline import analyse
from reviews.services.deliverables import check_ready
from reviews.services.findings import Refreshed, refresh_findings, update_finding
from reviews.services.runs import Measured, begin_run, end_run, resolve_findings
from telemetry.evidence import Evidence, Place
from telemetry.joining import Part
from telemetry.services import delete_upload
from tests.cast import Cast, machine, make_cast, make_upload, make_user
from tests.reviews.harbor import review_harbor

pytestmark = pytest.mark.django_db

CITED = [{"file": "a.csv", "line": 2, "quote": "x", "metric": "m", "value": 1, "unit": "1", "kind": "pg.table"}]


@pytest.fixture
def cast() -> Cast:
    people = make_cast()
    make_upload(people.engagement)
    return people


def found(cast: Cast, code: str = "f1") -> Finding:
    return cast.engagement.findings.ranked().get(code=code)


def table(code: str = "f1", **changes: Any) -> dict[str, Any]:
    return machine(code, **({"rules": ["PG001"], "evidence": [row | {"subject": code} for row in CITED]} | changes))


def run(cast: Cast, *machines: dict[str, Any], measured: tuple[str, ...] = (), answer: str = "clear") -> Refreshed:
    """A run over one file; `measured` are tables that a file nobody has seen before speaks of."""
    before = cast.engagement.runs.first()
    this = begin_run(engagement=cast.engagement, at=timezone.now(), trigger="files", method={})
    place = Place(1, "quote")
    rows = [Evidence(kind="pg.table", subject=name, file="b.csv", metrics={"m": 1.0}, place=place) for name in measured]
    known = list(before.files) if before else []
    what = Measured([Part({}, rows, upload=1)], {"PG001": answer}, {1: "a file that is new"})
    refreshed = refresh_findings(engagement=cast.engagement, findings=machines, run=this, measured=what, known=known)
    end_run(run=this, counts={}, answers={})
    return refreshed


def outcomes(cast: Cast, code: str = "f1") -> list[str]:
    return list(found(cast, code).run_changes.order_by("run__number").values_list("outcome", flat=True))


def everything_but_runs() -> dict[str, Any]:
    models = [model for app in ("reviews", "telemetry", "tickets") for model in apps.get_app_config(app).get_models()]
    kept = [model for model in models if model is not AnalysisRun]
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in kept}
    for outcome in rows["RuleOutcome"]:
        outcome.pop("id")  # replaced as a whole
    for engagement in rows["Engagement"]:
        engagement.pop("analysed_at")
    return rows


def test_the_same_evidence_twice_writes_nothing_but_the_run() -> None:
    engagement = review_harbor()
    before = everything_but_runs()
    analyse(engagement)
    assert everything_but_runs() == before
    second, first = engagement.runs.all()
    assert (first.number, first.trigger, first.counts["created"]) == (1, "files", engagement.findings.count())
    assert (second.number, second.trigger, second.new_files) == (2, "decision", [])
    assert second.counts == dict.fromkeys(first.counts, 0) | {"untouched": engagement.findings.count()}
    assert second.snapshot == first.snapshot
    assert len(first.method["rules"]) > 50


def test_a_file_that_is_taken_away_resolves_nothing() -> None:
    engagement = review_harbor(make_user("ann", is_staff=True))
    delete_upload(upload=engagement.uploads.filter(format="postgres-log").first())
    analyse(engagement)
    last = engagement.runs.first()
    assert last.counts["unmeasured"] > 0
    assert last.counts["clear"] == 0
    assert not engagement.findings.filter(standing__in=["clear", "resolved"]).exists()


def test_what_a_run_changes_is_kept_field_by_field(cast: Cast) -> None:
    run(cast, table())
    run(cast, table(severity="medium", rank=2))
    run(cast, table(severity="medium", rank=2))
    assert outcomes(cast) == ["created", "updated"]
    change = found(cast).run_changes.first()
    assert (change.run.number, change.numbers) == (2, True)
    assert change.fields == [
        {"field": "rank", "before": 1, "after": 2},
        {"field": "severity", "before": "high", "after": "medium"},
    ]


def test_what_was_measured_again_and_is_clear_waits_for_a_person(cast: Cast) -> None:
    run(cast, table("f1"), table("f2"))
    for code in ("f1", "f2"):
        update_finding(finding=found(cast, code), version=0, user=cast.ann, changes={"status": "published"})
    assert run(cast, table("f2"), measured=("f1",)) == Refreshed(clear=1, untouched=1)
    assert run(cast, table("f2"), measured=("f1",)) == Refreshed(untouched=1)
    waiting = found(cast)
    assert (waiting.standing, waiting.present, waiting.status) == ("clear", True, "published")
    assert "1 published finding would be resolved" in check_ready(cast.engagement).blocks[0]
    assert resolve_findings(engagement=cast.engagement, user=cast.ann, codes=["f1", "f2"]) == 1
    gone = found(cast)
    assert (gone.standing, gone.present, gone.status, gone.edited_by) == ("resolved", False, "published", cast.ann)
    assert gone.changes.first().by == cast.ann
    assert check_ready(cast.engagement).blocks == ()
    assert run(cast, table("f2")) == Refreshed(untouched=1)


def test_what_was_resolved_is_reopened_with_what_people_wrote(cast: Cast) -> None:
    run(cast, table())
    update_finding(finding=found(cast), version=0, user=cast.ann, changes={"narrative": "Mine"})
    run(cast, measured=("f1",))
    resolve_findings(engagement=cast.engagement, user=cast.ann, codes=["f1"])
    assert run(cast, table(rank=4)) == Refreshed(reopened=1)
    back = found(cast)
    assert (back.standing, back.present, back.narrative, back.rank) == ("shown", True, "Mine", 4)
    assert outcomes(cast) == ["created", "clear", "reopened"]


@pytest.mark.parametrize(("measured", "answer"), [((), "clear"), (("f2",), "clear"), (("f1",), "cannot tell")])
def test_what_is_merely_missing_is_not_measured(measured: tuple[str, ...], answer: str, cast: Cast) -> None:
    run(cast, table())
    assert run(cast, measured=measured, answer=answer) == Refreshed(unmeasured=1)
    assert (found(cast).standing, found(cast).present) == ("unmeasured", False)
    assert resolve_findings(engagement=cast.engagement, user=cast.ann, codes=["f1"]) == 0
    assert run(cast, measured=("f1",)) == Refreshed(clear=1)
    assert not found(cast).present
    assert run(cast, table()) == Refreshed(reopened=1)


def test_a_clear_that_can_no_longer_be_seen_is_taken_back(cast: Cast) -> None:
    run(cast, table())
    run(cast, measured=("f1",))
    assert run(cast) == Refreshed(unmeasured=1)


def test_what_was_dismissed_stays_so_and_shows_that_its_numbers_changed(cast: Cast) -> None:
    run(cast, table())
    update_finding(finding=found(cast), version=0, user=cast.ann, changes={"status": "dismissed"})
    run(cast, table(rank=3, said="Other words."))
    assert (found(cast).status, found(cast).moved) == ("dismissed", False)
    run(cast, table(impact=4))
    assert (found(cast).status, found(cast).moved) == ("dismissed", True)
    update_finding(finding=found(cast), version=1, user=cast.ann, changes={"narrative": "Looked again."})
    assert not found(cast).moved


def test_a_deleted_engagement_takes_its_runs_along(cast: Cast) -> None:
    run(cast, table())
    cast.engagement.delete()
    assert not AnalysisRun.objects.exists()
    assert not RunChange.objects.exists()
