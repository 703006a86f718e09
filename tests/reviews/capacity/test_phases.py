"""Where the client stands, how far each trigger is, and by when: computed from growth, never copied."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.capacity.inputs import Input, Inputs
from reviews.capacity.phases import current_phase, phases_of
from reviews.capacity.policies.base import NEAR
from reviews.capacity.policy import policy_of
from tests.reviews.capacity.given import inputs, known, resource, without

GROWTH = policy_of("growth")
# 1,000 users at 20 % a month, and every measure of the sixteen triggers just at its limit
AT_LIMIT = inputs(
    driver__users=1000,
    driver__users__growth=0.2,
    postgres__connections_peak=80,
    postgres__max_connections=100,
    http__p95_ms=500,
    queue__reviews__waiting=100,
    http__error_share=0.01,
    postgres__replica_lag_s=5,
    queue__reviews__oldest_age_s=300,
    redis__hit_share=0.7,
    external__pinecone__p95_ms=500,
    llm__flash__cost_per_request=0.1,
    postgres__shard_imbalance=0.3,
    queue__reviews__failed_share=0.05,
    http__uptime_share=0.999,
    cost__per_user=5,
    http__p99_ms=1000,
    llm__flash__cached_share=0.6,
)


def own(phases: list[dict]) -> list[dict]:  # type: ignore[type-arg]
    return [trigger for phase in phases for trigger in phase["triggers"] if trigger["own"]]


def trigger(given_inputs: Inputs, measure: str, phase: int = 1) -> dict:  # type: ignore[type-arg]
    rows = phases_of(GROWTH, given_inputs)[phase - 1]["triggers"]
    return next(row for row in rows if row["measure"] == measure and row["own"])


def test_the_growth_profile_gives_the_four_trigger_tables() -> None:
    phases = phases_of(GROWTH, AT_LIMIT)
    assert [(phase["name"], phase["from"], phase["to"]) for phase in phases] == [
        ("Foundation", 0, 1_000),
        ("Growth", 1_000, 10_000),
        ("Scale", 10_000, 50_000),
        ("Enterprise", 50_000, None),
    ]
    assert [len(own([phase])) for phase in phases] == [4, 4, 4, 4]
    assert [row["action"] for row in own(phases[:1])] == [
        "Add a connection pooler",
        "Add caching",
        "Raise the number of workers",
        "Reduce load and find the cause",
    ]


def test_at_the_limit_no_trigger_is_reached_and_all_are_near() -> None:
    rows = own(phases_of(GROWTH, AT_LIMIT))
    latency_of_phase_one = [row for row in rows if row["measure"] == "http.p95_ms" and row["limit"] == 2000]
    assert [row["status"] for row in latency_of_phase_one] == ["far"]
    assert {row["status"] for row in rows if row not in latency_of_phase_one} == {"near"}


BEYOND = [("http.p95_ms", 3, 501), ("redis.hit_share", 2, 0.699), ("queue.waiting", 1, 101)]


@pytest.mark.parametrize(("measure", "phase", "value"), BEYOND)
def test_beyond_the_limit_it_is_reached(measure: str, phase: int, value: float) -> None:
    key = {"queue.waiting": "queue.reviews.waiting"}.get(measure, measure)
    row = trigger(Inputs([*without(AT_LIMIT, key), known(key, value)]), measure, phase)
    assert (row["status"], row["value"]) == ("reached", value)
    assert row["said"].startswith("Reached: ")


def test_the_distance_of_a_hit_rate_counts_what_lacks() -> None:
    far, near = (trigger(inputs(redis__hit_share=share), "redis.hit_share", 2) for share in (0.77, 0.75))
    assert (far["status"], near["status"]) == ("far", "near")
    assert near["used"] == pytest.approx(0.25 / 0.30)


@pytest.mark.parametrize("entry", list(AT_LIMIT), ids=lambda entry: entry.key)
def test_without_an_input_the_trigger_is_not_measured_and_says_what_it_needs(entry: Input) -> None:
    rows = own(phases_of(GROWTH, without(AT_LIMIT, entry.key)))
    used = [row for row in own(phases_of(GROWTH, AT_LIMIT)) if entry.key in row["uses"]]
    for before in used:
        row = next(r for r in rows if (r["measure"], r["limit"]) == (before["measure"], before["limit"]))
        assert (row["status"], row["value"], row["eta"]) == ("not measured", None, None)
        assert row["needs"]
        assert row["said"].startswith("Not measured: needs ")
    unmeasured = [row for row in rows if row["status"] == "not measured"]
    assert len(unmeasured) == len(used)


def test_the_dates_of_the_phases_follow_from_growth_not_from_a_roadmap() -> None:
    """X10: at 20 % a month 1,000 users are 10,000 after 12.6 months and 50,000 after 21.5, not after 6 and 12."""
    phases = phases_of(GROWTH, inputs(driver__users=1000, driver__users__growth=0.2), today=date(2026, 1, 14))
    assert current_phase(phases) == 2
    times = [phase["reached"] for phase in phases[2:]]
    assert [time["months_low"] for time in times] == pytest.approx([12.63, 21.46], abs=0.005)
    assert [time["words"] for time in times] == ["in about 13 months", "in about 21 months"]
    assert (times[0]["from"], times[0]["uses"]) == ("2027-01-28", ["driver.users.growth"])
    assert phases[0]["reached"] is None


def test_a_range_of_growth_gives_a_range_of_dates() -> None:
    phases = phases_of(GROWTH, inputs(driver__users=(5_000, 4_000, 6_000), driver__users__growth=(0.1, 0.05, 0.2)))
    assert phases[2]["reached"]["words"] == "in 2 to 19 months"


@pytest.mark.parametrize("value", [999, 1_000, 9_999, 10_000])
def test_a_phase_begins_at_its_first_user(value: int) -> None:
    assert (
        current_phase(phases_of(GROWTH, inputs(driver__users=value))) == {999: 1, 1_000: 2, 9_999: 2, 10_000: 3}[value]
    )


def test_without_users_no_phase_is_claimed() -> None:
    phases = phases_of(GROWTH, inputs(driver__users__growth=0.2))
    assert current_phase(phases) is None
    assert all(phase["needs"] == ["current_mau in the intake"] for phase in phases)


def test_without_growth_the_next_phases_say_what_they_need() -> None:
    phases = phases_of(GROWTH, inputs(driver__users=500))
    assert [phase["needs"] for phase in phases] == [[], *[["growth_per_month in the intake"]] * 3]
    assert all(phase["reached"] is None for phase in phases)


def test_a_phase_that_no_growth_brings_says_so_and_asks_for_nothing() -> None:
    phases = phases_of(GROWTH, inputs(driver__users=500, driver__users__growth=0))
    assert {(phase["reached"]["words"], *phase["needs"]) for phase in phases[1:]} == {("not reached at this growth",)}


def test_only_what_grows_with_the_load_gets_a_date() -> None:
    given_inputs = inputs(
        driver__users=500,
        driver__users__growth=0.1,
        postgres__connections_peak=40,
        postgres__max_connections=100,
        http__p95_ms=900,
    )
    assert trigger(given_inputs, "postgres.connections_share")["eta"]["words"] == "in about 7 months"
    latency = trigger(given_inputs, "http.p95_ms")
    assert (latency["eta"], latency["eta_note"]) == (None, "no date, since it does not grow in proportion to load")


def test_a_date_says_what_it_takes_for_granted() -> None:
    """Work follows the utilisation law; what is open, held or kept may not, and the breaking points say so too."""
    work = inputs(driver__users=500, driver__users__growth=0.1, host__db__cpu_busy_max=0.5)
    held = inputs(
        driver__users=500, driver__users__growth=0.1, host__db__memory_used_max=5e9, host__db__memory_bytes=1e10
    )
    rows = [row for phase in phases_of(policy_of("right-sized"), work) for row in phase["triggers"]]
    assert {row["eta_note"] for row in rows if row["measure"] == "host.cpu_share"} == {""}
    rows = [row for phase in phases_of(policy_of("right-sized"), held) for row in phase["triggers"]]
    memory = [row for row in rows if row["measure"] == "host.memory_share"]
    assert {row["eta_note"] for row in memory} == {
        "all of it is assumed to grow with load, so the date is the earliest"
    }
    assert all(row["eta"]["words"] for row in memory)


def test_a_window_of_a_resource_is_read_from_the_resources() -> None:
    """The stats worker at 500 campaigns: 500 / 5 × 1.5 s = 150 of 300 s."""
    policy = policy_of("shared-host")
    phases = phases_of(policy, inputs(), [resource("stats", 300, 150, kind="window")])
    row = next(row for row in phases[1]["triggers"] if row["measure"] == "queue.cycle_share")
    assert (row["value"], row["status"], row["uses"]) == (0.5, "far", ["use.window.stats"])


def test_the_stress_audit_moves_redis_although_its_first_scenario_was_said_to_hold() -> None:
    """X6: 500 jobs in 5 minutes are 6,000 an hour; the limit of 1,000 is passed before the first scenario."""
    phases = phases_of(policy_of("shared-host"), inputs(queue__stats__in_per_s=500 / 300, driver__sellers=100))
    row = next(row for row in phases[0]["triggers"] if row["measure"] == "queue.jobs_per_hour")
    assert (row["value"], row["status"]) == (pytest.approx(6_000), "reached")


def test_every_profile_takes_the_triggers_of_the_others_into_its_phases_and_prints_as_json() -> None:
    for name in ("right-sized", "growth", "strict", "shared-host"):
        phases = phases_of(policy_of(name), AT_LIMIT)
        assert json.loads(json.dumps(phases)) == phases
        rows = [row for phase in phases for row in phase["triggers"]]
        assert {row["profile"] for row in rows} == {"right-sized", "growth", "strict", "shared-host"}


@given(st.floats(0.01, 2), st.floats(0.01, 2))
def test_more_load_never_brings_a_trigger_further_away(one: float, other: float) -> None:
    order = ("far", "near", "reached")
    rows = [
        trigger(
            inputs(postgres__connections_peak=100 * load, postgres__max_connections=100), "postgres.connections_share"
        )
        for load in sorted((one, other))
    ]
    assert order.index(rows[0]["status"]) <= order.index(rows[1]["status"])
    assert rows[0]["used"] <= rows[1]["used"]
    assert (rows[0]["used"] >= NEAR) == (rows[0]["status"] != "far")
