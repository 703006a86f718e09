"""The ledger: a reason for every value, stale when the numbers move, and nothing of it ever overwritten."""

from typing import Any

import pytest
from django.utils import timezone

from reviews.models import Finding, RiskOverride
from reviews.services.deliverables import NotReady, check_ready, issue_report
from reviews.services.edits import EditConflict, EditError
from reviews.services.findings import publish_confirmed, refresh_findings, update_finding
from reviews.services.overrides import confirm_override, override_values, set_override, withdraw_override
from tests.cast import Cast, machine, make_cast, make_finding, make_upload

pytestmark = pytest.mark.django_db

REASON = "The customer confirmed that this table is archived in May."


@pytest.fixture
def cast() -> Cast:
    people = make_cast()
    make_upload(people.engagement)
    make_finding(people.engagement, "f1")
    return people


def found(cast: Cast, code: str = "f1") -> Finding:
    return cast.engagement.findings.get(code=code)


def override(cast: Cast, field: str = "severity", value: Any = "low", code: str = "f1", **more: Any) -> Finding:
    finding = found(cast, code)
    facts = {"version": finding.version, "reason_code": "planned", "reason": REASON} | more
    return set_override(finding=finding, user=cast.ann, field=field, value=value, **facts)


def entry(cast: Cast, field: str = "severity") -> RiskOverride:
    return found(cast).overrides.active().get(field=field)


def decide(cast: Cast, status: str) -> Finding:
    finding = found(cast)
    return update_finding(finding=finding, version=finding.version, user=cast.ann, changes={"status": status})


def again(cast: Cast, **changes: Any) -> None:
    refresh_findings(engagement=cast.engagement, findings=[machine("f1", **changes)])


def test_the_computed_severity_stays_beside_the_one_that_was_set(cast: Cast) -> None:
    cast.ann.first_name, cast.ann.last_name = "Ann", "Reed"
    saved = override(cast, reason=f"  {REASON} ")
    assert (saved.severity, saved.shown_severity, saved.set_by_hand, saved.stale) == ("high", "low", True, False)
    kept = entry(cast)
    assert (kept.computed, kept.value, kept.reason, kept.author, kept.by) == (
        "high",
        "low",
        REASON,
        cast.ann,
        "Ann Reed",
    )
    assert str(kept) == "Low, set by Ann Reed (computed: High)"
    assert (saved.version, saved.edited_by) == (1, cast.ann)
    assert saved.changes.get().reason == REASON


@pytest.mark.parametrize("reason", ["", "too short", "x" * 29, " " * 40 + "x"])
def test_an_override_needs_a_reason_of_thirty_characters(cast: Cast, reason: str) -> None:
    with pytest.raises(EditError) as problem:
        override(cast, reason=reason)
    assert problem.value.field == "reason"
    assert not RiskOverride.objects.exists()
    assert override(cast, reason="x" * 30).shown_severity == "low"


def test_a_stale_form_is_refused_before_the_write(cast: Cast) -> None:
    override(cast)
    with pytest.raises(EditConflict):
        override(cast, value="medium", version=0)
    assert RiskOverride.objects.count() == 1


def test_what_was_there_before_stays_in_the_ledger(cast: Cast) -> None:
    override(cast)
    first = entry(cast)
    assert override(cast, value="medium").shown_severity == "medium"
    second = entry(cast)
    first.refresh_from_db()
    assert (first.value, first.superseded_by, second.supersedes) == ("low", second, first)
    assert withdraw_override(override=second, version=2, user=cast.ann).shown_severity == "high"
    assert found(cast).overrides.count() == 3
    assert override(cast, value="low").shown_severity == "low"
    assert found(cast).overrides.active().count() == 1


def test_an_entry_is_confirmed_or_withdrawn_once(cast: Cast) -> None:
    override(cast)
    held = entry(cast)
    withdraw_override(override=held, version=1, user=cast.ann)
    for act in (withdraw_override, confirm_override):
        with pytest.raises(EditConflict):
            act(override=held, version=2, user=cast.ann, note="Again.")


def test_moved_inputs_make_it_stale_until_it_is_confirmed_again(cast: Cast) -> None:
    override(cast)
    decide(cast, "confirmed")
    again(cast, severity="medium", proximity=4)
    moved = entry(cast).moved(found(cast).machine)
    assert found(cast).stale
    assert [(row["name"], row["before"], row["after"]) for row in moved] == [
        ("severity", "high", "medium"),
        ("proximity", "5", "4"),
    ]
    with pytest.raises(EditError, match="confirm the override"):
        decide(cast, "published")
    with pytest.raises(EditError, match="Table f1"):
        publish_confirmed(engagement=cast.engagement, user=cast.ann)
    with pytest.raises(EditError, match="few words"):
        confirm_override(override=entry(cast), version=2, user=cast.ann, note=" ")
    saved = confirm_override(override=entry(cast), version=2, user=cast.ann, note="Still archived in May.")
    assert (saved.stale, saved.shown_severity, entry(cast).computed) == (False, "low", "medium")
    assert (entry(cast).act, entry(cast).note, entry(cast).reason) == ("confirmed", "Still archived in May.", REASON)
    assert decide(cast, "published").status == "published"


