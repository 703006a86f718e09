"""The lists are held to what lies on the disk, and what stands in them is complete."""

import re
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path

import pytest

import telemetry.parsers
from telemetry.kinds import KINDS
from telemetry.kinds.changes import KINDS as CHANGES
from telemetry.kinds.joins import JOINS, SERIES
from telemetry.parsers import PARSERS
from telemetry.parsers.base import Parser
from telemetry.tables.targets import TARGETS
from tests.telemetry.cases import FOLDER, Case, all_cases

_MODULES = sorted(path.stem for path in Path(telemetry.parsers.__path__[0]).glob("*.py") if path.stem != "__init__")
REQUIRED = {"empty", "one", "many", "malformed"}


def parser_modules() -> dict[str, Parser]:
    """Modules of the folder that end in a PARSER, by name."""
    found = {name: import_module(f"telemetry.parsers.{name}") for name in _MODULES}
    return {name: module.PARSER for name, module in found.items() if hasattr(module, "PARSER")}


def test_every_parser_on_disk_is_in_the_list() -> None:
    assert {parser.id for parser in parser_modules().values()} == {parser.id for parser in PARSERS}


def test_ids_are_unique() -> None:
    assert len({parser.id for parser in PARSERS}) == len(PARSERS)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.id)
def test_parser_is_complete(parser: Parser) -> None:
    assert parser.id == parser.id.lower()
    assert 3 <= len(parser.title) <= 80
    assert len(parser.how_to_export) > 20
    assert len(parser.looks_for) > 20
    assert parser.kinds
    assert set(parser.kinds) <= set(KINDS)


@pytest.mark.parametrize("module", parser_modules())
def test_parser_has_its_cases(module: str) -> None:
    names = {case.name for case in all_cases() if case.module == module}
    assert names >= REQUIRED, f"{module} has no case {', '.join(sorted(REQUIRED - names))}"


@pytest.mark.parametrize("module", parser_modules())
def test_the_origin_of_every_case_is_told(module: str) -> None:
    """README.md names a case, by itself or with a star, or says where "the others" or "all" come from."""
    told = FOLDER / module / "README.md"
    assert told.is_file(), f"{told} is missing: it says which cases are captures, and of what"
    text = told.read_text()
    assert re.search(r"[Cc]aptured?\b|written", text), f"{told} tells no origin"
    names = {case.name for case in all_cases() if case.module == module} - REQUIRED
    words = [word.partition(".")[0] for word in re.findall(r"[\w*]+(?:\.\w+)?", text)]
    unnamed = {name for name in names if not any(fnmatchcase(name, word) for word in words)}
    rest = re.search(r"\b[Tt]he\s+others\b|\bAll\s+are\b", text)
    assert rest or not unnamed, f"{told} does not tell the origin of {', '.join(sorted(unnamed))}"
    starred = {word for word in words if "*" in word.strip("*") or word.endswith("*")} - {"*"}
    assert not [word for word in starred if not any(fnmatchcase(name, word) for name in names)], "a name without a case"


@pytest.mark.parametrize("case", list(all_cases()), ids=str)
def test_case_belongs_to_a_parser_and_says_what_is_expected(case: Case) -> None:
    assert case.module in parser_modules()
    assert case.expected


def test_no_expectation_without_a_file() -> None:
    named = {(case.module, case.name) for case in all_cases()}
    found = {(path.parent.name, path.name.removesuffix(".expected.json")) for path in FOLDER.glob("*/*.expected.json")}
    assert found == named


def test_every_kind_is_provided_by_a_parser_or_a_mapped_table() -> None:
    provided = {kind for source in (*PARSERS, *TARGETS) for kind in source.kinds}
    assert set(KINDS) == provided | set(CHANGES)


def test_every_metric_of_a_log_declares_how_it_joins() -> None:
    kinds = {kind for parser in PARSERS if parser.id in SERIES for kind in parser.kinds}
    assert set(JOINS) == kinds
    assert {kind: set(JOINS[kind]) for kind in kinds} == {kind: set(KINDS[kind]) for kind in kinds}
    assert set(SERIES) <= {parser.id for parser in PARSERS}
