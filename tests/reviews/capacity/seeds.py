"""The five documents that the product grew from, fed back to it: their facts as intake and evidence, reviewed once."""

from functools import cache
from pathlib import Path
from typing import Any

from reviews.assessment import assess
from reviews.capacity.inputs import Inputs
from reviews.capacity.known import Changes
from reviews.capacity.model import capacity_of
from reviews.capacity.shapes import Gathered, inputs_of_rows
from reviews.exports import read_exports
from reviews.intake import Intake, parse_intake
from reviews.report.compose import compose_assessment

SEEDS = Path(__file__).parents[2] / "samples/seeds"
Row = dict[str, Any]


@cache
def intake_of(seed: str, *beside: str) -> Intake:
    """The seed's intake, with further files of tables behind it."""
    return parse_intake("\n".join((SEEDS / seed / name).read_text() for name in ("intake.toml", *beside)))


@cache
def document_of(seed: str, *beside: str) -> Row:
    """The whole review of a seed, as the command writes it. Callers must not change it."""
    exports = SEEDS / seed / "exports"
    readings = read_exports([exports], lambda line: None) if exports.is_dir() else []
    intake = intake_of(seed, *beside)
    return compose_assessment(intake, assess(intake, readings))


def model_of(intake: Intake, changes: Changes | None = None) -> Row:
    """The capacity model of an intake alone, with what a consultant changed."""
    return capacity_of(intake, Gathered(Inputs([])), changes=changes)


def inputs_in(document: Row) -> Inputs:
    """The inputs of the capacity model."""
    return inputs_of_rows(document["capacity"]["inputs"])


def named(rows: list[Row], title: str, key: str = "title") -> Row:
    """The one row of this name; KeyError says which there are."""
    found = [row for row in rows if row[key] == title]
    if len(found) != 1:
        raise KeyError(f"{title!r} is not once among {[row[key] for row in rows]}")
    return found[0]


def scenario(document: Row, name: str) -> Row:
    """A scenario by name."""
    return named(document["scenarios"], name, "name")


def used(document: Row, name: str, resource: str) -> Row:
    """The row of a resource in a scenario."""
    return named(scenario(document, name)["rows"], resource)


def breaks(document: Row, resource: str) -> Row:
    """The breaking point of a resource."""
    return named(document["capacity"]["breaking_points"], resource)


def rules_of(document: Row) -> set[str]:
    """Ids of the rules that found something."""
    return {finding["rule"] for finding in document["findings"]}
