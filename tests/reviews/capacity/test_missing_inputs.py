"""Bar 4: take each input away in turn; nothing that used it is still a number, and what it needs is named."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from reviews.capacity.inputs import Input, Inputs
from reviews.capacity.known import DERIVED_WORDS, inputs_of, with_derived
from reviews.capacity.model import model_of
from reviews.capacity.shapes import Gathered
from reviews.intake import Intake
from tests.reviews.capacity.making import demo, full
from tests.reviews.capacity.stress_audit import audit

Machine = dict[str, Any]
AUDIT = (audit(), Gathered(Inputs([]), date(2026, 3, 1)))


def base(intake: Intake, found: Gathered) -> list[Input]:
    """Everything that was measured, stated or assumed, without what follows from it."""
    return [
        entry for entry in inputs_of(intake, found.inputs) if not entry.source.words.startswith(f"{DERIVED_WORDS}: ")
    ]


def figures(document: Machine) -> Iterator[tuple[tuple[str, ...], Machine]]:
    """Every printed row with the inputs behind it, by what it is."""
    for row in document["resources"]:
        yield ("resource", row["id"]), {"value": row["used_peak"] or row["used_mean"], "uses": row["uses"]}
    for row in document["breaking_points"]:
        yield ("breaking", row["resource"]), {"value": row["multiple"], "uses": row["uses"]}
        yield (
            ("reached", row["resource"]),
            {"value": row["reached"] and row["reached"]["words"], "uses": row["uses"]},
        )
    for scenario in document["scenarios"]:
        for row in scenario["rows"]:
            value = row["used_steady"] if row["used_peak"] is None else row["used_peak"]
            yield ("scenario", scenario["name"], row["resource"]), {"value": value, "uses": row["uses"]}


def uses_anywhere(part: Any) -> Iterator[str]:
    """Keys of inputs behind any number of the document; a row without its number only says what it would use."""
    if isinstance(part, dict):
        if isinstance(part.get("uses"), list) and part.get("value", 0) is not None:
            yield from part["uses"]
        for value in part.values():
            yield from uses_anywhere(value)
    elif isinstance(part, list):
        for value in part:
            yield from uses_anywhere(value)


def needed(document: Machine) -> set[str]:
    """Keys that the document asks for."""
    keys = {key for row in document["unknown"] for key in row["keys"]}
    return keys | {key for scenario in document["scenarios"] for key in scenario["needs_keys"]}


@pytest.mark.parametrize("engagement", [demo, lambda: AUDIT, full], ids=["demo", "audit", "full"])
def test_what_used_an_input_is_no_number_without_it(engagement: Callable[[], tuple[Intake, Gathered]]) -> None:
    intake, found = engagement()
    known = base(intake, found)
    whole = model_of(with_derived(Inputs(known)), intake, found)
    before, used = dict(figures(whole)), set(uses_anywhere(whole))
    assert len(used) > 10
    for entry in known:
        without = model_of(with_derived(Inputs(row for row in known if row is not entry)), intake, found)
        own = {scenario.name for scenario in intake.capacity.scenarios if entry.key in scenario.inputs}
        without["scenarios"] = [row for row in without["scenarios"] if row["name"] not in own]
        assert entry.key not in set(uses_anywhere(without)), entry.key
        assert entry.key not in {row["key"] for row in without["inputs"]}
        after = dict(figures(without))
        gone = False
        for name, row in before.items():
            if entry.key in row["uses"] and row["value"] is not None:
                now = after.get(name, {"value": None, "uses": []})
                assert now["value"] is None or now["uses"] != row["uses"], (entry.key, name)
                # A resource that no load moves has a breaking point only while it is over its limit.
                still = (
                    name[0] in ("breaking", "reached") and after.get(("resource", name[1]), {}).get("value") is not None
                )
                gone = gone or (now["value"] is None and not still)
        if gone and not entry.key.endswith(".growth"):
            assert entry.key in needed(without), entry.key


def test_a_date_without_growth_says_what_it_needs() -> None:
    intake, found = AUDIT
    known = [entry for entry in base(intake, found) if entry.key != "driver.campaigns.growth"]
    points = model_of(Inputs(known), intake, found)["breaking_points"]
    worker = next(row for row in points if row["resource"] == "stated:stats worker")
    assert worker["reached"] is None
    assert any("Growth of campaigns" in need for need in worker["needs"])


def test_nothing_at_all_is_not_known_and_asks() -> None:
    intake = Intake("A", "B", stack=("postgres", "redis", "vercel"))
    document = model_of(Inputs([]), intake, Gathered(Inputs([])))
    assert (document["resources"], document["breaking_points"]) == ([], [])
    assert {row["verdict"] for row in document["scenarios"]} == {"not known"}
    assert all(row["needs"] for row in document["scenarios"])
    assert {row["title"] for row in document["unknown"]} >= {"Database connections", "Connection pool"}
