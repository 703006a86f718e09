"""Metrics against their targets: stated before policy, by phase, ranges, factors that were said, what is not known."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.capacity.policy import policy_of
from reviews.capacity.targets import targets_of
from reviews.intake_capacity import Range, Target
from reviews.risk.matrix import Grade
from tests.reviews.capacity.costs.making import inputs


def rows(numbers: dict[str, Range], targets: dict[str, Target], name: str, policy: str | None = None) -> list[Any]:
    known = inputs(numbers, Grade.MEASURED)
    chosen = policy_of(policy) if policy else None
    return [row for row in targets_of(known, targets, chosen) if row["metric"] == name]


# now, target, status, status at both ends
STATUS: list[tuple[str, Range | None, Range, str, list[str]]] = [
    ("http.p95_ms", 200.0, 500.0, "met", ["met"]),
    ("http.p95_ms", 500.0, 500.0, "met", ["met"]),
    ("http.p95_ms", 501.0, 500.0, "missed", ["missed"]),
    ("http.p95_ms", (400.0, 700.0), 500.0, "missed", ["met", "missed"]),
    ("http.p95_ms", 45.0, (20.0, 50.0), "met", ["met"]),
    ("http.p95_ms", None, 500.0, "not measured", []),
    ("redis.hit_share", 0.0, 0.9, "missed", ["missed"]),
    ("redis.hit_share", 0.95, (0.9, 0.99), "met", ["met"]),
    ("http.rps_carried", 1_000.0, 10_000.0, "missed", ["missed"]),
    ("http.uptime_share", 0.9995, 0.999, "met", ["met"]),
    ("reviews.completed_share", 0.9, 0.95, "missed", ["missed"]),  # a metric of the client's own
    ("reviews.run_s", 120.0, 90.0, "missed", ["missed"]),
]


@pytest.mark.parametrize(("name", "now", "target", "status", "ends"), STATUS)
def test_a_metric_stands_where_it_stands(name: str, now: Any, target: Range, status: str, ends: list[str]) -> None:
    (row,) = rows({} if now is None else {name: now}, {name: target}, name)
    assert (row["status"], row["status_range"]) == (status, ends)
    assert row["grade_of_target"] == "stated"
    assert row["needs"] if now is None else row["current"]["grade"] == "measured"


# S2-24: now and target of the seed's table; S2-30 and X13: what is said of them
RATIOS: list[tuple[str, float, Range, Range | None, list[float], str]] = [
    ("http.rps_carried", 1_000, 10_000.0, None, [10, 10], "From 1,000 a second to 10,000 a second is 10 times."),
    ("http.rps_carried", 7, 100_000.0, None, [14_286, 14_286], "From 7 a second to 100,000 a second is 14,286 times."),
    ("http.p95_ms", 200, (20.0, 50.0), (5.0, 10.0), [4, 10], "5 to 10 times are said: that does not follow"),
    ("http.p95_ms", 200, (20.0, 50.0), (4.0, 10.0), [4, 10], ""),
    ("http.rps_carried", 1_000, (10_000.0, 100_000.0), (10.0, 100.0), [10, 100], ""),
    ("cost.monthly", 100, 17.6, (5.7, 5.7), [5.68, 5.68], ""),  # rounded, not wrong
]


@pytest.mark.parametrize(("name", "now", "target", "said", "ratio", "words"), RATIOS)
def test_a_factor_that_was_said_is_checked(
    name: str, now: float, target: Range, said: Range | None, ratio: list[float], words: str
) -> None:
    targets: dict[str, Target] = {name: target} | ({} if said is None else {f"{name}.factor": said})
    (row,) = rows({name: now}, targets, name)
    assert [row["ratio"]["low"], row["ratio"]["high"]] == pytest.approx(ratio, rel=0.01)
    assert words in " ".join(row["words"])
    assert ("are said" in " ".join(row["words"])) == ("are said" in words)


def test_a_target_for_each_phase_is_a_row_for_each() -> None:
    """S1-43: uptime by phase; O19: what each allows."""
    by_phase: Target = {"Phase 1": 0.995, "Phase 2": 0.999, "Phase 3": 0.9995, "Phase 4": 0.9999}
    found = rows({"http.uptime_share": 0.9992}, {"http.uptime_share": by_phase}, "http.uptime_share")
    assert [(row["by"], row["status"]) for row in found] == [
        ("Phase 1", "met"),
        ("Phase 2", "met"),
        ("Phase 3", "missed"),
        ("Phase 4", "missed"),
    ]
    minutes = [row["words"][-1].split()[2] for row in found]
    assert minutes == ["216", "43.2", "21.6", "4.32"]


# policy, target, role's source
POLICIES = [
    ("right-sized", 2_000, "alarms"),
    ("strict", 500, "alert thresholds"),
    ("growth", 2_000, "alert thresholds"),
]


@pytest.mark.parametrize(("policy", "target", "source"), POLICIES)
def test_the_policy_sets_what_the_client_did_not(policy: str, target: float, source: str) -> None:
    (row,) = rows({"http.p95_ms": 800}, {}, "http.p95_ms", policy)
    assert (row["target"]["value"], row["grade_of_target"]) == (target, "policy")
    assert source in row["source"]
    assert policy in row["source"]
    assert row["status"] == ("met" if target >= 800 else "missed")
    (own,) = rows({"http.p95_ms": 800}, {"http.p95_ms": 300}, "http.p95_ms", policy)
    assert (own["target"]["value"], own["grade_of_target"]) == (300, "stated")


def test_a_trigger_says_by_which_phase() -> None:
    (row,) = rows({}, {}, "cost.per_user", "growth")
    assert (row["target"]["value"], row["by"], row["status"]) == (5, "Enterprise", "not measured")
    assert row["needs"]


def test_what_is_measured_without_a_target_is_shown_and_judged_nothing() -> None:
    (row,) = rows({"redis.evicted_per_min": 3.0}, {}, "redis.evicted_per_min")
    assert (row["status"], row["target"], row["status_range"], row["ratio"]) == ("no target", None, [], None)
    assert targets_of(inputs({}), {}) == []


def test_groups_stand_in_their_order_and_evidence_leads_to_the_file() -> None:
    numbers = {"cost.monthly": 5.0, "http.p95_ms": 5.0, "redis.hit_share": 0.5, "reviews.run_s": 1.0}
    found = targets_of(inputs(numbers), {"reviews.run_s": 1.0})
    assert [row["group"] for row in found] == ["Application", "Infrastructure", "Business", "Other"]
    assert all(row["evidence"] == [] for row in found)  # a test stands in no file


AMOUNT = st.floats(min_value=1e-3, max_value=1e6)


@given(AMOUNT, AMOUNT, AMOUNT, st.sampled_from(["http.p95_ms", "redis.hit_share"]))
def test_a_better_number_never_stands_worse(now: float, better: float, target: float, name: str) -> None:
    low, high = sorted((now, better))
    worse, good = (high, low) if name == "http.p95_ms" else (low, high)
    (before,), (after,) = (rows({name: value}, {name: target}, name) for value in (worse, good))
    assert (before["status"], after["status"]) != ("met", "missed")
    assert after["ratio"]["value"] <= before["ratio"]["value"] * (1 + 1e-9)
    assert (after["ratio"]["value"] <= 1) == (after["status"] == "met") or after["ratio"]["value"] == pytest.approx(1)
