"""What holds for any client: more load never helps, more capacity never hurts, the order of files changes nothing."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.capacity.gather import numbers_of
from reviews.capacity.shapes import Gathered, input_row
from reviews.capacity.verdict import WORDS
from telemetry.evidence import EvidenceSet
from tests.reviews.capacity.making import core, demo, demo_evidence

Machine = dict[str, Any]
_amount = st.floats(0.01, 1e6)
_kinds = st.sampled_from(["level", "concurrency", "window", "table", "quota"])
RESOURCE = """
[[resource]]
name = "r{n}"
kind = "{kind}"
critical = {critical}
driver = "load"
capacity = {capacity}
slots = 3
hold_s = [{hold}, {hold}]
per = 1
peak_factor = {peak}
fixed = {fixed}
when_full = "{full}"
"""


@st.composite
def _resources(draw: st.DrawFn) -> list[Machine]:
    return [
        {
            "n": n,
            "kind": draw(_kinds),
            "critical": draw(st.sampled_from(["true", "false"])),
            "capacity": draw(_amount),
            "hold": draw(st.floats(0.01, 100)),
            "peak": draw(st.floats(1, 10)),
            "fixed": draw(st.just(0.0) | st.floats(1e-9, 1e3)),
            "full": draw(st.sampled_from(["waits", "loses data", "duplicates data"])),
        }
        for n in range(draw(st.integers(1, 3)))
    ]


def modelled(resources: list[Machine], load: float, more: float = 1.0) -> Machine:
    rows = "".join(RESOURCE.format(**row | {"capacity": row["capacity"] * more}) for row in resources)
    scenario = '[[scenario]]\nname = "own"\nfactor = 3\nevent_hours = 5\n'
    return core(f'[[driver]]\nname = "load"\ncurrent = {load}\n{rows}{scenario}')


def levels(document: Machine) -> dict[str, int]:
    known = {row["name"]: row["verdict"] for row in document["scenarios"]}
    return {name: WORDS.index(word) for name, word in known.items() if word in WORDS}


def multiples(document: Machine) -> dict[str, float]:
    return {row["resource"]: row["multiple"] for row in document["breaking_points"]}


@settings(max_examples=40)
@given(_resources(), _amount, st.floats(1, 100))
def test_more_load_never_helps(resources: list[Machine], load: float, times: float) -> None:
    less, more = modelled(resources, load), modelled(resources, load * times)
    after = levels(more)
    assert all(after[name] >= level for name, level in levels(less).items())
    later = multiples(more)
    assert all(later[name] <= value * (1 + 1e-9) for name, value in multiples(less).items())


@settings(max_examples=40)
@given(_resources(), _amount, st.floats(1, 100))
def test_more_capacity_never_hurts(resources: list[Machine], load: float, times: float) -> None:
    less, more = modelled(resources, load), modelled(resources, load, times)
    after, later = levels(more), multiples(more)
    assert all(after[name] <= level for name, level in levels(less).items())
    assert all(later[name] >= value * (1 - 1e-9) for name, value in multiples(less).items())


@settings(max_examples=40)
@given(_resources(), _amount)
def test_what_is_said_to_help_helps(resources: list[Machine], load: float) -> None:
    for scenario in modelled(resources, load)["scenarios"]:
        sized = [row for row in scenario["better"] if row["to"] is not None]
        assert all(row["change"] == "another way" for row in scenario["better"] if row not in sized)
        for row in sized:
            assert row["used_after"] <= 0.8 + 1e-9
            assert row["to"] != row["from"]
            if row["change"] in ("capacity", "slots", "a higher limit"):
                assert row["to"] >= row["carries"] > row["from"] * 0.69


@settings(max_examples=40)
@given(_resources(), _amount)
def test_values_lie_between_their_ends(resources: list[Machine], load: float) -> None:
    document = modelled(resources, load)
    for row in document["breaking_points"]:
        assert row["multiple_low"] <= row["multiple"] * (1 + 1e-9)
        assert row["multiple_high"] is None or row["multiple"] <= row["multiple_high"] * (1 + 1e-9)
    for scenario in document["scenarios"]:
        words = [scenario[name] for name in ("verdict_best", "verdict", "verdict_worst")]
        known = [WORDS.index(word) for word in words if word in WORDS]
        assert known == sorted(known)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_files_does_not_matter(seed: int) -> None:
    rows = list(demo_evidence().rows)
    random.Random(seed).shuffle(rows)
    assert list(numbers_of(EvidenceSet(rows))) == list(demo()[1].inputs)


def test_numbers_are_kept_and_come_back_the_same() -> None:
    found = demo()[1]
    back = Gathered.of_kept(found.kept())
    assert [input_row(entry) for entry in back.inputs] == [input_row(entry) for entry in found.inputs]
    assert (back.as_of, back.traffic, back.systems) == (found.as_of, found.traffic, found.systems)
