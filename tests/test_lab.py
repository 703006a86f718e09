"""The lab's scenarios are well formed; running them takes an hour and is done by hand (tests/lab/README.md)."""

import sys
import tomllib
from pathlib import Path

import pytest

from telemetry.mechanisms import MECHANISMS

LAB = Path(__file__).parent / "lab"
SCENARIOS = sorted((LAB / "scenarios").glob("*.toml"))
sys.path.insert(0, str(LAB))

from names import draw  # noqa: E402
from run import rendered, scenarios  # noqa: E402
from world import knobs_of  # noqa: E402


def families() -> list[str]:
    return [scenario.family for scenario in scenarios().values()]


def test_there_are_enough_of_each_family() -> None:
    assert families().count("fault") >= 24
    assert families().count("compound") >= 4
    assert families().count("decoy") + families().count("healthy") >= 6


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_is_sound(path: Path) -> None:
    scenario = scenarios()[path.stem]
    knobs_of(scenario.knobs)
    named = {name for row in scenario.truth for name in (row["mechanism"], *row.get("or", []))}
    assert named | set(scenario.symptoms) | set(scenario.stay_silent) <= set(MECHANISMS)
    assert bool(scenario.truth) == (scenario.family in ("fault", "compound"))
    for row in scenario.truth:
        assert "{" not in rendered(row["subject"], draw(3))
    assert set(tomllib.loads(path.read_text())) <= {"family", "knobs", "truth", "felt", "symptoms", "stay_silent"}


def test_names_differ_between_seeds() -> None:
    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