def test_a_stale_override_of_what_is_published_closes_the_gate(cast: Cast) -> None:
    override(cast)
    decide(cast, "published")
    again(cast, vector="I5/X5/R0.400/U0.200/G:S")
    (block,) = check_ready(cast.engagement).blocks
    assert "Table f1" in block
    with pytest.raises(NotReady, match="moved"):
        issue_report(engagement=cast.engagement, user=cast.ann)
    withdraw_override(override=entry(cast), version=2, user=cast.ann)
    assert check_ready(cast.engagement).blocks == ()


def test_numbers_that_come_back_make_it_hold_again(cast: Cast) -> None:
    override(cast)
    again(cast, severity="medium")
    again(cast)
    assert not found(cast).stale


def test_other_words_of_the_machine_leave_it_alone(cast: Cast) -> None:
    override(cast)
    again(cast, said="Each call reads 4,100 blocks.", rank=9, evidence=[])
    assert not found(cast).stale


def test_every_field_that_was_set_is_computed_with(cast: Cast) -> None:
    override(cast, "proximity", 2)
    saved = override(cast, "effort", 4.0)
    assert (saved.shown_severity, saved.placed["proximity"], saved.placed["effort"]["likely"]) == ("medium", 2, 4.0)
    assert saved.machine["proximity"] == 5
    assert override_values(cast.engagement) == {found(cast).key: {"proximity": 2, "effort": 4.0}}
    withdraw_override(override=entry(cast, "proximity"), version=2, user=cast.ann)
    now = found(cast)
    assert (now.shown_severity, now.set_by_hand, now.set_place["leverage"]) == ("high", False, 0.099)


def test_the_place_follows_a_new_run(cast: Cast) -> None:
    override(cast, "effort", 4.0)
    inputs = machine()["inputs"] | {"degradation": 0.3}
    again(cast, inputs=inputs)
    now = found(cast)
    assert (now.set_place["expected_share"], now.stale) == (0.1485, False)


def test_effort_moves_a_finding_among_its_peers_but_not_before_its_cause(cast: Cast) -> None:
    make_finding(cast.engagement, "f2", rank=2, leverage=0.3)
    make_finding(cast.engagement, "f3", rank=3, leverage=0.2, causes=["f2"])
    override(cast, "effort", 4.0)  # 0.495 x 0.8 / 4 days is 0.099
    assert [row.code for row in cast.engagement.findings.ranked()] == ["f2", "f3", "f1"]
    override(cast, "effort", 0.125, code="f3")
    assert [row.code for row in cast.engagement.findings.ranked()] == ["f2", "f3", "f1"]


def test_findings_stand_in_the_order_that_is_shown(cast: Cast) -> None:
    make_finding(cast.engagement, "f2", rank=2, severity="low")
    make_finding(cast.engagement, "f3", rank=3, severity="medium")
    override(cast)
    assert [row.code for row in cast.engagement.findings.ranked()] == ["f3", "f1", "f2"]


def test_what_is_hidden_is_counted_and_not_shown(cast: Cast) -> None:
    make_finding(cast.engagement, "f2", "published")
    decide(cast, "published")
    override(cast, "hide", True)
    assert [row.code for row in cast.engagement.findings.published()] == ["f2"]
    gate = check_ready(cast.engagement)
    assert (gate.blocks, gate.published) == ((), 1)
    assert "1 risk is hidden" in gate.warns[0]
    refresh_findings(engagement=cast.engagement, findings=[machine("f1", impact=4), machine("f2")])
    assert "moved" in check_ready(cast.engagement).blocks[0]


def test_the_gate_reminds_of_what_is_to_be_looked_at_again(cast: Cast) -> None:
    decide(cast, "published")
    override(cast, review_by=timezone.localdate())
    gate = check_ready(cast.engagement)
    assert (gate.blocks, len(gate.warns)) == ((), 1)
    assert "was to be looked at again by" in gate.warns[0]


def test_a_run_never_writes_the_ledger(cast: Cast) -> None:
    override(cast)
    before = list(RiskOverride.objects.values())
    again(cast, severity="low")
    again(cast)
    assert list(RiskOverride.objects.values()) == before
