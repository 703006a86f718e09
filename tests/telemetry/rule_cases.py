"""The rules' cases as data: every TOML file below `rules/` holds the cases of the rule it is named after."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from telemetry.evidence import Evidence, EvidenceSet, Place
from telemetry.rules import RULES
from telemetry.rules.base import Outcome, Rule, Status, run_rule

CASES = Path(__file__).parent / "rules"
# A near miss looks like the fault and is none: the rule must be clear.
STATUS_OF = {
    "hit": Status.HIT,
    "clear": Status.CLEAR,
    "near_miss": Status.CLEAR,
    "cannot_tell": Status.CANNOT_TELL,
}


@dataclass(frozen=True)
class Case:
    """One case: what it is called, which rule it asks, what the files say, and what is expected beyond the status."""

    name: str
    type: str
    rule: Rule
    rows: tuple[Evidence, ...]
    expected: dict[str, Any]

    def run(self) -> Outcome:
        return run_rule(self.rule, EvidenceSet(list(self.rows)))


def evidence_of(number: int, row: dict[str, Any]) -> Evidence:
    """A row of a case; line and quote may be left out."""
    place = Place(row.get("line", number + 1), row.get("quote", f"{row['kind']} {row['subject']}"))
    metrics = {name: float(value) for name, value in row.get("metrics", {}).items()}
    return Evidence(row["kind"], row["subject"], metrics, place, {}, row.get("attrs", {}), row.get("file", "export"))


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case of every file; a file that names no rule is an error of the file."""
    by_path = {f"{rule.area}/{rule.slug}.toml": rule for rule in RULES}
    found = []
    for path in sorted(CASES.rglob("*.toml")):
        name = path.relative_to(CASES).as_posix()
        for case_type, cases in tomllib.loads(path.read_text()).items():
            for number, case in enumerate(cases):
                rows = tuple(evidence_of(place, row) for place, row in enumerate(case["evidence"]))
                expected = {key: value for key, value in case.items() if key not in ("evidence", "name")}
                called = f"{name.removesuffix('.toml')}-{case_type}-{number + 1}"
                found.append(Case(called, case_type, by_path[name], rows, expected))
    return tuple(found)


def cases_of(*types: str) -> list[Case]:
    return [case for case in all_cases() if case.type in types]
