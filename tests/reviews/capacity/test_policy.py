"""The profiles: complete, with a source for every number, and what they say of each other."""

import json

import pytest

from reviews.capacity.measured import MEASURES, measure_of
from reviews.capacity.policies import PROFILES
from reviews.capacity.policies.base import BELOW, CRITERION, TRIGGER, Profile
from reviews.capacity.policy import names, policy_of, policy_row

# profile, measure, role, use, phase, value: what the five documents say, row by row
SAID = [
    ("growth", "postgres.connections_share", "trigger", "", 1, 0.80),
    ("growth", "http.p95_ms", "trigger", "", 1, 2000),
    ("growth", "queue.waiting", "trigger", "", 1, 100),
    ("growth", "http.error_share", "trigger", "", 1, 0.01),
    ("growth", "postgres.replica_lag_s", "trigger", "", 2, 5),
    ("growth", "queue.oldest_age_s", "trigger", "", 2, 300),
    ("growth", "redis.hit_share", "trigger", "", 2, 0.70),
    ("growth", "vector.p95_ms", "trigger", "", 2, 500),
    ("growth", "http.p95_ms", "trigger", "", 3, 500),
    ("growth", "ai.cost_per_action", "trigger", "", 3, 0.10),
    ("growth", "postgres.shard_imbalance", "trigger", "", 3, 0.30),
    ("growth", "queue.failed_share", "trigger", "", 3, 0.05),
    ("growth", "http.uptime_share", "trigger", "", 4, 0.999),
    ("growth", "cost.per_user", "trigger", "", 4, 5),
    ("growth", "http.p99_ms", "trigger", "", 4, 1000),
    ("growth", "ai.cache_hit_share", "trigger", "", 4, 0.60),
    ("growth", "postgres.connections_share", "critical", "", 0, 0.90),
    ("growth", "queue.waiting", "critical", "", 0, 500),
    ("strict", "http.p95_ms", "trigger", "", 1, 500),
    ("strict", "postgres.pool_waiting", "critical", "", 0, 10),
    ("strict", "redis.hit_share", "warning", "", 0, 0.90),
    ("shared-host", "http.users_at_once", "trigger", "", 1, 50),
    ("shared-host", "postgres.total_rows", "trigger", "", 1, 10e6),
    ("shared-host", "queue.jobs_per_hour", "trigger", "", 1, 1000),
    ("shared-host", "http.connections", "trigger", "", 2, 100),
    ("shared-host", "queue.cycle_share", "trigger", "", 2, 1),
    ("shared-host", "postgres.largest_rows", "trigger", "", 2, 50e6),
    ("shared-host", "redis.used_memory", "trigger", "", 2, 1e9),
    ("right-sized", "host.cpu_share", "warning", "", 0, 0.70),
    ("right-sized", "host.memory_share", "warning", "", 0, 0.80),
    ("right-sized", "http.p95_ms", "warning", "", 0, 2000),
    ("right-sized", "people.team", "criterion", "microservices", 0, 20),
    ("right-sized", "redis.clients", "criterion", "redis-cluster", 0, 10_000),
    ("right-sized", "postgres.cpu_share", "criterion", "read-replica", 0, 0.70),
    ("right-sized", "postgres.reads_per_write", "criterion", "read-replica", 0, 10),
    ("right-sized", "cache.bytes", "criterion", "redis-cache", 0, 100e6),
]


@pytest.mark.parametrize("case", SAID, ids=[f"{case[0]} {case[1]} {case[2]} {case[4]}" for case in SAID])
def test_a_profile_says_what_its_document_says(case: tuple[str, str, str, str, int, float]) -> None:
    name, measure, role, use, phase, value = case
    profile = next(entry for entry in PROFILES if entry.name == name)
    key = (role, use, phase, measure)
    assert [entry.value for entry in profile.thresholds if entry.key == key] == [value]


def test_every_threshold_has_a_measure_and_a_source_and_every_measure_says_what_it_needs() -> None:
    thresholds = [entry for profile in PROFILES for entry in profile.thresholds]
    assert len(thresholds) > 60
    assert all(measure_of(entry.measure) and entry.source for entry in thresholds)
    assert all(entry.action and entry.phase for entry in thresholds if entry.role == TRIGGER)
    assert all(entry.use for entry in thresholds if entry.role == CRITERION)
    assert all(measure.needs and measure.ways for measure in MEASURES)


@pytest.mark.parametrize("profile", PROFILES, ids=names())
def test_phases_follow_each_other_without_a_gap_and_the_last_has_no_end(profile: Profile) -> None:
    phases = profile.phases
    assert (phases[0].low, phases[-1].high) == (0, None)
    assert [phase.high for phase in phases[:-1]] == [phase.low for phase in phases[1:]]


@pytest.mark.parametrize("profile", PROFILES, ids=names())
def test_a_profile_asks_no_question_twice(profile: Profile) -> None:
    keys = [entry.key for entry in profile.thresholds]
    assert len(keys) == len(set(keys))


def test_at_the_limit_nothing_is_passed() -> None:
    for profile in PROFILES:
        for entry in profile.thresholds:
            step = -1e-6 if entry.direction == BELOW else 1e-6
            assert not entry.passed(entry.value)
            assert entry.passed(entry.value * (1 + step))
            assert entry.used(entry.value) == pytest.approx(1.0)


def test_the_default_is_assumed_until_somebody_chose() -> None:
    assumed, stated = policy_row(policy_of(None)), policy_row(policy_of("strict"))
    assert (assumed["name"], assumed["grade"]) == ("right-sized", "assumed")
    assert assumed["said"].startswith("Assumed, because the intake names no policy.")
    assert (stated["name"], stated["grade"]) == ("strict", "stated")


def test_an_unknown_policy_is_named_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="known are right-sized, growth, strict, shared-host"):
        policy_of("webscale")


def test_the_latency_that_the_documents_disagree_on_is_shown_with_all_sides() -> None:
    rows = policy_row(policy_of("strict"))["thresholds"]
    row = next(row for row in rows if row["measure"] == "http.p95_ms" and row["role"] == "warning")
    assert (row["value"], row["own"], row["profile"]) == (500, True, "strict")
    assert [(other["profile"], other["value"]) for other in row["others"] if other["differs"]] == [
        ("right-sized", 2000),
        ("growth", 2000),
    ]


def test_what_a_profile_does_not_name_another_answers_and_says_so() -> None:
    rows = policy_row(policy_of("shared-host"))["thresholds"]
    row = next(row for row in rows if row["measure"] == "redis.hit_share" and row["role"] == "trigger")
    assert (row["profile"], row["own"], row["value"]) == ("growth", False, 0.70)
    team = next(row for row in rows if row["measure"] == "people.team" and row["use"] == "microservices")
    assert (team["value"], team["own"]) == (5, True)


@pytest.mark.parametrize("name", names())
def test_a_profile_prints_as_json(name: str) -> None:
    row = policy_row(policy_of(name))
    assert json.loads(json.dumps(row)) == row
    assert row["disagreements"] >= 4
