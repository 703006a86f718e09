"""The same component fails again and again."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.incidents import UNNAMED, is_mended
from telemetry.rules.numbers import Told, shown, worst_each


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for each component that is named; what has been quiet for two months since counts as mended."""
    rows = [row for row in evidence.of("ops.component") if row.subject.lower() not in UNNAMED]
    if not rows:
        yield CannotTell("incidents with the component that failed")
    for row in worst_each(rows, "most_30d"):
        if row.metrics["most_30d"] > threshold.value and not is_mended(evidence, row.subject):
            yield _hit(row, threshold.value)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} failed {told(row, 'most_30d')} times within a month (limit {shown(limit, '1')}), and "
        f"{told(row, 'incidents')} times in all that was sent."
    )
    told.also(row, "mean_s", "open", "high")
    return Hit(
        subject=Subject("component", row.subject),
        title="One component fails again and again",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
    )


RULE = Rule(
    id="RL031",
    slug="repeat-incident",
    area="release",
    mechanism="repeat-incident",
    title="One component fails again and again",
    needs=(("ops.component", "most_30d"),),
    threshold=Threshold(
        2,
        "1",
        "Twice in a month may be chance; a third time says that the cause was left standing.",
        "House limit; Google SRE, Postmortem Culture",
    ),
    degradation=0.6,
    why="The same people are called for the same fault, and customers see it again. Each repair was a patch.",
    fix=(
        "Lay the incidents of this component side by side: what came before each of them.",
        "Agree on one cause and one change that removes it, with a name and a date.",
        "Do no new work on the component before that.",
        "Add the measurement that would have told it an hour earlier.",
    ),
    first_slice=FirstSlice("Lay the component's incidents side by side", 4),
    effort=Effort(1, 3, 8),
    removes=0.6,
    verify="No incident of the component in the month after the change.",
    rollback="The change's own.",
    references=("Google SRE, Postmortem Culture https://sre.google/sre-book/postmortem-culture/",),
    check=check,
)
