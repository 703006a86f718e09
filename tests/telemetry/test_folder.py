"""A folder of whatever the client had at hand: every file is recognised, alone by its content, also inside one zip."""

import zipfile
from pathlib import Path

import pytest

from telemetry.opening import open_path
from telemetry.reading import read_opened
from telemetry.source import no_progress
from tests.telemetry.cases import Case, all_cases

# Two of each format are enough to mix, and keep the test short.
EACH = 2
AT_LEAST = 40


def good_cases() -> list[tuple[str, Case]]:
    """Up to two readable files of each format."""
    chosen: dict[str, list[Case]] = {}
    for case in all_cases():
        if "error" not in case.expected:
            chosen.setdefault(case.parser.id, []).append(case)
    return [(format_id, case) for format_id, found in chosen.items() for case in found[:EACH]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files under names that say nothing."""
    mixed = tmp_path / "from the client"
    mixed.mkdir()
    for number, (format_id, case) in enumerate(good_cases()):
        (mixed / f"{number:03} {format_id}").write_bytes(case.path.read_bytes())
    assert len(list(mixed.iterdir())) >= AT_LEAST
    return mixed


def formats(path: Path) -> list[tuple[str, str | None]]:
    readings = [read_opened(opened, no_progress, None) for opened in open_path(path)]
    return [(reading.file.split("/")[-1].split(" ", 1)[1], reading.format) for reading in readings]


def test_every_file_of_a_mixed_folder_is_recognised(folder: Path) -> None:
    assert [(name, found) for name, found in formats(folder) if name != found] == []


def test_the_same_folder_as_one_zip(folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.iterdir()):
            packed.write(path, path.name)
    assert formats(archive) == formats(folder)
