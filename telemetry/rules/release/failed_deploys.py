"""Deployments to production fail too often."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.pipelines import to_production
from telemetry.rules.shapes import beyond_chance

ENOUGH_DEPLOYS = 20


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for each pipeline, when failures are too many beyond chance; previews may fail."""
    rows = [row for row in evidence.having("ops.deployment", "failed", "succeeded") if to_production(row)]
    for row in worst_each(rows, "failed_share"):
        ended = row.metrics["failed"] + row.metrics["succeeded"]
        if beyond_chance(row.metrics["failed"], ended, threshold.value, ENOUGH_DEPLOYS):
            yield _hit(row, threshold.value)
        elif ended < ENOUGH_DEPLOYS and row.metrics["failed_share"] > threshold.value:
            yield CannotTell(f"a longer list of deployments of {row.subject}: twenty or more that ended")


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, 'failed_share')} of the deployments of {row.subject} failed (limit {shown(limit, 'share')}): "
        f"{told(row, 'failed')} did and {told(row, 'succeeded')} did not."
    )
    told.also(row, "deployments", "per_day", "mean_s")
    return Hit(
        subject=Subject("pipeline", row.subject),
        title="Deployments fail too often",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
    )


RULE = Rule(
    id="RL010",
    slug="failed-deploys",
    area="release",
    mechanism="failed-deploys",
    title="Deployments fail too often",
    needs=(("ops.deployment", "failed_share"),),
    threshold=Threshold(
        0.2,
        "share",
        "More than one deployment in five that fails makes people wait, batch changes and skip checks.",
        "DORA 2024, change failure rate of the high cluster",
    ),
    degradation=0.1,
    why="A mend for a customer's problem waits behind deployments that fail, and people learn to ignore red.",
    fix=(
        "Sort the last twenty failures by their cause; a few causes make most of them.",
        "Run the slow or moody checks before the merge, so that a deployment only repeats what passed.",
        "Make the deployment itself repeatable: the same artefact, no build at that moment.",
    ),
    first_slice=FirstSlice("Sort the last twenty failures by cause", 4),
    effort=Effort(0.5, 2, 5),
    removes=0.6,
    verify="Fewer than one in five of the next forty deployments fails.",
    rollback="None needed: checks move, nothing else changes.",
    references=("DORA, Accelerate State of DevOps 2024 https://dora.dev/research/2024/dora-report/",),
    check=check,
)
