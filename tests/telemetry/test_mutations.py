"""Damaged and forged files end in a sound result or in a message; tests/bench/fuzz.py tries many more."""

from pathlib import Path

import pytest

from telemetry.opening import open_file
from telemetry.reading import read_opened
from tests.telemetry.cases import Case, all_cases
from tests.telemetry.mutations import mutated
from tests.telemetry.soundness import faults_of

CASES = list(all_cases())
SAMPLES = [case.path.read_bytes() for case in CASES if case.path.stat().st_size < 100_000]
EACH = 60


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reading_of_a_case_is_sound(case: Case) -> None:
    assert faults_of(read_opened(case.opened())) == []


@pytest.mark.parametrize("first", range(0, 600, EACH))
def test_reading_of_a_mutation_is_sound(first: int, tmp_path: Path) -> None:
    path = tmp_path / "export"
    for seed in range(first, first + EACH):
        path.write_bytes(mutated(seed, SAMPLES))
        assert faults_of(read_opened(open_file(path, "export"))) == [], seed
