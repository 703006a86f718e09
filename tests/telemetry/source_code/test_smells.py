"""Every smell against its cases: a hit, what looks like it and is fine, and what the code does not tell."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from telemetry.kinds.source_code import KINDS
from telemetry.source_code.repo import Repository, read_file
from telemetry.source_code.smells import SMELLS
from telemetry.source_code.smells.base import Smell, Verdict
from telemetry.source_code.survey import Survey

FOLDER = Path(__file__).parent / "smells"
MODULES = Path(__file__).parents[3] / "telemetry" / "source_code" / "smells"
BY_NAME = {smell.name: smell for smell in SMELLS}
CASES = [
    (path.stem, case) for path in sorted(FOLDER.glob("*.toml")) for case in tomllib.loads(path.read_text())["case"]
]
# What limits or does not limit is always told by the code itself: there is no place that cannot be judged.
ALWAYS_KNOWN = {"task_without_time_limit", "llm_in_request", "blocking_call"}


def survey_of(files: dict[str, str]) -> Survey:
    read = [read_file(path, text.lstrip("\n").encode()) for path, text in files.items()]
    assert all(file is not None and not file.broken for file in read)
    return Survey(Repository([file for file in read if file is not None]))


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda value: value if isinstance(value, str) else value["name"])
def test_case(name: str, case: dict[str, Any]) -> None:
    judged = BY_NAME[name].check(survey_of(case["files"]))
    found = sorted({(one.verdict.value, one.file.path, one.line) for one in judged}, key=lambda row: row[1:])
    assert found == sorted(map(tuple, case["expect"]), key=lambda row: row[1:])


@pytest.mark.parametrize("smell", SMELLS, ids=lambda smell: smell.name)
def test_every_smell_has_a_hit_a_near_miss_and_what_is_not_known(smell: Smell) -> None:
    shown = {row[0] for name, case in CASES if name == smell.name for row in case["expect"]}
    assert shown >= {verdict.value for verdict in Verdict} - ({"unknown"} if smell.name in ALWAYS_KNOWN else set())


def test_the_list_holds_every_smell_on_disk_and_the_kinds_name_each() -> None:
    on_disk = {path.stem for path in MODULES.glob("*.py") if "\nSMELL = " in path.read_text()}
    assert {smell.name for smell in SMELLS} == on_disk == set(KINDS["code.smell"]) == set(BY_NAME)
    assert len(SMELLS) == len(BY_NAME)
