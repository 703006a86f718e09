"""The panel's arithmetic: both ends of each assumption, by hand, and what the gate says."""

from typing import Any

import pytest

from reviews.risk.ends import ends_of, gate_words, measured_inputs
from reviews.risk.plain import restored
from tests.cast import INPUTS


def inputs(touched: tuple[float, float, float] = (1.0, 1.0, 1.0), **near: Any) -> Any:
    low, point, high = touched
    entry = INPUTS["exposures"][0] | {
        "touched": {"low": low, "point": point, "high": high, "grade": "assumed", "basis": "not known"}
    }
    return restored(INPUTS | {"exposures": [entry], "proximity": INPUTS["proximity"] | near})


def test_both_ends_are_computed_like_the_score() -> None:
    # 0.55 of revenue x 0.01 is 0.55 %: band 2; x 0.1 is 5.5 %: band 4; x 1 is 55 %: band 5. Users 0.2 x the same.
    low, point, high = ends_of(inputs((0.01, 0.1, 1.0)))
    assert [(end["revenue_band"], end["user_band"], end["impact"]) for end in (low, point, high)] == [
        (2, 1, 2),
        (4, 2, 4),
        (5, 4, 5),
    ]
    assert [end["severity"] for end in (low, point, high)] == ["medium", "high", "high"]
    assert (low["name"], round(low["revenue"], 6), round(high["users"], 6)) == ("Low end", 0.0055, 0.2)


def test_the_gate_stands_between_the_cell_and_the_severity() -> None:
    point = ends_of(inputs(grade="derived"))[1]
    assert (point["cell"], point["severity"]) == ("high", "medium")


@pytest.mark.parametrize(
    ("near", "words"),
    [
        ({}, "Open: a measured proximity of 5"),
        ({"value": 3}, "Closed: a measured proximity of 3"),
        ({"value": 3, "trend": True}, "Open: a measured date"),
        ({"grade": "derived"}, "Closed: the proximity is derived"),
    ],
)
def test_the_gate_in_words(near: dict[str, Any], words: str) -> None:
    assert gate_words(inputs(**near)).startswith(words)


def test_inputs_are_counted() -> None:
    assert measured_inputs({"measured": 2, "derived": 1, "stated": 3, "assumed": 1}) == {"known": 3, "all": 7}
    assert measured_inputs({}) == {"known": 0, "all": 0}
