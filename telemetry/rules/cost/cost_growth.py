"""A service costs far more this week than the week before."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.cost.cost_concentration import is_all
from telemetry.rules.numbers import Told, shown, worst_each

WORTH = 50.0  # a week, of any currency


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Each service; the whole bill only where no service of its own explains it."""
    rows = worst_each(evidence.having("ops.cost", "last_7d", "previous_7d"), "last_7d")
    grown = [row for row in rows if row.metrics["previous_7d"] >= WORTH]
    grown = [row for row in grown if row.metrics["last_7d"] > threshold.value * row.metrics["previous_7d"]]
    for row in [row for row in grown if not is_all(row)] or grown:
        told, limit = Told(), threshold.value * row.metrics["previous_7d"]
        name = "The whole bill" if is_all(row) else row.subject
        said = (
            f"{name} came to {told(row, 'last_7d')} in the last week (limit {shown(limit, 'money')}) and to "
            f"{told(row, 'previous_7d')} in the week before."
        )
        told.also(row, "billed", "share")
        yield Hit(
            subject=Subject("service", row.subject),
            title=f"{name} grows from week to week",
            said=said,
            cites=told.cites,
            limit=limit,
            breach=True,
        )


RULE = Rule(
    id="CO002",
    slug="cost-growth",
    area="cost",
    mechanism="runaway-cost",
    title="A service's cost runs away",
    needs=(("ops.cost", "last_7d"), ("ops.cost", "previous_7d")),
    threshold=Threshold(
        1.4,
        "1",
        "Two fifths more than the week before, from 50 of the currency a week on: no healthy use grows like that for "
        "long.",
        "House limit; FinOps Foundation, Anomaly management",
    ),
    degradation=0.1,
    why="The bill grew far faster within a week than customers can have done. If nothing is done, the next one is "
    "larger again.",
    fix=(
        "Name the day on which it began, and what was released, sent or attacked then.",
        "Compare with requests and users: growth of use, or of waste.",
        "Stop the waste (loops, bots, retries, logs), and set a budget with an alert.",
    ),
    first_slice=FirstSlice("Name the day and the cause of the growth", 3),
    effort=Effort(0.25, 1, 2),
    removes=0.7,
    verify="The next week is not above this one, at the same use.",
    rollback="The budget can be raised.",
    references=(
        "FinOps Foundation, Anomaly management https://www.finops.org/framework/capabilities/anomaly-management/",
    ),
    check=check,
)
