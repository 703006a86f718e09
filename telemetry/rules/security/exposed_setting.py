"""A working credential stands in a file that is passed around."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, worst_each


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit for each setting whose value looks as if it worked; the value itself is never kept."""
    for row in worst_each(evidence.of("repo.setting"), "exposed"):
        if row.metrics["exposed"] > threshold.value:
            yield _hit(row, threshold.value)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    told.also(row, "exposed", "filled")
    return Hit(
        subject=Subject("setting", row.subject),
        title=f"{row.subject} is readable in the repository",
        said=f"{row.subject} has a value in a file of examples that looks like a credential in use, not like a "
        "placeholder.",
        cites=told.cites,
        limit=limit,
    )


RULE = Rule(
    id="SE015",
    slug="exposed-setting",
    area="security",
    mechanism="exposed-secret",
    title="A credential is readable in the repository",
    needs=(("repo.setting", "exposed"),),
    threshold=Threshold(
        0,
        "1",
        "One credential that works is enough; examples need none.",
        "OWASP Secrets Management Cheat Sheet",
    ),
    degradation=0.6,
    why="Everyone who ever had a copy of the repository can use it, and history keeps it after the line is gone.",
    fix=(
        "Replace the credential where it is used; deleting the line does not take it back.",
        "Look in the provider's log for use from places you do not know.",
        "Leave the value empty in the example, and keep real ones in the platform's store of secrets.",
        "Scan commits for secrets before they are pushed.",
    ),
    first_slice=FirstSlice("Replace the credential and empty the example", 2),
    effort=Effort(0.25, 0.5, 1),
    removes=0.9,
    verify="The old credential is refused, and a scan of the repository's history finds no other that works.",
    rollback="Issue a further credential; the exposed one stays revoked.",
    references=(
        "OWASP, Secrets Management Cheat Sheet "
        "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
    ),
    check=check,
)
