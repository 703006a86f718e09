"""One service takes more than half of the bill."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

WORTH = 500.0  # of any currency, in the bill's time: less is no project
ENOUGH_SERVICES = 3


def is_all(row: Evidence) -> bool:
    """Whether a row is the whole bill; each currency has one."""
    return row.subject == "all" or row.subject.startswith("all (")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Among three services or more; the largest part is where a saving is found, not a fault by itself."""
    rows = [row for row in evidence.having("ops.cost", "share", "billed") if not is_all(row)]
    if len({row.subject for row in rows}) < ENOUGH_SERVICES:
        return
    for row in worst_each(rows, "share"):
        if row.metrics["share"] > threshold.value and row.metrics["billed"] >= WORTH:
            told = Told()
            said = (
                f"{row.subject} takes {told(row, 'share')} of the bill (limit {shown(threshold.value, 'share')}): "
                f"{told(row, 'billed')} {row.attrs.get('currency', '')}".rstrip()
            )
            told.also(row, "last_7d", "previous_7d")
            yield Hit(
                subject=Subject("service", row.subject),
                title=f"{row.subject} takes most of the bill",
                said=said + ".",
                cites=told.cites,
                limit=threshold.value,
            )


RULE = Rule(
    id="CO001",
    slug="cost-concentration",
    area="cost",
    mechanism="runaway-cost",
    title="One service takes most of the bill",
    needs=(("ops.cost", "share"), ("ops.cost", "billed")),
    threshold=Threshold(
        0.5,
        "share",
        "More than half in one of three or more services: any saving begins there. From 500 of the currency on.",
        "FinOps Foundation, Workload optimization (largest driver first)",
    ),
    degradation=0.1,
    why="Most of the money goes to one service. What a customer costs you is decided there, and growth makes it larger "
    "first.",
    fix=(
        "Split the service's charges by use: which route, job or customer makes them.",
        "Take away the largest part: cache, batch, shorten what is kept.",
        "Set a budget with an alert at 80 %.",
    ),
    first_slice=FirstSlice("Split the largest charge by what causes it", 4),
    effort=Effort(0.5, 1.5, 3),
    removes=0.4,
    verify="The next bill shows the service's cost for each thousand users below that of this one.",
    rollback="Budgets and alerts change nothing; caches can be turned off.",
    references=("FinOps Foundation, Framework https://www.finops.org/framework/",),
    check=check,
)
