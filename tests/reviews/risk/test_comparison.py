"""Two judgings side by side: the verdict of each risk, the measured change, and a sentence a buyer repeats."""

from typing import Any

import pytest

from reviews.risk.comparison import compare, larger_is_worse, sentence
from reviews.risk.snapshot import snapshot, snapshot_of_report, state_of
from tests.cast import machine


def state(code: str = "f1", value: float = 4000, standing: str = "shown", left_out: bool = False, **more: Any) -> Any:
    measured = {"metric": "blocks_per_call", "value": value, "unit": "blocks", "limit": 100}
    return state_of(machine(code, **({"measured": measured} | more)), standing, left_out)


def compared(before: list[Any], after: list[Any], **answers: str) -> dict[str, Any]:
    return compare(snapshot(before, answers), snapshot(after, {}))


def verdict(before: Any, after: Any) -> str:
    (row,) = compared([before] if before else [], [after] if after else [])["rows"]
    return str(row["verdict"])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (state(), state(), "same"),
        (state(), state(value=4200), "same"),  # exactly 5 %
        (state(), state(value=4201), "worse"),
        (state(), state(value=3799), "better"),
        (state(), state(value=4400, severity="medium"), "better"),  # the severity decides
        (state(severity="low"), state(value=1000), "worse"),
        (None, state(), "new"),
        (state(), None, "not measured"),
        (state(), state(standing="unmeasured"), "not measured"),
        (state(), state(standing="clear"), "fixed"),
        (state(), state(standing="resolved"), "fixed"),
        (state(standing="resolved"), state(), "new"),
        (state(standing="unmeasured"), state(), "new"),
        (state(), state(measured={"metric": "mean_ms", "value": 9, "unit": "ms", "limit": 1}), "same"),
        (
            state(value=0),
            state(value=3),
            "better",
        ),  # under its limit of 100: less is worse
    ],
)
def test_verdicts(before: Any, after: Any, expected: str) -> None:
    assert verdict(before, after) == expected


def test_the_side_of_the_limit_says_which_way_is_worse() -> None:
    share = {"metric": "hit_share", "unit": "share", "limit": 0.9}
    before, after = state(measured=share | {"value": 0.5}), state(measured=share | {"value": 0.7})
    assert verdict(before, after) == "better"
    assert verdict(after, before) == "worse"
    assert larger_is_worse({"value": 5, "limit": 5}) is None
    assert larger_is_worse({"value": None, "limit": 5}) is None


def test_the_measured_change_has_number_unit_and_per_cent() -> None:
    (row,) = compared([state()], [state(value=1000)])["rows"]
    assert row["measured"] == {
        "metric": "blocks_per_call", "unit": "blocks", "before": 4000, "after": 1000, "change": -3000.0,
        "percent": -75.0, "direction": "better",
    }  # fmt: skip


def test_another_measurement_of_the_same_metric_is_not_compared() -> None:
    cited = [{"file": "a", "line": 1, "kind": "pg.plan", "subject": "orders"}]
    for other in ({"rule": "PG002"}, {"evidence": cited}):
        (row,) = compared([state()], [state(value=9000, **other)])["rows"]
        assert (row["verdict"], row["measured"]) == ("same", None)


def test_a_change_from_nothing_has_no_per_cent() -> None:
    (row,) = compared([state(value=0)], [state(value=500)])["rows"]
    assert (row["measured"]["percent"], row["measured"]["direction"]) == (None, "worse")


def test_what_was_dismissed_is_no_risk_of_the_clients() -> None:
    assert compared([state()], [state(left_out=True)])["rows"] == []
    assert compared([state(left_out=True)], [state(standing="resolved")])["rows"] == []
    assert compared([state(left_out=True)], [state()])["counts"]["same"] == 1


def test_new_says_whether_it_was_measured_before() -> None:
    (row,) = compared([], [state()], PG001="clear")["rows"]
    assert row["note"] == ""
    (row,) = compared([], [state()], PG001="cannot tell")["rows"]
    assert row["note"] == "It was not measured before."


def test_a_buyer_repeats_the_sentence() -> None:
    counts = dict.fromkeys(("worse", "new", "better", "same", "fixed", "not measured"), 0)
    assert sentence(counts) == "No risk was found either time."
    assert sentence(counts | {"new": 2}) == "There was no risk before; 2 are new."
    assert sentence(counts | {"fixed": 5, "worse": 1, "new": 2, "same": 3}) == (
        "5 of 9 risks are fixed, 1 is worse, 3 are the same, 2 are new."
    )
    assert sentence(counts | {"same": 1}) == "None of 1 risk is fixed, 1 is the same."
    assert sentence(counts | {"fixed": 1, "not measured": 1}) == (
        "1 of 2 risks is fixed, 1 was not measured this time."
    )


def test_a_report_that_leaves_a_risk_out_does_not_say_that_it_is_fixed() -> None:
    first = snapshot_of_report({"findings": [machine("f1"), machine("f2")]})
    later = snapshot_of_report({"findings": [], "resolved": [machine("f2")]})
    verdicts = {row["id"]: row["verdict"] for row in compare(first, later)["rows"]}
    assert verdicts == {"f1": "not measured", "f2": "fixed"}
    assert compare(snapshot_of_report({}), snapshot_of_report({}))["rows"] == []
