"""Every closed form gives the figures of its sources; the seeds' wrong ones come out right."""

import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text())["case"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_worked_case(case: dict[str, Any]) -> None:
    module, function = case["call"].split(".")
    result = getattr(import_module(f"reviews.capacity.formulas.{module}"), function)(*case["with"])
    expected, rel = case["gives"], case.get("rel", 1e-9)
    for name, value in (expected if isinstance(expected, dict) else {"": expected}).items():
        close = value if isinstance(value, str) else pytest.approx(value, rel=rel, abs=1e-12)
        assert _field(result, name) == close, name


def test_the_oracles_that_a_closed_form_answers_are_all_here() -> None:
    named = {name for case in CASES for name in case["name"].split() if name.startswith("O") and name[1:].isdigit()}
    assert named >= {f"O{n}" for n in (1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23)}


def _field(result: Any, name: str) -> Any:
    """A field of a record, a method of it with its argument ("percentile 0.95"), or the result itself."""
    field, _, argument = name.partition(" ")
    found = getattr(result, field) if field else result
    return found(float(argument)) if argument else found
