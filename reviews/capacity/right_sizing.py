"""What not to build yet, what to build first, and how far the plain way carries: S4's guide with the client's figures.

`right_sizing_of(...)` gives one dict:

    {"said": headline, "floor": sentence | "",
     "rows": [technology rows, see choices.skip_until],
     "checklists": [{"slug", "title", "verdict", "met", "of", "measured", "said", "criteria": [criterion rows]}],
     "ladder": see choices.ladder, "vertical": [..], "pros_and_cons", "horizontal": {..}, "runway": {..}: see
     choices.scaling, "isolation": see choices.isolation,
     "keep": [titles in use], "later": [{"title", "until"}],     # technology decisions: current, future
     "questions": [{"check", "text", "answer": "yes" | "no" | "partly" | "n/a" | None}]}  # of [checks]
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from reviews.capacity.choices.base import Criterion
from reviews.capacity.choices.isolation import RESTORE, SEPARATE, isolation_of
from reviews.capacity.choices.ladder import ladder_of
from reviews.capacity.choices.scaling import (
    PREREQUISITES,
    PROS_AND_CONS,
    horizontal_of,
    runway_of,
    vertical_of,
)
from reviews.capacity.choices.skip_until import below_floor, skip_until, summary
from reviews.capacity.choices.technologies import CHECKLISTS, TECHNOLOGIES
from reviews.capacity.choices.verdict import IN_USE, NOT_YET, SKIP
from reviews.capacity.facts import Facts
from reviews.capacity.inputs import Inputs
from reviews.capacity.measured import with_use
from reviews.capacity.policy import Policy
from reviews.capacity.resource import Resource

Row = dict[str, Any]


def right_sizing_of(
    policy: Policy,
    inputs: Inputs,
    resources: Sequence[Resource] = (),
    answers: Mapping[str, str] = MappingProxyType({}),
    findings: Sequence[Mapping[str, Any]] = (),
    clear: Sequence[Mapping[str, Any]] = (),
    not_assessed: Sequence[Mapping[str, Any]] = (),
    breaking_points: Sequence[Row] = (),
) -> Row:
    """All of the right-sizing; the shape stands in the module's docstring."""
    facts = Facts(policy, with_use(inputs, resources), answers, findings, clear, not_assessed)
    rows = skip_until(facts)
    floor = below_floor(facts)
    return {
        "said": f"{floor}. {summary(rows)}" if floor else summary(rows),
        "floor": floor,
        "rows": rows,
        "checklists": [_checklist(row) for row in rows if row["slug"] in CHECKLISTS],
        "ladder": ladder_of(facts, rows),
        "vertical": vertical_of(facts),
        "pros_and_cons": PROS_AND_CONS,
        "horizontal": horizontal_of(facts),
        "runway": runway_of(facts, breaking_points),
        "isolation": isolation_of(facts),
        "keep": [row["title"] for row in rows if row["verdict"] == IN_USE],
        "later": [
            {"title": row["title"], "until": row["skip_until"]} for row in rows if row["verdict"] in (SKIP, NOT_YET)
        ],
        "questions": [
            {"check": entry.check, "text": entry.text, "answer": answers.get(entry.check)} for entry in questions()
        ],
    }


def questions() -> list[Criterion]:
    """Everything that `[checks]` of an intake may answer for the right-sizing, each once."""
    asked = [entry for technology in TECHNOLOGIES for entry in technology.criteria]
    named = {entry.check: entry for entry in (*asked, *PREREQUISITES, SEPARATE, RESTORE) if entry.check}
    return list(named.values())


def _checklist(row: Row) -> Row:
    met, of, measured = row["met"], len(row["criteria"]), row["measured"]
    unknown = f", {of - measured} not measured" if measured < of else ""
    return {
        "slug": row["slug"],
        "title": row["title"],
        "verdict": row["verdict"],
        "met": met,
        "of": of,
        "measured": measured,
        "said": f"{met} of {of} criteria met{unknown}: {row['verdict']}.",
        "criteria": row["criteria"],
    }
