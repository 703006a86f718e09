"""What a consultant sets goes through the same arithmetic, and the computed finding stays what it was."""

from copy import deepcopy
from typing import Any

import pytest

from reviews.risk.override import basis_of, can_set, changed_inputs, computed_value, described, placed
from reviews.risk.plain import plain, restored
from reviews.risk.score import score
from tests.cast import INPUTS, machine


def test_inputs_come_back_as_they_were_written() -> None:
    inputs = restored(INPUTS)
    assert plain(inputs) == INPUTS
    assert (score(inputs).severity.word, score(inputs).impact, score(inputs).proximity) == ("high", 5, 5)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {}),
        ({"hide": True}, {}),
        ({"severity": "low"}, {"severity": "low", "severity_range": ["low", "low"]}),
        # 0.55 of revenue x 0.5 of requests is 27.5 %: still impact 5; x p(5) = 0.9 is 0.2475, x 0.8 a day is 0.198
        ({"exposure": 0.5}, {"impact": 5, "severity": "high", "expected_share": 0.2475, "leverage": 0.198}),
        # 0.55 x 0.02 is 1.1 % of revenue, 0.4 % of users: impact 3, and 3 x 5 is Medium
        ({"exposure": 0.02}, {"impact": 3, "severity": "medium", "expected_share": 0.0099}),
        # 0.3 of 55 % is 16.5 %: latency only, still impact 5
        ({"degradation": 0.3}, {"impact": 5, "severity": "high", "expected_share": 0.1485}),
        (
            {"proximity": 2},
            {"impact": 5, "proximity": 2, "severity": "medium", "proximity_reason": "set by a consultant"},
        ),
        ({"effort": 4.0}, {"severity": "high", "leverage": 0.099, "effort": {"low": 4.0, "likely": 4.0, "high": 4.0}}),
        ({"proximity": 1, "severity": "high"}, {"severity": "high", "proximity": 1}),
    ],
)
def test_what_follows_from_a_value(values: dict[str, Any], expected: dict[str, Any]) -> None:
    facts = machine()
    before = deepcopy(facts)
    shown = placed(facts, values)
    assert {name: shown.get(name) for name in expected} == expected
    assert bool(shown) == bool(expected)
    assert facts == before


def test_a_proximity_set_by_hand_makes_nothing_high() -> None:
    near = INPUTS["proximity"] | {"value": 2, "grade": "derived"}
    facts = machine(severity="medium", proximity=2, inputs=INPUTS | {"proximity": near})
    shown = placed(facts, {"proximity": 5})
    assert (shown["severity"], shown["impact"], shown["proximity"]) == ("medium", 5, 5)
    assert "would be High" in shown["severity_cap"]


def test_a_raised_cause_stays_with_its_symptom() -> None:
    facts = machine(lifted=True, severity="high")
    assert placed(facts, {"exposure": 0.001}) == {"leverage": 0.396}
    assert placed(facts, {"effort": 2.0})["leverage"] == 0.198
    assert placed(machine(lifted=True, severity="low"), {"proximity": 4})["proximity"] == 4


def test_money_that_was_lost_can_be_judged_otherwise() -> None:
    facts = machine(inputs=INPUTS | {"money": True, "degradation": 0.1})
    assert computed_value(facts, "degradation") == 1.0
    shown = placed(facts, {"degradation": 0.1})
    assert (shown["impact"], shown["severity"]) == (4, "high")


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("severity", {"severity": "medium"}),
        ("severity", {"vector": "I5/X5/R0.540/U0.200/G:S"}),
        ("severity", {"severity_range": ["medium", "high"]}),
        ("severity", {"measured": {"metric": "blocks_per_call", "value": 4300, "unit": "blocks"}}),
        ("severity", {"measured": {"metric": "mean_ms", "value": 4000, "unit": "blocks"}}),
        ("hide", {"impact": 4}),
        ("proximity", {"proximity": 4}),
        ("proximity", {"proximity_reason": "the limit is reached in 12 days"}),
        ("degradation", {"inputs": INPUTS | {"degradation": 0.6}}),
        ("exposure", {"inputs": INPUTS | {"exposures": []}}),
        ("effort", {"effort": {"low": 1, "likely": 2, "high": 3}}),
    ],
)
def test_a_moved_input_is_named(field: str, change: dict[str, Any]) -> None:
    facts = machine()
    assert changed_inputs(field, basis_of(facts, field), facts) == []
    assert changed_inputs(field, basis_of(facts, field), facts | {"said": "Other words", "rank": 9}) == []
    (moved,) = changed_inputs(field, basis_of(facts, field), facts | change)
    assert moved["before"] != moved["after"]


def test_the_noise_of_measuring_twice_and_what_was_not_noted_move_nothing() -> None:
    facts = machine()
    near = facts | {"measured": facts["measured"] | {"value": 4190}}
    assert changed_inputs("severity", basis_of(facts, "severity"), near) == []
    assert changed_inputs("severity", {"severity": "high"}, facts | {"impact": 1}) == []
    far = facts | {"measured": facts["measured"] | {"value": 206985.0}}
    (moved,) = changed_inputs("severity", basis_of(facts, "severity"), far)
    assert (moved["before"], moved["after"]) == ("blocks per call 4,000", "blocks per call 206,985")


def test_a_finding_of_an_older_version_takes_no_input_that_it_does_not_hold() -> None:
    facts = machine()
    del facts["inputs"]
    assert [field for field in ("severity", "proximity", "exposure", "effort", "hide") if can_set(facts, field)] == [
        "severity",
        "effort",
        "hide",
    ]
    assert placed(facts, {"effort": 2.0}) == {"effort": {"low": 2.0, "likely": 2.0, "high": 2.0}}


def test_values_are_read_in_words() -> None:
    shown = [
        ("severity", "high"),
        ("proximity", 4),
        ("degradation", 0.3),
        ("exposure", 0.25),
        ("effort", 1),
        ("hide", True),
    ]
    assert [described(field, value) for field, value in shown] == [
        "High",
        "4 of 5",
        "0.3 (latency over its budget)",
        "25 %",
        "1 engineer-day",
        "Hidden",
    ]
    assert described("proximity", None) == "not computed"
