"""More users bring no more answers, only longer waits."""

from collections.abc import Iterator
from itertools import pairwise

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown

MORE_USERS = 1.2
FLAT = 1.1  # throughput grew by less than a tenth
ENOUGH_RUNS = 3


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Steps of one tool, by users; two steps tell no curve."""
    runs = sorted(evidence.having("load.run", "users", "rps", "p95_ms"), key=lambda row: row.metrics["users"])
    for before, after in pairwise(runs):
        small, large = before.metrics, after.metrics
        flat = large["users"] >= MORE_USERS * small["users"] and large["rps"] < FLAT * small["rps"]
        if not flat or large["p95_ms"] <= threshold.value * small["p95_ms"]:
            continue
        if len(runs) < ENOUGH_RUNS or before.attrs.get("tool") != after.attrs.get("tool"):
            yield CannotTell("runs of the same test with at least three numbers of users")
        else:
            yield _hit(before, after, threshold.value * small["p95_ms"])
        return


def _hit(before: Evidence, after: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"With {told(after, 'users')} users the load test's p95 is {told(after, 'p95_ms')} (limit "
        f"{shown(limit, 'ms')}) "
        f"at {told(after, 'rps')} requests a second; with {told(before, 'users')} it was {told(before, 'p95_ms')} at "
        f"{told(before, 'rps')}."
    )
    cites = sorted(told.cites, key=lambda cite: cite.metric != "p95_ms" or cite.evidence is not after)
    return Hit(
        subject=Subject("scenario", "load steps"),
        title="The system is full in the test",
        said=said,
        cites=tuple(cites),
        limit=limit,
        breach=True,
        shared=True,
    )


RULE = Rule(
    id="PL058",
    slug="load-knee",
    area="platform",
    mechanism="load-test-breach",
    title="More load brings longer waits only",
    needs=(("load.run", "users"), ("load.run", "rps"), ("load.run", "p95_ms")),
    threshold=Threshold(
        2,
        "1",
        "The p95 doubles while throughput grows by less than a tenth: some resource is full from there on.",
        "Gunther, Universal Scalability Law",
    ),
    degradation=0.3,
    why="From this number of visitors on nobody is served sooner by more machines of the same kind at the front: "
    "something behind them is full.",
    fix=(
        "Take seven tenths of the throughput at this step as what the system may be planned with.",
        "Find what is full at this step: connections, one core, a lock, a pool.",
        "Relieve it, and run the steps again.",
    ),
    first_slice=FirstSlice("Watch pool, cores and locks during this step", 5),
    effort=Effort(0.5, 2, 4),
    removes=0.6,
    verify="At this number of users the p95 stays within twice that of the step before.",
    rollback="Nothing was changed by the test.",
    references=("Gunther, Universal Scalability Law https://www.perfdynamics.com/Manifesto/USLscalability.html",),
    check=check,
)
