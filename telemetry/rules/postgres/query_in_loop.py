"""A loop of the code asks the database in each turn, and the statistics show it."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.code_tables import Tables, by_model, findings_by_table, joined, stem
from telemetry.rules.places import NEEDS_CODE
from telemetry.rules.postgres import n_plus_one
from telemetry.rules.statements import LOG, STAT

SMELL = "query_in_loop"


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A loop over three rows is no fault: only where statements repeat do the places join that finding."""
    found = by_model(evidence, SMELL)
    if found and not (evidence.has(STAT, "rows_per_call") or evidence.has(LOG, "count")):
        yield CannotTell(f"pg_stat_statements: how often the loops over {', '.join(list(found)[:5])} run")
        return
    known, tables = findings_by_table(n_plus_one.RULE, evidence), Tables(evidence)
    for model, rows in found.items():
        row = tables.of(model)
        finding = known.get(stem(row.subject if row else model))
        if finding is not None:
            yield joined(finding, rows, SMELL)


RULE = Rule(
    id="PG080",
    slug="query-in-loop",
    area="postgres",
    mechanism="n-plus-one",
    title="A loop asks the database in each turn",
    needs=NEEDS_CODE,
    threshold=n_plus_one.RULE.threshold,
    degradation=0.3,
    why=n_plus_one.RULE.why,
    fix=(
        "Open the place in the code that is quoted, and list what one turn of the loop reads.",
        "Read it for all turns at once (where key in (...), include, prefetch_related, a dataloader).",
        "Count the statements of the page in a test, so that the loop does not come back.",
    ),
    first_slice=FirstSlice("Read the rows of the heaviest loop at once", 4),
    effort=Effort(0.25, 0.75, 2),
    removes=0.9,
    verify=n_plus_one.RULE.verify,
    rollback=n_plus_one.RULE.rollback,
    references=n_plus_one.RULE.references,
    check=check,
)
