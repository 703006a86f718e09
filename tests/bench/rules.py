"""All rules over 50,000 rows of evidence, and the judging of the demo after its last byte, in CPU seconds.

    python -m tests.bench.rules [--rows 50000] [--slowest 8]

The rows are those of the rules' own cases and of the demo, each many times with another subject, and the statements,
tables and routes that they name renamed with it: every rule has work, and what meets by name still meets. Exit status
1 when a bar is missed. On two shared cores: 186 rules 2.0 s, 3,469 hits ranked in 1.9 s, the demo judged in 0.02 s.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import process_time

from reviews.assessment import assess
from reviews.exports import read_exports
from reviews.intake import parse_intake
from reviews.risk.finding import finding_of
from reviews.risk.rank import rank_hits
from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules import RULES
from telemetry.rules.base import run_rule
from tests.telemetry.rule_cases import all_cases

SAMPLE = Path(__file__).parents[1] / "samples/harbor-books"
RULES_S, DEMO_S = 3.0, 5.0
# Rows of which a file has one: many of them would be no evidence that anybody sends.
SINGLE = ("server", "all", "run", "source", "package", "recording")


def many(rows: Sequence[Evidence], wanted: int) -> list[Evidence]:
    """So many rows: each of the given ones again and again, its subject and attrs under another name."""
    made = list(rows)
    copies = [row for row in rows if row.subject not in SINGLE and not row.folded]
    number = 0
    while len(made) < wanted:
        number += 1
        made += [_renamed(row, number) for row in copies]
    return made[:wanted]


def _renamed(row: Evidence, number: int) -> Evidence:
    attrs = dict(row.attrs)
    if isinstance(attrs.get("tables"), list):
        attrs["tables"] = [f"{name}_{number}" for name in attrs["tables"]]
    if isinstance(attrs.get("table"), str):
        attrs["table"] = f"{attrs['table']}_{number}"
    head, bracket, rest = row.subject.partition("(")
    return replace(row, subject=f"{head}_{number}{bracket}{rest}", attrs=attrs)


def spent(work: Callable[[], object]) -> float:
    """CPU seconds of the second of two runs: the first one fills caches that a worker has filled."""
    work()
    started = process_time()
    work()
    return process_time() - started


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was measured; 0 when every bar is held."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--slowest", type=int, default=8)
    given = parser.parse_args(arguments)
    intake = parse_intake((SAMPLE / "intake.toml").read_text())
    readings = read_exports([SAMPLE / "exports"], lambda line: None)
    demo = [row for reading in readings if reading.result for row in reading.result.evidence]
    rows = many([*demo, *(row for case in all_cases() if case.type == "clear" for row in case.rows)], given.rows)
    known = EvidenceSet(rows)
    by_rule = {rule.id: spent(lambda rule=rule: run_rule(rule, known)) for rule in RULES}  # type: ignore[misc]
    outcomes = [run_rule(rule, known) for rule in RULES]
    hits = sum(len(outcome.hits) for outcome in outcomes)
    ranking = spent(lambda: [finding_of(risk) for risk in rank_hits(outcomes, known, intake.flows)])
    judging = spent(lambda: assess(intake, readings))
    print(f"{len(RULES)} rules over {len(rows):,} rows: {sum(by_rule.values()):.2f} s CPU (bar {RULES_S})")
    for name, seconds in sorted(by_rule.items(), key=lambda pair: -pair[1])[: given.slowest]:
        print(f"  {name} {seconds:.3f} s")
    print(f"{hits:,} hits linked, scored and ranked: {ranking:.2f} s CPU")
    print(f"The demo judged after its last byte: {judging:.3f} s CPU (bar {DEMO_S})")
    return 0 if sum(by_rule.values()) <= RULES_S and judging <= DEMO_S else 1


if __name__ == "__main__":
    sys.exit(main())
