"""Damaged and forged files end in a sound result or in a message; tests/bench/fuzz.py tries many more."""

from pathlib import Path

import pytest

from telemetry.opening import open_file, open_path
from telemetry.parsers.metrics_exposition import labels_of
from telemetry.reading import read_opened
from tests.telemetry.cases import Case, all_cases
from tests.telemetry.mutations import forged_repository, mutated
from tests.telemetry.soundness import faults_of

CASES = list(all_cases())
SAMPLES = [case.path.read_bytes() for case in CASES if case.path.stat().st_size < 100_000]
EACH = 60
REPOS = Path(__file__).parents[1] / "samples" / "repos"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reading_of_a_case_is_sound(case: Case) -> None:
    assert faults_of(read_opened(case.opened())) == []


@pytest.mark.parametrize("first", range(0, 600, EACH))
def test_reading_of_a_mutation_is_sound(first: int, tmp_path: Path) -> None:
    path = tmp_path / "export"
    for seed in range(first, first + EACH):
        path.write_bytes(mutated(seed, SAMPLES))
        assert faults_of(read_opened(open_file(path, "export"))) == [], seed


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_reading_of_a_forged_repository_is_sound(first: int, tmp_path: Path) -> None:
    """Each is a zip of files of applications; most are still read as source code."""
    paths = sorted(path for path in REPOS.rglob("*") if path.is_file())
    sources = [(path.relative_to(REPOS).as_posix(), path.read_bytes()) for path in paths]
    formats: list[str | None] = []
    for seed in range(first, first + 20):
        path = tmp_path / "repo.zip"
        path.write_bytes(forged_repository(seed, sources))
        for reading in map(read_opened, open_path(path)):
            assert faults_of(reading) == [], seed
            formats.append(reading.format)
    assert formats.count("source-code") > 10


def test_a_word_in_front_of_labels_is_tried_once() -> None:
    """Found by the fuzz: a word of 70,000 letters was tried from each of them, for minutes."""
    text = "a" * 70_000 + '{route="/a",code = "200" , "quoted.name"="x"}'
    assert labels_of(text) == (("route", "/a"), ("code", "200"), ("quoted.name", "x"))
