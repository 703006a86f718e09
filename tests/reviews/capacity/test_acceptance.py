"""The table of acceptance names every row of the five documents once, and only tests and rules that there are."""

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from telemetry.rules import RULES

TESTS = Path(__file__).parents[2]
ROWS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("acceptance.toml").read_text())
COUNTS = {"S0": 26, "S1": 51, "S2": 32, "S3": 63, "S4": 23}  # rows of each document
ERRORS = 20


@cache
def functions(path: Path) -> frozenset[str]:
    """Names of the test functions of a file."""
    return frozenset(node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef))


def test_every_row_is_there_once_and_in_order() -> None:
    expected = [f"{seed}-{n:02}" for seed, count in COUNTS.items() for n in range(1, count + 1)]
    assert sum(COUNTS.values()) == 195
    assert list(ROWS) == expected + [f"X{n}" for n in range(1, ERRORS + 1)]
    assert all(row["heading"] for row in ROWS.values())


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_covered_or_says_why_not(name: str) -> None:
    row = ROWS[name]
    covered = bool(row.get("tests") or row.get("rules"))
    assert set(row) <= {"heading", "class", "tests", "rules", "lacks", "not_covered"}
    assert not (covered and "not_covered" in row)
    assert row["class"] == "X" or set(row["class"].split("/")) <= {"C", "T", "W"}
    if row["class"] != "W":
        assert covered or row["not_covered"]


@pytest.mark.parametrize("name", ROWS)
def test_what_a_row_names_exists(name: str) -> None:
    for entry in ROWS[name].get("tests", ()):
        path, _, function = entry.partition("::")
        assert function in functions(TESTS / path), entry
    assert set(ROWS[name].get("rules", ())) <= {rule.id for rule in RULES}


def test_every_test_of_a_document_stands_in_the_table() -> None:
    named = {entry for row in ROWS.values() for entry in row.get("tests", ())}
    for path in sorted(Path(__file__).parent.glob("test_seed_s*.py")):
        rows = {name for name in functions(path) if name.startswith(("test_s", "test_x"))}
        assert rows
        missing = {name for name in rows if f"reviews/capacity/{path.name}::{name}" not in named}
        assert missing == set(), path.name
